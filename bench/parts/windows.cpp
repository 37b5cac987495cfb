// One event into the windows of 1,000 keys that cover it: count, avg and p99. The argument is how
// many windows overlap.
#include "windows.hpp"

#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "../event_log.hpp"
#include "../random.hpp"
#include "../rule_text.hpp"

namespace weir::bench {
namespace {

void add_to_window(benchmark::State& state) {
  const nfa::ProgramPtr program = compile_text(fmt::format("derive:\n"
                                                           "  - id: w\n"
                                                           "    from: request\n"
                                                           "    key: service\n"
                                                           "    window: sliding {}s every 10s\n"
                                                           "    values:\n"
                                                           "      n: count()\n"
                                                           "      mean: avg(ms)\n"
                                                           "      p99: percentile(ms, 99)\n"
                                                           "rules:\n",
                                                           10 * state.range(0)) +
                                               rule_text("r", "service", "w WHERE n > 1000000"));
  constexpr std::size_t kEvents = 10'000;
  EventLog log(program, kEvents);
  const LogType request = log.type("request");
  const std::uint16_t service = log.slot(request, "service");
  const std::uint16_t ms = log.slot(request, "ms");
  std::vector<std::uint64_t> hashes;
  Random random(1);
  for (std::size_t i = 0; i < kEvents; ++i) {
    Value* const slots = log.add(request, {});
    slots[service] = Value::integer(static_cast<std::int64_t>(random.below(1000)));
    hashes.push_back(hash_value(slots[service]));
    slots[ms] = Value::integer(static_cast<std::int64_t>(random.below(500)));
  }
  const nfa::Derive& derive = program->derives[0];
  runtime::WindowOperator windows(program->exprs, derive, runtime::window_plan(*program, derive));
  ValueArena scratch;
  std::size_t closed = 0;
  std::int64_t now = 0;
  std::size_t at = 0;
  for (auto _ : state) {
    Event event = log.events()[at];
    event.ts = {now += kNsPerMs};
    windows.close_through(event.ts, program->tables, scratch, [&](const auto&) { ++closed; });
    windows.add(event, {hashes[at], {&event.slots[service], 1}}, program->tables, scratch);
    scratch.reset();
    if (++at == kEvents) at = 0;
  }
  benchmark::DoNotOptimize(closed);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(add_to_window)->Arg(1)->Arg(6)->Arg(30);

}  // namespace
}  // namespace weir::bench

BENCHMARK_MAIN();
