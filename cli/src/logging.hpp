// What `-v` tells on standard error, and the log of `weir run`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "output.hpp"

namespace weir::cli {

enum class LogForm : std::uint8_t { kText, kJson };
enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };

/// `verbose`: 0 warnings, 1 what was chosen, 2 everything.
void set_up_logging(int verbose, const Io& io);

/// The same for a program that runs for months: lines have their time, and come from any thread.
/// kJson: one object a line, {"time","level","reason","message"}.
void set_up_run_logging(int verbose, LogForm form, const Io& io);

// Before set_up_logging(), and where the level is too low, these do nothing.

/// A choice that was made for the reader ("format auto: ndjson"): shown with -v.
void log_choice(std::string_view text);
/// Shown with -vv.
void log_detail(std::string_view text);
/// `reason`: a stable word for the kind of line.
void log_line(LogLevel level, std::string_view reason, std::string_view text);

}  // namespace weir::cli
