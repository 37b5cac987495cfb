// kleene-n: SEQ(a, b+ ANY, c), and longer: every second step a loop of any combination, but for the
// last, AFTER MATCH KEEP. Counted, not listed.
//
// Shape: as seq-n, windows of 100 events' time. With 3 steps a start has on average some 10,000
// matches, which is why nobody lists them. The figure is the time of an event by that of seq-n with
// as many steps over the same log, in turns.
#include <fmt/core.h>

#include "../engine_runs.hpp"
#include "../rule_text.hpp"
#include "../step_counts.hpp"
#include "../uniform_log.hpp"

namespace weir::bench {
namespace {

constexpr std::size_t kEvents = 1'000'000;
constexpr std::size_t kWindow = 100;

std::string pattern(std::size_t steps, bool loops) {
  std::string text = "SEQ(t0";
  for (std::size_t i = 1; i < steps; ++i) {
    const bool loop = loops && i % 2 == 1 && i + 1 < steps;
    text += fmt::format(", {}t{}{}", loops ? "" : "ANY ", i, loop ? "+ ANY" : "");
  }
  return text + fmt::format(") WITHIN {}ms AFTER MATCH KEEP", kWindow);
}

nfa::ProgramPtr program_of(std::size_t steps, bool loops) {
  return compile_text("rules:\n" + rule_text("kleene-n", "", pattern(steps, loops)));
}

std::uint64_t expected_matches(const std::vector<std::uint8_t>& types, std::size_t steps) {
  std::vector<CountedStep> counted(steps);
  for (std::size_t i = 1; i + 1 < steps; i += 2) counted[i].loop_any = true;
  std::uint64_t sum = 0;
  for (const std::uint64_t n : count_matches(types, counted, kWindow)) sum += n;
  return sum;
}

void run(const Context& context, Result& result, std::size_t steps) {
  const std::vector<std::uint8_t> types =
      draw_types(context.scaled(kEvents, 300), steps, 40 + steps);
  const std::uint64_t expected = expected_matches(types, steps);
  result.at_most(1.5);
  result.detail("matches", static_cast<double>(expected), "");

  const nfa::ProgramPtr plain = program_of(steps, false);
  const EventLog plain_log = make_uniform_log(plain, types);
  const nfa::ProgramPtr loops = program_of(steps, true);
  const EventLog log = make_uniform_log(loops, types);
  const HarnessOptions count{.delivery = Delivery::kCount};
  const Turns turns = run_in_turns(context, {plain_log, count}, {log, count}, result);
  result.set("time by that of seq-n", turns.ratio(), "x");
  result.detail("seq-n", turns.first.events_per_second(), "events/s");
  result.detail("kleene-n", turns.second.events_per_second(), "events/s");
  if (turns.second.complete) result.check("matches", expected, turns.second.matches);
}

}  // namespace

void add_kleene_n(Scenarios& to) {
  for (const std::size_t steps : {3, 4, 6, 9}) {
    to.push_back({fmt::format("kleene-n/{}", steps),
                  fmt::format("{}: counted, beside seq-n", pattern(steps, true)),
                  [=](const Context& context, Result& result) { run(context, result, steps); }});
  }
}

}  // namespace weir::bench
