// What the program does, for those who ask with -v: on standard error, never between the data.
#pragma once

#include "output.hpp"

namespace weir::cli {

/// `verbose`: 0 warnings alone, 1 what was chosen (a log's format), 2 and more: details.
void set_up_logging(int verbose, const Io& io);

}  // namespace weir::cli
