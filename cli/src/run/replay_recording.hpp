#pragma once

#include "commands.hpp"

namespace weir::cli {

/// weir replay --recording DIR. Returns an exit code.
int replay_recording(const ReplayOptions& options, Io& io);

}  // namespace weir::cli
