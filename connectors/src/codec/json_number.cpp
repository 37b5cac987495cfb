#include "codec/json_number.hpp"

#include <charconv>
#include <system_error>

namespace weir::connectors {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t digits(std::string_view text, std::size_t at) {
  std::size_t n = 0;
  while (at + n < text.size() && is_digit(text[at + n])) ++n;
  return n;
}

}  // namespace

bool is_json_number(std::string_view text) noexcept {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const std::size_t whole = digits(text, at);
  if (whole == 0 || (whole > 1 && text[at] == '0')) return false;
  at += whole;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = digits(text, at + 1);
    if (fraction == 0) return false;
    at += 1 + fraction;
  }
  if (at < text.size() && (text[at] | 0x20) == 'e') {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t exponent = digits(text, at);
    if (exponent == 0) return false;
    at += exponent;
  }
  return at == text.size();
}

JsonNumber read_json_number(std::string_view text) noexcept {
  JsonNumber number;
  const char* const end = text.data() + text.size();
  if (text.find_first_of(".eE") == text.npos) {
    std::int64_t whole = 0;
    number.integer_overflow = std::from_chars(text.data(), end, whole).ec != std::errc();
    if (!number.integer_overflow) number.value = Value::integer(whole);
    return number;
  }
  double real = 0;
  if (std::from_chars(text.data(), end, real).ec == std::errc()) {
    number.value = Value::real(real);
    return number;
  }
  // Out of range is either side: what is too small is zero.
  const std::size_t exponent = text.find_first_of("eE");
  if (exponent != text.npos && text[exponent + 1] == '-') {
    number.value = Value::real(text.starts_with('-') ? -0.0 : 0.0);
  } else {
    const bool tiny = text.substr(0, exponent).find_first_of("123456789") == text.npos ||
                      (exponent == text.npos && text.find_first_of("123456789") > text.find('.'));
    number.float_overflow = !tiny;
    if (tiny) number.value = Value::real(0.0);
  }
  return number;
}

bool read_plain_number(std::string_view text, Value& out) noexcept {
  constexpr std::size_t kDigits = 15;  // 10^15 is below 2^53
  static constexpr double kPowersOfTen[kDigits + 1] = {
      1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const bool negative = text.front() == '-';
  if (text.size() > kDigits + 2) return false;
  const char* at = text.data() + (negative ? 1 : 0);
  const char* const end = text.data() + text.size();
  std::int64_t number = 0;
  const auto read_digits = [&] {
    const char* const begin = at;
    for (; at != end && is_digit(*at); ++at) number = number * 10 + (*at - '0');
    return static_cast<std::size_t>(at - begin);
  };
  const bool zero = at != end && *at == '0';
  const std::size_t whole = read_digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (at == end) {
    out = Value::integer(negative ? -number : number);
    return true;
  }
  if (*at++ != '.') return false;
  const std::size_t fraction = read_digits();
  if (at != end || fraction == 0 || whole + fraction > kDigits) return false;
  const double real = static_cast<double>(number) / kPowersOfTen[fraction];
  out = Value::real(negative ? -real : real);
  return true;
}

}  // namespace weir::connectors
