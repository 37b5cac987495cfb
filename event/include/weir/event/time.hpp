// Event time: instants and spans in nanoseconds, and their text forms.
//
// A Timestamp counts nanoseconds from the Unix epoch (UTC, no leap seconds), so that 64 bits reach
// from 1677-09-21 to 2262-04-11. Every reader refuses what lies outside; nothing wraps.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

inline constexpr std::int64_t kNsPerMs = 1'000'000;
inline constexpr std::int64_t kNsPerSecond = 1'000'000'000;
inline constexpr std::int64_t kNsPerMinute = 60 * kNsPerSecond;
inline constexpr std::int64_t kNsPerHour = 60 * kNsPerMinute;
inline constexpr std::int64_t kNsPerDay = 24 * kNsPerHour;
inline constexpr std::int64_t kNsPerWeek = 7 * kNsPerDay;

struct Duration {
  std::int64_t ns = 0;
  friend auto operator<=>(Duration, Duration) = default;
};

struct Timestamp {
  std::int64_t ns = 0;
  friend auto operator<=>(Timestamp, Timestamp) = default;

  static constexpr Timestamp min() { return {std::numeric_limits<std::int64_t>::min()}; }
  static constexpr Timestamp max() { return {std::numeric_limits<std::int64_t>::max()}; }
};

/// Saturating sums: a deadline past the end of time is the end of time, never a wrapped one.
Timestamp operator+(Timestamp t, Duration d) noexcept;
Timestamp operator-(Timestamp t, Duration d) noexcept;

/// The span from `b` to `a`; saturates.
Duration operator-(Timestamp a, Timestamp b) noexcept;

/// Reads "250ms", "10s", "5m", "2h", "7d", "1w" and sums such as "1h30m"; digits are decimal and
/// whole. The whole text must be one duration. Nothing on overflow of 64 bits of nanoseconds.
std::optional<Duration> parse_duration(std::string_view text) noexcept;

/// The shortest sum that parse_duration reads back: 90 s is "1m30s", zero is "0s". What is no whole
/// millisecond is written with "us" and "ns", which rules cannot write.
std::string format_duration(Duration d);

/// Reads ISO 8601 / RFC 3339: "2026-01-01T00:00:00Z", a space for T, a fraction of up to 9 digits
/// (more are cut off), an offset "+01:00", "+0100", "+01" or "Z", or none (`assumed_offset` then
/// holds). A second of 60 reads as the first instant of the next minute. A date alone is its
/// midnight. Nothing where a part is out of its range or the instant outside Timestamp's.
std::optional<Timestamp> parse_iso8601(std::string_view text,
                                       Duration assumed_offset = {}) noexcept;

/// "2026-01-01T00:02:00.000Z": three digits of a second, or six or nine where they are needed.
std::string format_iso8601(Timestamp t);
void append_iso8601(std::string& out, Timestamp t);

/// A civil date and time of day in UTC, proleptic Gregorian.
struct CivilTime {
  std::int64_t year = 1970;
  unsigned month = 1;  // 1..12
  unsigned day = 1;    // 1..31
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;  // 0..60 on the way in
  std::uint32_t ns = 0;
};

/// Nothing where a part is out of range (also a 30th of February) or the instant not representable.
std::optional<Timestamp> to_timestamp(const CivilTime& civil) noexcept;
CivilTime to_civil(Timestamp t) noexcept;

/// Monday = 1 .. Sunday = 7, of the UTC day that `t` lies in.
int weekday(Timestamp t) noexcept;

}  // namespace weir
