// The engine held against a hand-written loop over the same events, in turns, in one run.
#pragma once

#include <functional>
#include <span>

#include "event_log.hpp"
#include "scenario.hpp"

namespace weir::bench {

struct LoopOutcome {
  std::uint64_t matches = 0;
  std::uint64_t digest = 0;  // as EngineHarness::digest(): which events, in which order
};
using ReferenceLoop = std::function<LoopOutcome(std::span<const Event>)>;

/// The figure is the loop's time by the engine's, to be at least `to_reach`. The loop says what has
/// to be found, too.
void compare_with_loop(const Context& context, const EventLog& log, const ReferenceLoop& loop,
                       double to_reach, Result& result);

}  // namespace weir::bench
