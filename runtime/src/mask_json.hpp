// JSON text read in place, for masking: what is not hidden stays as it was written, byte for byte.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "mask.hpp"
#include "weir/event/value.hpp"

namespace weir::runtime {

/// Reads forward through JSON text. Never reads past it; what is no JSON sets failed().
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view json) : json_(json) {}

  bool failed() const noexcept { return failed_; }
  /// The next character that is no white space; 0 at the end.
  char peek() noexcept;
  bool take(char c) noexcept;
  /// A string with its quotes.
  std::string_view string_token() noexcept;
  /// A number, true, false or null.
  std::string_view scalar_token() noexcept;
  /// Past one value of any kind, which is returned.
  std::string_view skip_value();
  void fail() noexcept { failed_ = true; }

 private:
  std::string_view json_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

/// The text of a string token: without quotes and escapes. Lone surrogates become U+FFFD.
std::string unescape_json(std::string_view token);

/// The text of a scalar or string token as messages show the value: "4.10" is 4.1.
std::string scalar_text(std::string_view token);

/// Calls `member` with the name and the value's text of each member of an object.
void for_each_member(std::string_view object,
                     const std::function<void(std::string_view, std::string_view)>& member);

/// Appends `record`, an object, with every value masked whose path `masked` holds, and `repeated`
/// (and what was masked) hidden in its other strings; its first-level "type" and "ts" stay. Where
/// it is no JSON, one masked string.
void append_masked_record(std::string& out, std::string_view record,
                          const std::function<bool(std::string_view)>& masked,
                          HiddenTexts repeated);

}  // namespace weir::runtime
