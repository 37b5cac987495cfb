// RE2 behind one small class: named groups, and expressions written with (?<name>...).
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace re2 {
class RE2;
}

namespace weir::connectors {

/// A longer expression is refused.
inline constexpr std::size_t kMaxExpressionBytes = 64 * 1024;

class FoundGroups;

/// A compiled expression. Immutable: any number of threads may match at once.
class Expression {
 public:
  /// Null, with `error`, where RE2 refuses the text.
  static std::unique_ptr<Expression> compile(std::string_view text, std::string& error);
  ~Expression();

  /// Named groups in order of their place, with their numbers.
  const std::vector<std::pair<std::string, int>>& groups() const noexcept { return groups_; }

  /// Finds the expression anywhere in `text`. `found[i]` is then group i's text; its data() is null
  /// where the group took no part.
  bool find(std::string_view text, FoundGroups& found) const;

 private:
  Expression() = default;
  std::unique_ptr<re2::RE2> re2_;
  std::vector<std::pair<std::string, int>> groups_;
};

/// What groups matched, up to the last that has a name. Most expressions have few, and no memory is
/// asked for then.
class FoundGroups {
 public:
  std::string_view operator[](std::size_t group) const noexcept {
    return many_.empty() ? few_[group] : many_[group];
  }
  /// Makes room for so many.
  std::span<std::string_view> resize(std::size_t count);

 private:
  std::array<std::string_view, 24> few_;
  std::vector<std::string_view> many_;
};

/// `(?<name>` as RE2 wants it, `(?P<name>`; what is escaped or in a class of characters stays.
std::string to_re2_syntax(std::string_view text);

}  // namespace weir::connectors
