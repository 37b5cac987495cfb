// The key of an event and its hash: a number, a string, two fields.
#include "keys.hpp"

#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "../event_log.hpp"
#include "../rule_text.hpp"

namespace weir::bench {
namespace {

void key_of(benchmark::State& state, std::string_view key) {
  const nfa::ProgramPtr program = compile_text("rules:\n" + rule_text("r", key, "a"));
  EventLog log(program, 1000);
  const LogType a = log.type("a");
  for (int i = 0; i < 1000; ++i) {
    Value* const slots = log.add(a, {i});
    for (std::size_t s = 0; s < a.plan->fields.size(); ++s) {
      const bool number = program->plan.field(a.plan->fields[s]).dotted == "n";
      slots[s] = number ? Value::integer(i * 7919)
                        : Value::string(log.keep(fmt::format("user-{:08}", i * 7919)));
    }
  }
  runtime::EventKeys keys(*program);
  std::size_t at = 0;
  std::uint64_t sum = 0;
  for (auto _ : state) {
    keys.begin(log.events()[at++ % 1000]);
    sum += keys.of(program->rules[0].key).hash;
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK_CAPTURE(key_of, number, "n");
BENCHMARK_CAPTURE(key_of, text, "s");
BENCHMARK_CAPTURE(key_of, two, "[n, s]");

}  // namespace
}  // namespace weir::bench
