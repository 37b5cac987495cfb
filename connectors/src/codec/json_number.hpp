// Numbers as JSON writes them (RFC 8259, section 6).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "weir/event/value.hpp"

namespace weir::connectors {

bool is_json_number(std::string_view text) noexcept;

/// The number that a JSON number's text says: an integer where it has neither point nor exponent.
struct JsonNumber {
  Value value;
  bool integer_overflow = false;  // past 64 bits
  bool float_overflow = false;    // past binary64
};
/// REQUIRES: is_json_number(text).
JsonNumber read_json_number(std::string_view text) noexcept;

/// What most numbers in logs are: no exponent, and few enough digits that one division gives the
/// nearest binary64 (Clinger, "How to Read Floating Point Numbers Accurately", 1990). False:
/// another number, or none. Else the same as read_json_number(). REQUIRES: `text` is not empty.
bool read_plain_number(std::string_view text, Value& out) noexcept;

/// The same of at most 8 characters and a sign, all of them at once ("SIMD within a register").
/// REQUIRES: `text` is not empty; 9 bytes can be read from its first on.
inline bool read_short_number(std::string_view text, Value& out) noexcept {
  constexpr std::uint64_t kEach = 0x0101010101010101;
  const bool negative = text.front() == '-';
  const char* const begin = text.data() + (negative ? 1 : 0);
  const std::size_t size = text.size() - (negative ? 1 : 0);
  if (size - 1 >= sizeof(std::uint64_t)) return false;
  // The last character in the last byte, a digit as its value, zeros before the first.
  std::uint64_t digits = 0;
  std::memcpy(&digits, begin, sizeof(digits));
  digits = (digits ^ '0' * kEach) << 8 * (sizeof(digits) - size);
  std::size_t whole = size;
  std::size_t fraction = 0;
  const std::uint64_t others = (digits | (digits + (0x7f - 9) * kEach)) & 0x80 * kEach;
  if (others != 0) {
    // One that is no digit, and it is the point: what stands before it moves up to its place.
    const auto point = static_cast<unsigned>(std::countr_zero(others)) / 8;
    const std::uint64_t before = (std::uint64_t{1} << 8 * point) - 1;
    fraction = 7 - point;
    whole = size - 1 - fraction;
    if ((others & (others - 1)) != 0 || (digits >> 8 * point & 0xff) != ('.' ^ '0') ||
        fraction == 0 || fraction >= size - 1) {
      return false;
    }
    digits = (digits & before) << 8 | (digits & ~(before << 8 | 0xff));
  }
  if (*begin == '0' && whole > 1) return false;
  // Two digits, four, and all eight become one number each.
  digits = (digits * 10 + (digits >> 8)) & 0x00ff00ff00ff00ff;
  digits = (digits * 100 + (digits >> 16)) & 0x0000ffff0000ffff;
  const auto number = static_cast<std::int64_t>((digits * 10000 + (digits >> 32)) & 0xffffffff);
  if (others == 0) {
    out = Value::integer(negative ? -number : number);
    return true;
  }
  static constexpr double kPowersOfTen[8] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
  const double real = static_cast<double>(number) / kPowersOfTen[fraction];
  out = Value::real(negative ? -real : real);
  return true;
}

}  // namespace weir::connectors
