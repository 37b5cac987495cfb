#include "engine_runs.hpp"

#include <fmt/core.h>

#include "watchdog.hpp"

namespace weir::bench {
namespace {

/// One run, in `runs.cost` its own cost.
void run_once(const Context& context, const EventLog& log, const HarnessOptions& options,
              EngineRuns& runs, Result& result) {
  const PeakMemory peak;
  EngineHarness engine(log.program(), options);
  const Deadline deadline(context.run_seconds);
  const Watchdog watchdog(2 * context.run_seconds);
  runs.cost = measure([&] {
    runs.complete = engine.push(log.events(), deadline);
    if (runs.complete) engine.finish();
  });
  result.engine_bytes = std::max(result.engine_bytes, peak.grown());
  runs.pushed = engine.pushed();
  runs.matches = engine.matches();
  runs.delivered = engine.delivered();
  runs.digest = engine.digest();
  if (!runs.complete) {
    result.give_up(fmt::format("{} of {} events in {:.0f} s, the bound of a run", runs.pushed,
                               log.events().size(), context.run_seconds));
  }
}

}  // namespace

EngineRuns run_engine(const Context& context, const EventLog& log, const HarnessOptions& options,
                      Result& result, const std::function<void()>& before_each) {
  EngineRuns runs;
  std::vector<Cost> costs;
  for (int run = 0; run < context.runs; ++run) {
    before_each();
    run_once(context, log, options, runs, result);
    if (!runs.complete) costs.clear();
    costs.push_back(runs.cost);
    if (!runs.complete) break;
  }
  runs.cost = median(costs);
  result.runs = static_cast<int>(costs.size());
  result.wall_seconds = runs.cost.wall;
  result.cpu_seconds = runs.cost.cpu;
  return runs;
}

Turns run_in_turns(const Context& context, const Side& first, const Side& second, Result& result) {
  Turns turns;
  std::vector<Cost> costs;
  turns.second = run_engine(context, second.log, second.options, result, [&] {
    run_once(context, first.log, first.options, turns.first, result);
    costs.push_back(turns.first.cost);
  });
  turns.first.cost = median(costs);
  return turns;
}

}  // namespace weir::bench
