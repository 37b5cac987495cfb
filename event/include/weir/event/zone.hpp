// Time zones: the offset of an instant, and the instant of a local time.
//
// Named zones are the system's (TZif files of the IANA database); the folder is $TZDIR or
// /usr/share/zoneinfo. A Zone is immutable: share it between threads at will.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/event/time.hpp"

namespace weir {

class Zone;
using ZonePtr = std::shared_ptr<const Zone>;

/// One change of a rule such as "the last Sunday of March at 02:00" (POSIX TZ).
struct ZoneChange {
  enum class Kind : std::uint8_t { kMonthWeekDay, kJulian, kDayOfYear } kind = Kind::kMonthWeekDay;
  int month = 0;  // 1..12
  int week = 0;   // 1..5; 5 is the last
  int day = 0;    // kMonthWeekDay: Sunday = 0; kJulian: 1..365, never 29 February; else 0..365
  std::int64_t seconds = 7200;  // of the local day, may be negative or past its end
};

/// What holds after the last change that a zone's file lists.
struct ZoneRule {
  std::int64_t standard = 0;  // offsets in seconds, east positive
  std::int64_t daylight = 0;
  bool has_daylight = false;
  ZoneChange start;  // of daylight time, in standard time
  ZoneChange end;    // of daylight time, in daylight time
};

class Zone {
 public:
  /// "Europe/Berlin", "UTC", "Z", or an offset "+02:00", "-0530", "+1" of less than a day. Null,
  /// with `error` a sentence, where there is no such zone or its file cannot be read.
  static ZonePtr find(std::string_view name, std::string& error);
  static ZonePtr utc();

  /// Local time less UTC at `t`. O(log of the number of changes).
  Duration offset_at(Timestamp t) const noexcept;

  /// The instant of a local time, given as if it were UTC. A local time that occurs twice (clocks
  /// put back) is the first of the two; one that never occurs (clocks put forward) is read with the
  /// offset before the change, so that 02:30 in the gap is 03:30. Saturates.
  Timestamp to_utc(Timestamp local) const noexcept;

  bool is_utc() const noexcept {
    return changes_.empty() && rule_.standard == 0 && !rule_.has_daylight;
  }

 private:
  friend ZonePtr parse_tzif(std::string_view bytes);

  std::int64_t offset_seconds(std::int64_t utc_seconds) const noexcept;

  // changes_[i] is when offsets_[i + 1] begins, in seconds of UTC; offsets_[0] holds before them.
  std::vector<std::int64_t> changes_;
  std::vector<std::int64_t> offsets_ = {0};
  bool has_rule_ = true;
  ZoneRule rule_;
};

/// Reads the bytes of a TZif file (RFC 8536). Null where they are none. Safe on any input.
ZonePtr parse_tzif(std::string_view bytes);

/// Reads a POSIX TZ string, "CET-1CEST,M3.5.0,M10.5.0/3". False where it is none.
bool parse_posix_tz(std::string_view text, ZoneRule& rule);

}  // namespace weir
