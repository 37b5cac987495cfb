#include "reference_loop.hpp"

#include "engine_runs.hpp"

namespace weir::bench {

void compare_with_loop(const Context& context, const EventLog& log, const ReferenceLoop& loop,
                       double to_reach, Result& result) {
  LoopOutcome expected;
  std::vector<Cost> loop_costs;
  const EngineRuns runs = run_engine(context, log, {.digest = true}, result, [&] {
    loop_costs.push_back(measure([&] { expected = loop(log.events()); }));
  });
  const double loop_cpu = median(loop_costs).cpu / static_cast<double>(log.events().size());
  result.set("of the hand-written loop", loop_cpu / runs.cpu_per_event(), "x");
  result.at_least(to_reach);
  result.detail("engine", runs.events_per_second(), "events/s");
  result.detail("loop", 1 / loop_cpu, "events/s");
  result.detail("matches", static_cast<double>(expected.matches), "");
  if (!runs.complete) return;
  result.check("matches", expected.matches, runs.delivered);
  result.check("digest of matches", expected.digest, runs.digest);
}

}  // namespace weir::bench
