// Event time as logs write it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "weir/event/time.hpp"
#include "weir/event/value.hpp"
#include "weir/event/zone.hpp"

#include "weir/connectors/reject.hpp"

namespace weir::connectors {

enum class TimeFormat : std::uint8_t {
  kAuto,  // see TimeReader
  kIso8601,
  kEpochSeconds,
  kEpochMs,
  kEpochUs,
  kEpochNs,
  kStrptime,
};

struct TimeOptions {
  TimeFormat format = TimeFormat::kAuto;
  std::string strptime;              // the format's text, for kStrptime
  ZonePtr zone = Zone::utc();        // of local times
  std::int64_t default_year = 1970;  // of formats without one
};

/// "auto", "iso8601", "epoch_s", "epoch_ms", "epoch_us", "epoch_ns", "strptime:%d/%b/%Y". False,
/// with `error` a sentence, where `text` is none of them.
bool parse_time_format(std::string_view text, TimeOptions& options, std::string& error);

/// The time, or why there is none: kMissingTime (null, empty), kBadTime, kTimeOutOfRange.
struct TimeResult {
  Timestamp time;
  RejectReason fault = RejectReason::kNone;
};

/// Reads times of one format. Immutable; cheap to copy.
///
/// auto: ISO 8601; numbers and texts of digits as time since the epoch, whose unit is told by the
/// size: below 1e11 seconds (to the year 5138), below 1e14 milliseconds (1973 to 5138), below 1e17
/// microseconds, from there on nanoseconds; the access log's "17/May/2015:10:05:03 +0000"; and
/// syslog's "Mar 27 13:06:56". Fractions of a unit count, to the nanosecond. Local times that never
/// occur or occur twice are read as Zone::to_utc says. A second of 60 is the first of the next
/// minute.
class TimeReader {
 public:
  explicit TimeReader(TimeOptions options = {});

  TimeResult read(const Value& value) const;
  TimeResult read_text(std::string_view text) const;
  /// A decimal number of units, exact: "1700000000.123456".
  TimeResult read_number(std::string_view digits) const;

  const TimeOptions& options() const noexcept { return options_; }

 private:
  TimeResult read_iso8601(std::string_view text) const;
  TimeResult read_strptime(std::string_view text, std::string_view format) const;
  TimeResult local(Timestamp time) const;

  TimeOptions options_;
};

/// How many bytes at the start of `line` are an ISO 8601 timestamp (0: none): up to the first
/// space, or to the second one where a date and a time of day stand apart.
std::size_t leading_timestamp(std::string_view line) noexcept;

/// What strptime reads. Times of day without a zone are local (`has_zone` is then false).
struct BrokenTime {
  std::optional<std::int64_t> year;  // many formats lack it
  CivilTime civil;
  bool has_zone = false;
  Duration offset;
  std::optional<std::int64_t> epoch_seconds;  // %s
};

/// %Y %y %m %d %e %j %H %I %M %S %f (fraction) %p %b %B %h %a %A %z (also "Z") %Z (UTC, GMT, Z) %s
/// %T %D %F %R %n %t %%; white space matches any white space. Names are English, whatever the
/// locale. False where the whole text is not of the format.
bool parse_strptime(std::string_view text, std::string_view format, BrokenTime& out);

}  // namespace weir::connectors
