// One event through the matcher, one rule and one partition: the run list as long as the pattern
// and WITHIN make it.
#include <benchmark/benchmark.h>

#include "../rule_text.hpp"
#include "../uniform_log.hpp"
#include "weir/nfa/matcher.hpp"

namespace weir::bench {
namespace {

class Count final : public nfa::MatchSink {
 public:
  void on_match(const nfa::Match&) override { ++matches; }
  std::uint64_t matches = 0;
};

void step(benchmark::State& state, std::string_view pattern) {
  const nfa::ProgramPtr program = compile_text("rules:\n" + rule_text("r", "", pattern));
  constexpr std::size_t kEvents = 1 << 20;
  const EventLog log = make_uniform_log(program, draw_types(kEvents, 3, 1));
  nfa::EventTests tests(program->exprs, program->tables);
  nfa::Matcher matcher(*program, tests, nullptr);
  nfa::EvidenceStore evidence;
  nfa::BindingPool pool(evidence);
  nfa::ChunkArena arena;
  matcher.attach(pool, arena);
  nfa::RunList list{};
  Count count;
  std::uint64_t seq = 0;
  for (auto _ : state) {
    Event event = log.events()[seq % kEvents];
    // Time goes on where the log begins anew.
    event.ts = {static_cast<std::int64_t>(seq) * kNsPerMs};
    event.seq = ++seq;
    tests.begin(event);
    matcher.step(0, list, matcher.concerns_empty(0), {}, count);
  }
  benchmark::DoNotOptimize(count.matches);
  state.SetItemsProcessed(state.iterations());
  state.counters["runs open"] = static_cast<double>(nfa::Matcher::runs(arena, list));
  matcher.clear(0, list);
}

BENCHMARK_CAPTURE(step, next, "SEQ(t0, NEXT t1, NEXT t2)");
BENCHMARK_CAPTURE(step, skip, "SEQ(t0, t1, t2) WITHIN 100ms");
BENCHMARK_CAPTURE(step, any, "SEQ(t0, ANY t1, ANY t2) WITHIN 30ms AFTER MATCH KEEP");
BENCHMARK_CAPTURE(step, loop, "SEQ(t0, t1{3,} AS l, t2) WITHIN 100ms");

}  // namespace
}  // namespace weir::bench
