// The one form of time that most logs write, read in a few instructions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "weir/event/time.hpp"

namespace weir::connectors {

/// "2026-01-31T08:00:00Z", also with a fraction of one to nine digits. Nothing where `text` is of
/// another form, has a part out of range, is of the second 60, or of a year at the ends of what a
/// Timestamp holds: weir::parse_iso8601 says what these are. Else the same as it says.
std::optional<Timestamp> read_utc_time(std::string_view text) noexcept;

/// The same, faster where most times are of the day of the one before. Used by one thread at a
/// time.
class UtcTimeReader {
 public:
  UtcTimeReader() noexcept;
  std::optional<Timestamp> read(std::string_view text) noexcept;

 private:
  // The day that was read last, the epoch's at first: a text's bytes 0 to 7 and 3 to 10, and when
  // it began.
  std::uint64_t year_month_;
  std::uint64_t month_day_;
  std::int64_t midnight_ = 0;
};

}  // namespace weir::connectors
