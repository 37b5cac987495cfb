// Comparison of numbers as weir::compare() does it, where the types are known.
#pragma once

#include <cmath>
#include <cstdint>

#include "flat_tests.hpp"

namespace weir::nfa {

template <typename T>
std::uint8_t outcome(T a, T b) noexcept {
  return static_cast<std::uint8_t>((a < b ? kLess : 0) | (a == b ? kEqual : 0) |
                                   (a > b ? kGreater : 0));
}

/// Exact: neither side is rounded to the other's type.
inline std::uint8_t outcome(std::int64_t i, double d) noexcept {
  constexpr double kTwo63 = 9223372036854775808.0;
  if (d >= kTwo63) return kLess;
  if (d < -kTwo63) return kGreater;
  const auto whole = static_cast<std::int64_t>(d);
  if (i != whole) return outcome(i, whole);
  return outcome(static_cast<double>(whole), d);
}

inline std::uint8_t outcome(double d, std::int64_t i) noexcept {
  const std::uint8_t turned = outcome(i, d);
  if (turned == kEqual) return kEqual;
  return turned == kLess ? kGreater : kLess;
}

}  // namespace weir::nfa
