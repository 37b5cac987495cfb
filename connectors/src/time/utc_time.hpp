// The one form of time that most logs write, read in a few instructions.
#pragma once

#include <cstdint>
#include <string_view>

#include "weir/event/time.hpp"

namespace weir::connectors {

/// "2026-01-31T08:00:00Z", also with a fraction of one to nine digits. False where `text` is of
/// another form, has a part out of range, is of the second 60, or of a year at the ends of what a
/// Timestamp holds: weir::parse_iso8601 says what these are. Else the same as it says. (An optional
/// would be put together in memory, and waited for there.)
bool read_utc_time(std::string_view text, Timestamp& out) noexcept;

/// The same, faster where most times are of the minute of the one before. Used by one thread at a
/// time.
class UtcTimeReader {
 public:
  UtcTimeReader() noexcept;
  bool read(std::string_view text, Timestamp& out) noexcept;

 private:
  // The minute that was read last, the epoch's at first: 16 bytes of text, and when it began.
  std::uint64_t date_;
  std::uint64_t minute_;
  std::int64_t begin_ = 0;
};

}  // namespace weir::connectors
