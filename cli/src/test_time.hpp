// Times as tests write them: from the test's start, which is the epoch, or ISO 8601.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "weir/event/time.hpp"

namespace weir::cli {

/// "1m30s" from the start, or "2026-01-01T00:00:05Z". Nothing for anything else.
std::optional<Timestamp> parse_test_time(std::string_view text);

/// The shorter of the two forms that a reader of a test expects: "1m30s" within the first year from
/// the start, ISO 8601 elsewhere.
std::string show_test_time(Timestamp time);

}  // namespace weir::cli
