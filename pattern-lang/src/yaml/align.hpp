// From a YAML scalar's value back to the bytes that it was written with.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace weir::lang::yaml {

enum class Style : std::uint8_t { kPlain, kSingleQuoted, kDoubleQuoted, kLiteral, kFolded };

/// Where a scalar stands in its text. Offsets are bytes of the text handed to align_scalar().
struct Alignment {
  Style style = Style::kPlain;
  std::uint32_t begin = 0;  // of the scalar itself: past tag and anchor; the quote, the | or >
  std::uint32_t end = 0;    // one past it: past the closing quote, past a block's last line
  std::uint32_t body = 0;   // of the value's first byte
  /// For each byte of the value, and one past it, its offset. Empty: they are `body` + i.
  std::vector<std::uint32_t> map;
  /// False where the value could not be followed through the text; the map then leads to `begin`.
  bool exact = true;
  /// False where a quoted scalar ends with the text: yaml-cpp lets that pass.
  bool closed = true;
};

/// `mark` is where yaml-cpp says that the node begins, `value` what it read there. The walk is
/// guided by the value: both are read in lock step, so that indentation and chomping need not be
/// worked out a second time. O(size of the scalar's text).
Alignment align_scalar(std::string_view text, std::uint32_t mark, std::string_view value);

/// Past the tag and the anchor (and blanks, line breaks and comments after them) that begin at
/// `at`.
std::uint32_t skip_properties(std::string_view text, std::uint32_t at) noexcept;

}  // namespace weir::lang::yaml
