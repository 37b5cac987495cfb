#include "codec/cell.hpp"

#include <algorithm>
#include <charconv>

#include "codec/json_number.hpp"

namespace weir::connectors {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

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
