// The one form of time that most logs write, read in a few instructions.
#pragma once

#include <optional>
#include <string_view>

#include "weir/event/time.hpp"

namespace weir::connectors {

/// "2026-01-31T08:00:00Z", also with a fraction of one to nine digits. Nothing where `text` is of
/// another form, has a part out of range, is of the second 60, or of a year at the ends of what a
/// Timestamp holds: weir::parse_iso8601 says what these are. Else the same as it says.
std::optional<Timestamp> read_utc_time(std::string_view text) noexcept;

}  // namespace weir::connectors
