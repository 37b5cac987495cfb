// Time zones by their IANA names, read from the system's compiled files (RFC 8536, TZif).
//
// The process's own zone and environment have no say. Immutable once read; thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/event/time.hpp"

namespace weir::nfa {

/// What a zone does after its last listed change: a POSIX TZ rule (RFC 8536, section 3.3.1).
struct ZoneRule {
  struct Date {
    enum class Kind : std::uint8_t { kMonthWeek, kJulian, kDayOfYear } kind = Kind::kMonthWeek;
    int month = 0;
    int week = 0;              // 5: the last
    int day = 0;               // of the week (Sunday = 0) or of the year
    std::int64_t time = 7200;  // seconds of local time
  };
  std::int64_t standard = 0;  // seconds east of UTC
  std::int64_t summer = 0;
  bool has_summer = false;
  Date begin;  // of summer time, in standard time
  Date end;    // in summer time
};

class Zone {
 public:
  /// Null where the system knows no such zone. "UTC" needs no file.
  static std::shared_ptr<const Zone> load(std::string_view name);
  /// Reads the bytes of a TZif file; null where they are none.
  static std::shared_ptr<const Zone> parse(std::string_view name, std::string_view bytes);

  const std::string& name() const noexcept { return name_; }
  /// Seconds east of UTC at that instant.
  std::int64_t offset_at(Timestamp t) const noexcept;
  /// The instant of a local time given as if it were UTC's. A local time that occurs twice is the
  /// first of them, one that is left out counts with the offset from before the gap.
  Timestamp from_local(Timestamp local) const noexcept;

 private:
  std::int64_t offset_at_seconds(std::int64_t seconds) const noexcept;

  std::string name_;
  std::vector<std::int64_t> changes_;  // seconds since the epoch, ascending
  std::vector<std::int64_t> offsets_;  // offsets_[i + 1] holds from changes_[i] on
  bool has_rule_ = false;
  ZoneRule rule_;
};

/// Names of the zones that the system knows, for suggestions; sorted. May be empty.
std::vector<std::string> zone_names();

/// Hour (0..23) and weekday (Monday = 1) of `t` at `offset` seconds east of UTC.
int hour_at(Timestamp t, std::int64_t offset) noexcept;
int weekday_at(Timestamp t, std::int64_t offset) noexcept;

}  // namespace weir::nfa
