// What expressions compute of values: arithmetic, numbers, text, networks. Pure; no state.
//
// Every function answers null where an operand is null or of a kind it is not made for, and where a
// result does not fit.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "weir/event/value.hpp"

namespace weir::nfa {

// ---- functions_math.cpp

Value add(const Value& a, const Value& b) noexcept;
Value subtract(const Value& a, const Value& b) noexcept;
Value multiply(const Value& a, const Value& b) noexcept;
/// A float; a duration where a duration is divided by a number.
Value divide(const Value& a, const Value& b) noexcept;
/// Takes the dividend's sign.
Value remainder(const Value& a, const Value& b) noexcept;
Value negate(const Value& v) noexcept;
Value absolute(const Value& v) noexcept;

/// The nearest integer, halves away from zero.
Value round_whole(const Value& v) noexcept;
/// Rounded to `digits` decimal digits, which may be negative. An integer stays one.
Value round_digits(const Value& v, const Value& digits) noexcept;

/// Great-circle distance by the haversine formula on a sphere of 6371.0088 km (IUGG mean radius);
/// degrees.
Value distance_km(const Value& lat1, const Value& lon1, const Value& lat2,
                  const Value& lon2) noexcept;

/// Hour (0..23) and weekday (Monday = 1) of the local time that is `offset` ahead of UTC.
Value hour_of(Timestamp t, Duration offset) noexcept;
Value weekday_of(Timestamp t, Duration offset) noexcept;

/// null where not finite.
Value finite(double d) noexcept;
/// A duration of the nearest nanosecond; null outside 64 bits.
Value nearest_duration(long double ns) noexcept;

// ---- functions_text.cpp

/// `*`: any code points, `?`: exactly one, a backslash takes what follows as it is. All of `text`
/// is covered. Time is at most the product of both lengths.
bool like(std::string_view text, std::string_view pattern) noexcept;

/// Lower and upper case, code point by code point, of Latin (ASCII, Latin-1, Extended-A), Greek and
/// Cyrillic letters; all else stays as it is. The results live in `arena`.
std::string_view lower(std::string_view text, ValueArena& arena);
std::string_view upper(std::string_view text, ValueArena& arena);

// ---- functions_cidr.cpp

/// An IPv4 or IPv6 network. An IPv4-mapped address (::ffff:10.0.0.1) counts as IPv4.
struct Network {
  std::array<std::uint8_t, 16> address{};  // IPv4: the first four; bits past the prefix are zero
  std::uint8_t prefix = 0;
  bool v6 = false;
  bool contains(std::string_view address_text) const noexcept;
  friend bool operator==(const Network&, const Network&) = default;
};

/// "10.0.0.0/8", "2001:db8::/32"; an address alone is the network that holds only it. Nothing with
/// `error` set otherwise.
std::optional<Network> parse_network(std::string_view text, std::string& error);
std::string to_text(const Network& network);

}  // namespace weir::nfa
