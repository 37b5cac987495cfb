// One regular expression, matched by Hyperscan: linear in the text, whatever it is.
#pragma once

#include <cstdint>
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

  /// What it is matched against.
  enum class Sees : std::uint8_t {
    kCodePoints,  // the text repaired
    kAscii,       // either: see sees_ascii_alone()
    kBytes,       // the text as it is: the expression is no UTF-8 itself
  };
  Sees sees() const noexcept { return sees_; }

 private:
  Regex(HsPattern pattern, bool ignore_case, Sees sees)
      : pattern_(std::move(pattern)), ignore_case_(ignore_case), sees_(sees) {}

  HsPattern pattern_;
  bool ignore_case_;
  Sees sees_;
  mutable std::once_flag compiled_;
  mutable std::optional<HsDatabase> database_;
};

/// The expression finds in a text's bytes what it finds in the code points of the repaired text: it
/// takes ASCII characters, and anything only by `.*`. A run of `.*` may begin or end within a code
/// point; then a shorter one does as well, since what comes before and after takes ASCII or is an
/// end of the text or of a word, and those lie between code points. False where in doubt.
bool sees_ascii_alone(std::string_view expression, bool ignore_case) noexcept;

/// `text`, or a copy in `room` with U+FFFD for each byte that is no UTF-8.
std::string_view repaired(std::string_view text, std::string& room);

}  // namespace weir::nfa
