// What the program does, for those who ask with -v: on standard error, never between the data.
#pragma once

#include <string_view>

#include "output.hpp"

namespace weir::cli {

/// `verbose`: 0 warnings alone, 1 what was chosen (a log's format), 2 and more: details.
void set_up_logging(int verbose, const Io& io);

// Before set_up_logging() nothing is logged.
void log_choice(std::string_view text);
void log_detail(std::string_view text);

}  // namespace weir::cli
