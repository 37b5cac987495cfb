// correlated: SEQ(a, b WHERE b.id == a.id) WITHIN 60s, no key, 100,000 runs open.
//
// Shape: half a, half b, 0.3 ms apart, so that 60 s hold 100,000 a. One in 20 a repeats the id of
// an earlier one. One in 16 b names an a of the last 60 s, one in 16 an a of the 60 s before (too
// late for it), the others an id that no a has. So about 3 % of all events complete a match, and
// about 90,000 runs are open at a time.
#include "../engine_harness.hpp"
#include "../hot_path.hpp"
#include "../open_table.hpp"
#include "../random.hpp"
#include "../reference_loop.hpp"
#include "../ring.hpp"
#include "../rule_text.hpp"

namespace weir::bench {
namespace {

constexpr std::size_t kEvents = 2'000'000;
constexpr std::size_t kOpen = 100'000;
constexpr std::int64_t kWithin = 60 * kNsPerSecond;

EventLog make_log(const nfa::ProgramPtr& program, std::size_t events, std::size_t open) {
  EventLog log(program, events);
  const LogType a = log.type("a");
  const LogType b = log.type("b");
  const std::int64_t apart = kWithin / static_cast<std::int64_t>(2 * open);
  Random random(2);
  std::vector<std::uint64_t> ids;  // of the a so far
  for (std::size_t i = 0; i < events; ++i) {
    std::uint64_t id = random.next() >> 1;
    const bool is_a = random.percent(50);
    if (is_a) {
      if (!ids.empty() && random.below(20) == 0) id = ids[random.below(ids.size())];
      ids.push_back(id);
    } else {
      const std::uint64_t kind = random.below(16);
      const std::size_t back = random.below(open) + (kind == 1 ? open : 0);
      if (kind < 2 && back < ids.size()) id = ids[ids.size() - 1 - back];
    }
    Value* const slots = log.add(is_a ? a : b, {static_cast<std::int64_t>(i) * apart});
    slots[0] = Value::integer(static_cast<std::int64_t>(id));
  }
  return log;
}

/// Open a in order of time, and of each id the chain of them.
LoopOutcome loop(std::span<const Event> events, TypeId type_a, std::size_t expected_open) {
  constexpr std::uint32_t kNone = 0xffffffff;
  struct Open {
    std::int64_t ts;
    std::uint64_t id;
    std::uint32_t place;
    std::uint32_t next;  // of the same id, by number
  };
  struct Chain {
    std::uint32_t first;
    std::uint32_t last;
  };
  LoopOutcome out;
  Ring<Open> open;
  OpenTable<Chain> by_id;
  by_id.reserve(expected_open);
  std::uint32_t place = 0;
  for (const Event& event : events) {
    while (!open.empty() && open.front().ts < event.ts.ns - kWithin) {
      const Open& oldest = open.front();
      Chain* const chain = by_id.find(oldest.id);
      if (chain != nullptr && chain->first == open.first()) {
        if (oldest.next == kNone) {
          by_id.erase(oldest.id);
        } else {
          chain->first = oldest.next;
        }
      }
      open.pop_front();
    }
    const auto id = static_cast<std::uint64_t>(event.slots[0].as_int());
    if (event.type == type_a) {
      const auto number = static_cast<std::uint32_t>(open.end());
      if (Chain* const chain = by_id.find(id)) {
        open[chain->last].next = number;
        chain->last = number;
      } else {
        by_id[id] = {number, number};
      }
      open.push_back({event.ts.ns, id, place, kNone});
    } else if (const Chain* const chain = by_id.find(id)) {
      // The oldest is reported; CONSUME drops the others of the id, which took the same b.
      ++out.matches;
      out.digest = fold(fold(out.digest, open[chain->first].place), place);
      out.digest = fold(out.digest, kEndOfMatch);
      by_id.erase(id);
    }
    ++place;
  }
  return out;
}

nfa::ProgramPtr make_program() {
  return compile_text("rules:\n" +
                      rule_text("correlated", "", "SEQ(a, b WHERE b.id == a.id) WITHIN 60s"));
}

void run(const Context& context, Result& result) {
  const nfa::ProgramPtr program = make_program();
  const std::size_t open = context.scaled(kOpen, 100);
  const EventLog log = make_log(program, context.scaled(kEvents, 1000), open);
  const TypeId a = program->plan.type_id("a");
  compare_with_loop(
      context, log, [&](std::span<const Event> events) { return loop(events, a, open); }, 0.25,
      result);
}

}  // namespace

void add_correlated(Scenarios& to) {
  to.push_back({"correlated",
                "SEQ(a, b WHERE b.id == a.id) WITHIN 60s, 100,000 open, beside a hand-written loop",
                run});
}

void add_correlated_path(HotPaths& to) {
  to.push_back(in_memory(
      "correlated", [](std::size_t events) { return make_log(make_program(), events, 1000); }));
}

}  // namespace weir::bench
