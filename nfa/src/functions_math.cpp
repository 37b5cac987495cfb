// Arithmetic of expressions.
#include <cmath>
#include <limits>
#include <numbers>

#include "functions.hpp"

namespace weir::nfa {
namespace {

using enum ValueType;

bool both(const Value& a, ValueType x, const Value& b, ValueType y) noexcept {
  return a.type() == x && b.type() == y;
}

bool numbers(const Value& a, const Value& b) noexcept {
  return a.is_number() && b.is_number();
}

enum class Made : std::uint8_t { kInteger, kDuration, kTimestamp };

/// The checked result of an integer operation as a value of the kind asked for.
Value made(bool overflow, std::int64_t ns, Made kind) noexcept {
  if (overflow) return {};
  switch (kind) {
    case Made::kInteger:
      return Value::integer(ns);
    case Made::kDuration:
      return Value::duration({ns});
    case Made::kTimestamp:
      return Value::timestamp({ns});
  }
  return {};
}

Value checked_add(std::int64_t a, std::int64_t b, Made kind) noexcept {
  std::int64_t sum = 0;
  const bool overflow = __builtin_add_overflow(a, b, &sum);
  return made(overflow, sum, kind);
}

Value checked_subtract(std::int64_t a, std::int64_t b, Made kind) noexcept {
  std::int64_t difference = 0;
  const bool overflow = __builtin_sub_overflow(a, b, &difference);
  return made(overflow, difference, kind);
}

Value checked_multiply(std::int64_t a, std::int64_t b, Made kind) noexcept {
  std::int64_t product = 0;
  const bool overflow = __builtin_mul_overflow(a, b, &product);
  return made(overflow, product, kind);
}

Value scale_duration(std::int64_t ns, const Value& by) noexcept {
  if (by.type() == kInt) return checked_multiply(ns, by.as_int(), Made::kDuration);
  return nearest_duration(static_cast<long double>(ns) * static_cast<long double>(by.as_float()));
}

double radians(const Value& degrees) noexcept {
  return degrees.number() * std::numbers::pi / 180;
}

/// 10^n for n of 0..18.
constexpr std::int64_t power_of_ten(int n) noexcept {
  std::int64_t p = 1;
  for (int i = 0; i < n; ++i) p *= 10;
  return p;
}

/// Halves away from zero, as people round.
Value round_to_tens(std::int64_t v, std::int64_t unit) noexcept {
  const std::int64_t rest = v % unit;
  const std::int64_t base = v - rest;
  // rest is below unit, which is at most 10^18: twice it fits.
  if (rest * 2 >= unit) return checked_add(base, unit, Made::kInteger);
  if (-rest * 2 >= unit) return checked_subtract(base, unit, Made::kInteger);
  return Value::integer(base);
}

}  // namespace

Value finite(double d) noexcept {
  return std::isfinite(d) ? Value::real(d) : Value{};
}

Value nearest_duration(long double ns) noexcept {
  constexpr long double kTwo63 = 9223372036854775808.0L;
  const long double whole = std::round(ns);
  if (!(whole >= -kTwo63 && whole < kTwo63)) return {};
  return Value::duration({static_cast<std::int64_t>(whole)});
}

Value add(const Value& a, const Value& b) noexcept {
  if (both(a, kInt, b, kInt)) return checked_add(a.as_int(), b.as_int(), Made::kInteger);
  if (numbers(a, b)) return finite(a.number() + b.number());
  if (both(a, kDuration, b, kDuration)) {
    return checked_add(a.as_duration().ns, b.as_duration().ns, Made::kDuration);
  }
  if (both(a, kTimestamp, b, kDuration)) {
    return checked_add(a.as_timestamp().ns, b.as_duration().ns, Made::kTimestamp);
  }
  if (both(a, kDuration, b, kTimestamp)) return add(b, a);
  return {};
}

Value subtract(const Value& a, const Value& b) noexcept {
  if (both(a, kInt, b, kInt)) return checked_subtract(a.as_int(), b.as_int(), Made::kInteger);
  if (numbers(a, b)) return finite(a.number() - b.number());
  if (both(a, kTimestamp, b, kTimestamp)) {
    return checked_subtract(a.as_timestamp().ns, b.as_timestamp().ns, Made::kDuration);
  }
  if (both(a, kDuration, b, kDuration)) {
    return checked_subtract(a.as_duration().ns, b.as_duration().ns, Made::kDuration);
  }
  if (both(a, kTimestamp, b, kDuration)) {
    return checked_subtract(a.as_timestamp().ns, b.as_duration().ns, Made::kTimestamp);
  }
  return {};
}

Value multiply(const Value& a, const Value& b) noexcept {
  if (both(a, kInt, b, kInt)) return checked_multiply(a.as_int(), b.as_int(), Made::kInteger);
  if (numbers(a, b)) return finite(a.number() * b.number());
  if (a.type() == kDuration && b.is_number()) return scale_duration(a.as_duration().ns, b);
  if (b.type() == kDuration && a.is_number()) return scale_duration(b.as_duration().ns, a);
  return {};
}

Value divide(const Value& a, const Value& b) noexcept {
  if (numbers(a, b)) {
    const double divisor = b.number();
    return divisor == 0 ? Value{} : finite(a.number() / divisor);
  }
  if (a.type() != kDuration) return {};
  const std::int64_t ns = a.as_duration().ns;
  if (b.is_number()) {
    const auto divisor = b.type() == kInt ? static_cast<long double>(b.as_int())
                                          : static_cast<long double>(b.as_float());
    return divisor == 0 ? Value{} : nearest_duration(static_cast<long double>(ns) / divisor);
  }
  if (b.type() == kDuration) {
    const std::int64_t divisor = b.as_duration().ns;
    if (divisor == 0) return {};
    return finite(static_cast<double>(ns) / static_cast<double>(divisor));
  }
  return {};
}

Value remainder(const Value& a, const Value& b) noexcept {
  if (both(a, kInt, b, kInt)) {
    const std::int64_t divisor = b.as_int();
    if (divisor == 0) return {};
    // INT64_MIN % -1 traps on some machines.
    return Value::integer(divisor == -1 ? 0 : a.as_int() % divisor);
  }
  if (!numbers(a, b) || b.number() == 0) return {};
  return finite(std::fmod(a.number(), b.number()));
}

Value negate(const Value& v) noexcept {
  switch (v.type()) {
    case kInt:
      return checked_subtract(0, v.as_int(), Made::kInteger);
    case kFloat:
      return Value::real(-v.as_float());
    case kDuration:
      return checked_subtract(0, v.as_duration().ns, Made::kDuration);
    default:
      return {};
  }
}

Value absolute(const Value& v) noexcept {
  switch (v.type()) {
    case kInt:
      return v.as_int() < 0 ? negate(v) : v;
    case kFloat:
      return Value::real(std::fabs(v.as_float()));
    case kDuration:
      return v.as_duration().ns < 0 ? negate(v) : v;
    default:
      return {};
  }
}

Value round_whole(const Value& v) noexcept {
  if (v.type() == kInt) return v;
  if (v.type() != kFloat) return {};
  const double whole = std::round(v.as_float());
  if (!(whole >= -9223372036854775808.0 && whole < 9223372036854775808.0)) return {};
  return Value::integer(static_cast<std::int64_t>(whole));
}

Value round_digits(const Value& v, const Value& digits) noexcept {
  if (!v.is_number() || digits.type() != kInt) return {};
  const std::int64_t n = digits.as_int();
  if (v.type() == kInt) {
    if (n >= 0) return v;
    return n < -18 ? Value::integer(0)
                   : round_to_tens(v.as_int(), power_of_ten(static_cast<int>(-n)));
  }
  const double d = v.as_float();
  if (n > 15) return v;
  if (n < -18) return Value::real(0);
  const auto scale = static_cast<double>(power_of_ten(static_cast<int>(n < 0 ? -n : n)));
  const double scaled = n < 0 ? d / scale : d * scale;
  // So large a number has no digits there to round.
  if (!std::isfinite(scaled)) return v;
  return finite(n < 0 ? std::round(scaled) * scale : std::round(scaled) / scale);
}

Value hour_of(Timestamp t, Duration offset) noexcept {
  return Value::integer(to_civil(t + offset).hour);
}

Value weekday_of(Timestamp t, Duration offset) noexcept {
  return Value::integer(weekday(t + offset));
}

Value distance_km(const Value& lat1, const Value& lon1, const Value& lat2,
                  const Value& lon2) noexcept {
  if (!numbers(lat1, lon1) || !numbers(lat2, lon2)) return {};
  constexpr double kRadius = 6371.0088;
  const double a = radians(lat1);
  const double b = radians(lat2);
  const double half_lat = std::sin((b - a) / 2);
  const double half_lon = std::sin((radians(lon2) - radians(lon1)) / 2);
  const double h = half_lat * half_lat + std::cos(a) * std::cos(b) * half_lon * half_lon;
  return finite(2 * kRadius * std::asin(std::sqrt(h < 1 ? h : 1)));
}

}  // namespace weir::nfa
