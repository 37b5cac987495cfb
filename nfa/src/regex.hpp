// One regular expression, matched by Hyperscan: linear in the text, whatever it is.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "hyperscan.hpp"

namespace weir::nfa {

/// Immutable to its users; any number of threads may match at once. It is compiled when it is first
/// asked alone: most are found by a string set (string_sets.hpp).
class Regex {
 public:
  /// Null with `error` set where the expression is not regular, too large or malformed.
  static std::unique_ptr<Regex> make(std::string_view expression, bool ignore_case,
                                     std::string& error);

  /// Whether it is found anywhere in `text`. Bytes that are no UTF-8 count as U+FFFD, so that one
  /// bad byte hides nothing.
  bool found_in(std::string_view text) const;

  const std::string& expression() const noexcept { return pattern_.expression; }
  bool ignore_case() const noexcept { return ignore_case_; }
  const HsPattern& pattern() const noexcept { return pattern_; }
  /// It is matched against code points. An expression that is no UTF-8 itself sees bytes.
  bool utf8() const noexcept { return utf8_; }

 private:
  Regex(HsPattern pattern, bool ignore_case, bool utf8)
      : pattern_(std::move(pattern)), ignore_case_(ignore_case), utf8_(utf8) {}

  HsPattern pattern_;
  bool ignore_case_;
  bool utf8_;
  mutable std::once_flag compiled_;
  mutable std::optional<HsDatabase> database_;
};

/// `text`, or a copy in `room` with U+FFFD for each byte that is no UTF-8.
std::string_view repaired(std::string_view text, std::string& room);

}  // namespace weir::nfa
