// Numbers as JSON writes them (RFC 8259, section 6).
#pragma once

#include <cstddef>
#include <cstdint>
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

/// What most numbers in logs are, in one pass: no exponent, and few enough digits that one division
/// gives the nearest binary64 (Clinger, "How to Read Floating Point Numbers Accurately", 1990).
/// False: another number, or none. Else the same as read_json_number().
/// REQUIRES: `text` is not empty.
inline bool read_plain_number(std::string_view text, Value& out) noexcept {
  constexpr std::size_t kDigits = 15;  // 10^15 is below 2^53
  static constexpr double kPowersOfTen[kDigits + 1] = {
      1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const bool negative = text.front() == '-';
  if (text.size() > kDigits + 2) return false;
  const char* at = text.data() + (negative ? 1 : 0);
  const char* const end = text.data() + text.size();
  std::int64_t digits = 0;
  const auto read_digits = [&] {
    const char* const begin = at;
    for (; at != end && *at >= '0' && *at <= '9'; ++at) digits = digits * 10 + (*at - '0');
    return static_cast<std::size_t>(at - begin);
  };
  const bool zero = at != end && *at == '0';
  const std::size_t whole = read_digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (at == end) {
    out = Value::integer(negative ? -digits : digits);
    return true;
  }
  if (*at++ != '.') return false;
  const std::size_t fraction = read_digits();
  if (at != end || fraction == 0 || whole + fraction > kDigits) return false;
  const double real = static_cast<double>(digits) / kPowersOfTen[fraction];
  out = Value::real(negative ? -real : real);
  return true;
}

}  // namespace weir::connectors
