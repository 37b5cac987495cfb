// Reading of UTF-8, for what writes strings out.
#pragma once

#include <cstddef>
#include <string_view>

namespace weir::utf8 {

/// Bytes of the code point that `s` begins with, 1 to 4; 0 where it begins with none (also for
/// overlong forms, surrogates and what lies past U+10FFFF: RFC 3629, section 4) or is empty.
inline std::size_t sequence_length(std::string_view s) noexcept {
  const auto at = [&](std::size_t i) {
    return i < s.size() ? static_cast<unsigned>(static_cast<unsigned char>(s[i])) : 0U;
  };
  const auto tail = [&](std::size_t i) { return (at(i) & 0xC0U) == 0x80U; };
  if (s.empty()) return 0;
  const unsigned a = at(0);
  const unsigned b = at(1);
  if (a < 0x80) return 1;
  if (a >= 0xC2 && a <= 0xDF) return tail(1) ? 2 : 0;
  if (a >= 0xE0 && a <= 0xEF) {
    if (!tail(1) || !tail(2)) return 0;
    if ((a == 0xE0 && b < 0xA0) || (a == 0xED && b > 0x9F)) return 0;
    return 3;
  }
  if (a >= 0xF0 && a <= 0xF4) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    if ((a == 0xF0 && b < 0x90) || (a == 0xF4 && b > 0x8F)) return 0;
    return 4;
  }
  return 0;
}

}  // namespace weir::utf8
