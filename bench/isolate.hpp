// A scenario in a process of its own: its peak memory is its own, and what breaks it off (a bound
// of time or memory, a fault) breaks off nothing else.
#pragma once

#include "scenario.hpp"

namespace weir::bench {

/// REQUIRES: this process has one thread.
Result run_isolated(const Scenario& scenario, const Context& context);

}  // namespace weir::bench
