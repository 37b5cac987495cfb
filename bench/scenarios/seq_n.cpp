// seq-n: SEQ of n ANY steps over uniform types with six noise types, no key, AFTER MATCH KEEP.
//
// Shape: see uniform_log.hpp; a window of 100 events' time is WITHIN 100ms. Matches an event: 6.8
// (n = 3), 25 (6), 4.9 (9), 0.1 (12), none (24); 1.1 with 12 steps and a window of 120, 0.2 with 24
// and one of 340.
//
// Goals: an event costs at most 1 / 20 M CPU seconds, and a match that is listed 1 / 10 M. Where
// there are several matches an event, the figure of `all` is matches, else events a second.
#include <fmt/core.h>

#include <numeric>

#include "../engine_runs.hpp"
#include "../hot_path.hpp"
#include "../rule_text.hpp"
#include "../step_counts.hpp"
#include "../uniform_log.hpp"

namespace weir::bench {
namespace {

constexpr std::size_t kEvents = 1'000'000;
constexpr double kEventsPerSecond = 20e6;
constexpr double kMatchesPerSecond = 10e6;
// So many matches an event, and the time of listing them is what counts.
constexpr double kDense = 2;
// The order of all matches is checked over so many events: to list them takes a while.
constexpr std::size_t kOrderChecked = 20'000;

struct Mode {
  std::string name;
  Delivery delivery;
  bool never;  // the last step is of a type that does not come
};

std::string pattern(std::size_t steps, std::size_t window, bool never) {
  std::string text = "SEQ(t0";
  for (std::size_t i = 1; i < steps; ++i) {
    text += never && i + 1 == steps ? ", ANY never" : fmt::format(", ANY t{}", i);
  }
  return text + fmt::format(") WITHIN {}ms AFTER MATCH KEEP", window);
}

/// Matches that are listed, and whether in the contract's order.
void check_order(const Context& context, const EventLog& log,
                 const std::vector<std::uint8_t>& types, std::size_t steps, std::size_t window,
                 Result& result) {
  const std::size_t n = std::min(types.size(), context.scaled(kOrderChecked, 500));
  EngineHarness engine(log.program(), {.digest = true});
  if (!engine.push(log.events().first(n), Deadline(context.run_seconds))) return;
  result.check("digest of matches", digest_matches({types.data(), n}, steps, window),
               engine.digest());
}

nfa::ProgramPtr make_program(std::size_t steps, std::size_t window, bool never) {
  return compile_text("rules:\n" + rule_text("seq-n", "", pattern(steps, window, never)));
}

void run(const Context& context, Result& result, std::size_t steps, std::size_t window,
         const Mode& mode) {
  const nfa::ProgramPtr program = make_program(steps, window, mode.never);
  const std::vector<std::uint8_t> types =
      draw_types(context.scaled(kEvents, 2000), steps, 4 + steps);
  const EventLog log = make_uniform_log(program, types);

  const std::vector<std::uint64_t> by_event =
      count_matches(types, std::vector<CountedStep>(steps, {.any = true}), window);
  std::uint64_t expected = 0;
  for (const std::uint64_t n : by_event) {
    expected += mode.never                          ? 0
                : mode.delivery == Delivery::kFirst ? std::min<std::uint64_t>(n, 10)
                                                    : n;
  }

  const EngineRuns runs = run_engine(context, log, {.delivery = mode.delivery}, result);
  const bool listed = mode.delivery != Delivery::kCount;
  const double listed_per_event =
      listed ? static_cast<double>(expected) / static_cast<double>(types.size()) : 0;
  if (mode.delivery == Delivery::kAll && listed_per_event >= kDense) {
    result.set("matches a CPU second", static_cast<double>(runs.delivered) / runs.cost.cpu,
               "matches/s");
    result.at_least(kMatchesPerSecond);
  } else {
    result.set("events a CPU second", runs.events_per_second(), "events/s");
    result.at_least(1 / (1 / kEventsPerSecond + listed_per_event / kMatchesPerSecond));
  }
  result.detail("events", static_cast<double>(runs.pushed), "");
  result.detail("events a CPU second", runs.events_per_second(), "events/s");
  result.detail("matches", static_cast<double>(expected), "");
  if (!runs.complete) return;
  result.check("matches", expected, listed ? runs.delivered : runs.matches);
  if (mode.delivery == Delivery::kAll) check_order(context, log, types, steps, window, result);
}

}  // namespace

void add_seq_n(Scenarios& to) {
  const std::vector<Mode> modes = {{"count", Delivery::kCount, false},
                                   {"first10", Delivery::kFirst, false},
                                   {"all", Delivery::kAll, false},
                                   {"never", Delivery::kCount, true}};
  for (const auto& [steps, window] : std::initializer_list<std::pair<std::size_t, std::size_t>>{
           {3, 100}, {6, 100}, {9, 100}, {12, 100}, {12, 120}, {24, 100}, {24, 340}}) {
    for (const Mode& mode : modes) {
      to.push_back({fmt::format("seq-n/{}/w{}/{}", steps, window, mode.name),
                    fmt::format("SEQ of {} ANY steps WITHIN {} events' time: {}", steps, window,
                                mode.never ? "a last step that never comes" : mode.name),
                    [steps = steps, window = window, mode](const Context& context, Result& result) {
                      run(context, result, steps, window, mode);
                    }});
    }
  }
}

/// Without a match: what an event costs, not what matches do.
void add_seq_n_path(HotPaths& to) {
  to.push_back(in_memory("seq-n/6", [](std::size_t events) {
    return make_uniform_log(make_program(6, 100, true), draw_types(events, 6, 10));
  }));
}

}  // namespace weir::bench
