// How many of a replay's threads may match at once.
#pragma once

#include <cstddef>

#include "weir/connectors/log_source.hpp"
#include "weir/nfa/program.hpp"

namespace weir::cli {

/// Nanoseconds that one event takes.
struct EventCost {
  double decode = 0;
  double match = 0;
};

/// The number of workers with which a replay on so many threads takes the least time. One worker
/// needs no routes, and looks at every event once; several look at events again that have a key for
/// each, and pay where matching is more than half of the work. From 1 to runtime::kMaxWorkers.
std::size_t best_workers(const EventCost& cost, std::size_t threads) noexcept;

/// Measures with the log's first block, which is read and comes again, and an engine that is thrown
/// away. Zeros where the log is empty. The clock has no say in anything but the number of workers,
/// which does not show in what is reported.
EventCost measure_cost(connectors::LogSource& log, const nfa::ProgramPtr& program);

}  // namespace weir::cli
