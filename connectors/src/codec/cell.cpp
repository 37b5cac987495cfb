#include "codec/cell.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

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

Value read_cell(std::string_view text) noexcept {
  if (text.empty()) return {};
  if ((is_digit(text.front()) || text.front() == '-') &&
      static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_digit)) <=
          kMaxCellDigits &&
      is_json_number(text)) {
    const JsonNumber number = read_json_number(text);
    if (!number.value.is_null()) return number.value;
  }
  return Value::string(text);
}

std::optional<Value> read_typed(std::string_view text, ValueType type, const TimeReader& time) {
  switch (type) {
    case ValueType::kInt: {
      std::int64_t whole = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
      if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
      return Value::integer(whole);
    }
    case ValueType::kFloat: {
      if (!is_json_number(text)) return std::nullopt;
      const JsonNumber number = read_json_number(text);
      if (number.value.is_null()) {
        // A whole number past 64 bits is a fine float.
        double real = 0;
        if (number.float_overflow ||
            std::from_chars(text.data(), text.data() + text.size(), real).ec != std::errc()) {
          return std::nullopt;
        }
        return Value::real(real);
      }
      return Value::real(number.value.number());
    }
    case ValueType::kBool:
      if (text == "true") return Value::boolean(true);
      if (text == "false") return Value::boolean(false);
      return std::nullopt;
    case ValueType::kTimestamp: {
      const TimeResult result = time.read_text(text);
      if (result.fault != RejectReason::kNone) return std::nullopt;
      return Value::timestamp(result.time);
    }
    case ValueType::kDuration: {
      const auto duration = parse_duration(text);
      if (!duration) return std::nullopt;
      return Value::duration(*duration);
    }
    case ValueType::kNull:
    case ValueType::kString:
    case ValueType::kList:
      break;
  }
  return Value::string(text);
}

}  // namespace weir::connectors
