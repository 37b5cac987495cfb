// One-event predicates of one event: so many rules, each with a condition of its own.
#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "../event_log.hpp"
#include "../random.hpp"
#include "../rule_text.hpp"
#include "weir/nfa/matcher.hpp"

namespace weir::bench {
namespace {

/// `condition` of rule i; asks all of them of events with x = 0 .. 999 and s = "s0" .. "s999".
template <typename Condition>
void ask_all(benchmark::State& state, Condition condition) {
  std::string text = "rules:\n";
  const auto rules = static_cast<std::size_t>(state.range(0));
  for (std::size_t i = 0; i < rules; ++i) {
    text += rule_text(fmt::format("r{}", i), "", "a WHERE " + condition(i));
  }
  const nfa::ProgramPtr program = compile_text(text);
  EventLog log(program, 1000);
  const LogType a = log.type("a");
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    Value* const slots = log.add(a, {i});
    const std::uint64_t drawn = random.below(1000);
    for (std::size_t s = 0; s < a.plan->fields.size(); ++s) {
      const bool number = program->plan.field(a.plan->fields[s]).dotted == "x";
      slots[s] = number ? Value::integer(static_cast<std::int64_t>(drawn))
                        : Value::string(log.keep(fmt::format("some text s{} more", drawn)));
    }
  }
  std::vector<nfa::ExprId> predicates;
  for (const nfa::Rule& rule : program->rules) {
    const nfa::Node& node = program->nodes[rule.automaton.start];
    for (const nfa::Test& test : node.tests) {
      predicates.insert(predicates.end(), test.one_event.begin(), test.one_event.end());
    }
  }
  nfa::EventTests tests(program->exprs, program->tables);
  std::size_t at = 0;
  std::size_t held = 0;
  for (auto _ : state) {
    tests.begin(log.events()[at++ % 1000]);
    for (const nfa::ExprId predicate : predicates) held += tests.holds(predicate);
  }
  benchmark::DoNotOptimize(held);
  state.SetItemsProcessed(state.iterations());
  state.counters["predicates"] = static_cast<double>(predicates.size());
}

void thresholds(benchmark::State& state) {
  ask_all(state, [](std::size_t i) { return fmt::format("x >= {}", i); });
}
BENCHMARK(thresholds)->Arg(1)->Arg(100)->Arg(1000);

void equalities(benchmark::State& state) {
  ask_all(state, [](std::size_t i) { return fmt::format("s == \"some text s{} more\"", i); });
}
BENCHMARK(equalities)->Arg(1)->Arg(100)->Arg(1000);

void substrings(benchmark::State& state) {
  ask_all(state, [](std::size_t i) { return fmt::format("s contains \"s{} m\"", i); });
}
BENCHMARK(substrings)->Arg(1)->Arg(100)->Arg(1000);

}  // namespace
}  // namespace weir::bench
