// The ordered expressions of a format: the first that matches gives a text's type and fields.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codec/expression.hpp"
#include "weir/connectors/codec.hpp"

namespace weir::connectors {

/// Immutable; any number of threads may match at once.
class LineMatcher {
 public:
  /// A named group's value; `name` indexes names().
  struct Capture {
    std::uint32_t name = 0;
    Value value;  // strings are views of the text
  };

  /// Null, with `error`, where an expression is none, or types name a group that there is not.
  /// `zone`: of timestamps without one.
  static std::unique_ptr<LineMatcher> make(const std::vector<FormatLine>& lines,
                                           const TimeOptions& time, std::string& error);

  /// Names of groups, each once.
  const std::vector<std::string>& names() const noexcept { return names_; }

  /// The type of `text` (kUnparsedType where nothing matches) and what the groups captured: those
  /// that took part and whose text is of their type.
  std::string_view match(std::string_view text, std::vector<Capture>& captures) const;

 private:
  struct Group {
    int number = 0;
    std::uint32_t name = 0;
    ValueType type = ValueType::kString;
  };
  struct Line {
    std::string type;
    std::unique_ptr<Expression> expression;
    std::vector<Group> groups;
  };

  explicit LineMatcher(const TimeOptions& time) : time_(time) {}
  std::uint32_t name_index(const std::string& name);

  std::vector<Line> lines_;
  std::vector<std::string> names_;
  TimeReader time_;
};

}  // namespace weir::connectors
