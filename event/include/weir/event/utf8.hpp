// Reading of UTF-8: what a text's bytes are code points of, and what they are not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
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

/// Bytes below 0x80 alone.
inline bool ascii(std::string_view s) noexcept {
  // Without an early end, in blocks that compilers make wide loads of.
  std::uint64_t all[4] = {};
  const char* at = s.data();
  std::size_t left = s.size();
  for (; left >= sizeof all; left -= sizeof all, at += sizeof all) {
    std::uint64_t block[4];
    std::memcpy(block, at, sizeof block);
    for (int i = 0; i < 4; ++i) all[i] |= block[i];
  }
  std::uint64_t rest = all[0] | all[1] | all[2] | all[3];
  for (; left >= sizeof rest; left -= sizeof rest, at += sizeof rest) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    rest |= word;
  }
  if (left > 0 && s.size() >= sizeof rest) {
    std::uint64_t word = 0;  // some bytes twice
    std::memcpy(&word, s.data() + s.size() - sizeof word, sizeof word);
    rest |= word;
  } else {
    for (; left > 0; --left, ++at) rest |= static_cast<unsigned char>(*at);
  }
  return (rest & 0x8080808080808080ULL) == 0;
}

/// Every byte belongs to a code point.
inline bool valid(std::string_view s) noexcept {
  if (ascii(s)) return true;
  std::size_t i = 0;
  while (i < s.size()) {
    if (static_cast<unsigned char>(s[i]) < 0x80) {
      ++i;
      continue;
    }
    const std::size_t n = sequence_length(s.substr(i));
    if (n == 0) return false;
    i += n;
  }
  return true;
}

/// Appends `s` with U+FFFD for each byte that belongs to no code point.
inline void append_repaired(std::string& out, std::string_view s) {
  std::size_t i = 0;
  while (i < s.size()) {
    const std::size_t n = sequence_length(s.substr(i));
    if (n == 0) {
      out += "\xEF\xBF\xBD";
      ++i;
    } else {
      out += s.substr(i, n);
      i += n;
    }
  }
}

/// Code points of a valid text; in another, bytes that are no continuation.
inline std::size_t length(std::string_view s) noexcept {
  std::size_t n = 0;
  for (const char c : s) n += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  return n;
}

}  // namespace weir::utf8
