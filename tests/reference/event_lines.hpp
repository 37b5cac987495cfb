// Reads the event lines of tests (section 6) into a log.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "log.hpp"

namespace weir::reference {

/// A time as tests write it: from the test's start (the epoch), or ISO 8601; `previous` is what
/// `+5s` counts from.
std::optional<Timestamp> parse_time(std::string_view text, Timestamp previous);

/// Events in the order of time, `watermark` lines as Log::watermark (the largest). Nothing where a
/// line cannot be read; `error` then says which.
std::optional<Log> read_event_lines(std::string_view text, std::string& error);

/// The log as event lines that read_event_lines reads back.
std::string write_event_lines(const Log& log, std::string_view indent);

}  // namespace weir::reference
