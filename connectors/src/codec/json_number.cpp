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

}  // namespace weir::connectors
