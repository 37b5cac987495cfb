// Repeated runs of the engine over a log, alone or in turns with something else.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>

#include "engine_harness.hpp"
#include "event_log.hpp"
#include "scenario.hpp"

namespace weir::bench {

/// What all runs of one engine over one log came to.
struct EngineRuns {
  Cost cost;                 // median of one run over all events pushed
  std::uint64_t pushed = 0;  // fewer than there are where it gave up
  std::uint64_t matches = 0;
  std::uint64_t delivered = 0;
  std::uint64_t digest = 0;
  bool complete = false;

  double cpu_per_event() const {
    return cost.cpu / static_cast<double>(std::max<std::uint64_t>(pushed, 1));
  }
  double events_per_second() const { return 1 / cpu_per_event(); }
};

/// `context.runs` runs, each with an engine of its own; one alone where it has to give up, which
/// `result` is told. `before_each` (a reference loop, say) is run in turns with the engine.
EngineRuns run_engine(
    const Context& context, const EventLog& log, const HarnessOptions& options, Result& result,
    const std::function<void()>& before_each = [] {});

/// Two engines in turns.
struct Turns {
  EngineRuns first;
  EngineRuns second;
  /// Time of an event of the second by that of one of the first.
  double ratio() const { return second.cpu_per_event() / first.cpu_per_event(); }
  bool complete() const { return first.complete && second.complete; }
};
struct Side {
  const EventLog& log;
  HarnessOptions options = {};
};
Turns run_in_turns(const Context& context, const Side& first, const Side& second, Result& result);

}  // namespace weir::bench
