// correlated/general and correlated/ordered: many runs open, no key, and conditions over what is
// bound that no compact plan takes. Each run is a record, and those that an event can do something
// to are found. The figure is what that gains over going over all of them, with 2,000 open.
//
// Shape: half a, half b, apart so that 60 s hold as many a as are to be open.
// General: amounts are below 1,000. One in 20 a repeats the id of an earlier one. One in 8 b names
// an a of the last 60 s, of which a quarter has the amount that it takes; the others name an id
// that no a has. Ordered: amounts of a are below a million. One in 16 b is less than 20,000 below a
// million, and takes the few a between; the others are above.
//
// Of the a that one b takes the oldest is reported; CONSUME drops the others.
#include <algorithm>
#include <deque>
#include <set>
#include <unordered_map>
#include <vector>

#include "../engine_harness.hpp"
#include "../engine_runs.hpp"
#include "../random.hpp"
#include "../reference_loop.hpp"
#include "../rule_text.hpp"
#include "weir/nfa/run.hpp"

namespace weir::bench {
namespace {

constexpr std::size_t kEvents = 1'000'000;
constexpr std::size_t kOpen = 100'000;
constexpr std::size_t kFewEvents = 40'000;
constexpr std::size_t kFewOpen = 2'000;
constexpr std::int64_t kWithin = 60 * kNsPerSecond;
constexpr std::int64_t kMostAmount = 1'000'000;

/// Makes a and b in turns of its choice, at their times.
class Maker {
 public:
  Maker(const nfa::ProgramPtr& program, std::size_t events, std::size_t open, std::uint64_t seed)
      : random(seed),
        log(program, events),
        types_{log.type("a"), log.type("b")},
        apart_(kWithin / static_cast<std::int64_t>(2 * open)) {}

  bool next_is_a() { return random.percent(50); }
  void add(bool is_a, std::uint64_t id, std::uint64_t amount) {
    const LogType& type = types_[is_a ? 0 : 1];
    Value* const slots = log.add(type, {time_});
    time_ += apart_;
    set(slots, type, "id", id);
    set(slots, type, "amount", amount);
  }

  Random random;
  EventLog log;

 private:
  void set(Value* slots, const LogType& type, std::string_view field, std::uint64_t to) const {
    const std::uint16_t slot = log.slot(type, field);
    if (slot != kNoSlot) slots[slot] = Value::integer(static_cast<std::int64_t>(to));
  }
  LogType types_[2];
  std::int64_t apart_;
  std::int64_t time_ = 0;
};

/// Of an event of such a log.
class Reader {
 public:
  explicit Reader(const EventLog& log) : program_(*log.program()), a_(program_.plan.type_id("a")) {}
  bool is_a(const Event& event) const { return event.type == a_; }
  std::int64_t get(const Event& event, std::string_view field) const {
    const std::vector<FieldId>& fields = event.plan->fields;
    std::size_t slot = 0;
    while (program_.plan.field(fields[slot]).dotted != field) ++slot;
    return event.slots[slot].as_int();
  }

 private:
  const nfa::Program& program_;
  TypeId a_;
};

void report(LoopOutcome& out, std::uint64_t a, std::uint64_t b) {
  ++out.matches;
  out.digest = fold(fold(out.digest, a), b);
  out.digest = fold(out.digest, kEndOfMatch);
}

nfa::ProgramPtr general_program() {
  return compile_text(
      "rules:\n" +
      rule_text("general", "",
                "SEQ(a, b WHERE b.id == a.id AND b.amount > a.amount * 2) WITHIN 60s"));
}

EventLog general_log(const nfa::ProgramPtr& program, std::size_t events, std::size_t open) {
  Maker maker(program, events, open, 3);
  Random& random = maker.random;
  std::vector<std::uint64_t> ids;  // of the a so far
  for (std::size_t i = 0; i < events; ++i) {
    std::uint64_t id = random.next() >> 1;
    const bool is_a = maker.next_is_a();
    if (is_a) {
      if (!ids.empty() && random.below(20) == 0) id = ids[random.below(ids.size())];
      ids.push_back(id);
    } else if (random.below(8) == 0) {
      const std::size_t back = random.below(open);
      if (back < ids.size()) id = ids[ids.size() - 1 - back];
    }
    maker.add(is_a, id, random.below(1000));
  }
  return std::move(maker.log);
}

/// By id, those of an id the oldest first.
LoopOutcome general_loop(const EventLog& log) {
  struct Open {
    std::int64_t ts;
    std::int64_t amount;
    std::uint64_t place;
  };
  const Reader reader(log);
  LoopOutcome out;
  std::unordered_map<std::int64_t, std::vector<Open>> by_id;
  std::deque<std::pair<std::int64_t, std::int64_t>> in_time;  // ts and id of every a
  std::uint64_t place = 0;
  const auto drop = [&](std::int64_t id, auto&& goes) {
    const auto at = by_id.find(id);
    if (at == by_id.end()) return;
    std::erase_if(at->second, goes);
    if (at->second.empty()) by_id.erase(at);
  };
  for (const Event& event : log.events()) {
    const std::int64_t least = event.ts.ns - kWithin;
    for (; !in_time.empty() && in_time.front().first < least; in_time.pop_front()) {
      drop(in_time.front().second, [&](const Open& a) { return a.ts < least; });
    }
    const std::int64_t id = reader.get(event, "id");
    const std::int64_t amount = reader.get(event, "amount");
    const auto takes = [&](const Open& a) { return amount > a.amount * 2; };
    if (reader.is_a(event)) {
      by_id[id].push_back({event.ts.ns, amount, place});
      in_time.emplace_back(event.ts.ns, id);
    } else if (const auto at = by_id.find(id); at != by_id.end()) {
      const auto first = std::ranges::find_if(at->second, takes);
      if (first != at->second.end()) report(out, first->place, place);
      drop(id, takes);
    }
    ++place;
  }
  return out;
}

nfa::ProgramPtr ordered_program() {
  return compile_text("rules:\n" +
                      rule_text("ordered", "", "SEQ(a, b WHERE b.amount < a.amount) WITHIN 60s"));
}

EventLog ordered_log(const nfa::ProgramPtr& program, std::size_t events, std::size_t open) {
  Maker maker(program, events, open, 5);
  Random& random = maker.random;
  for (std::size_t i = 0; i < events; ++i) {
    const bool is_a = maker.next_is_a();
    std::uint64_t amount = random.below(kMostAmount);
    if (!is_a) amount = random.below(16) == 0 ? kMostAmount - random.below(20'000) : kMostAmount;
    maker.add(is_a, 0, amount);
  }
  return std::move(maker.log);
}

/// By amount.
LoopOutcome ordered_loop(const EventLog& log) {
  struct Open {
    std::int64_t amount;
    std::uint64_t place;
    auto operator<=>(const Open&) const = default;
  };
  const Reader reader(log);
  LoopOutcome out;
  std::set<Open> open;
  std::deque<std::pair<std::int64_t, Open>> in_time;
  std::uint64_t place = 0;
  for (const Event& event : log.events()) {
    for (; !in_time.empty() && in_time.front().first < event.ts.ns - kWithin; in_time.pop_front()) {
      open.erase(in_time.front().second);
    }
    const Open own{reader.get(event, "amount"), place};
    if (reader.is_a(event)) {
      open.insert(own);
      in_time.emplace_back(event.ts.ns, own);
    } else if (const auto from = open.upper_bound(own); from != open.end()) {
      const auto first = std::ranges::min_element(from, open.end(), {}, &Open::place);
      report(out, first->place, place);
      open.erase(from, open.end());
    }
    ++place;
  }
  return out;
}

struct Shape {
  nfa::ProgramPtr (*program)();
  EventLog (*log)(const nfa::ProgramPtr&, std::size_t events, std::size_t open);
  LoopOutcome (*loop)(const EventLog&);
};
constexpr Shape kGeneral{general_program, general_log, general_loop};
constexpr Shape kOrdered{ordered_program, ordered_log, ordered_loop};

void check(const char* what, const EngineRuns& runs, const LoopOutcome& expected, Result& result) {
  if (!runs.complete) return;
  result.check(what, expected.matches, runs.delivered);
  result.check("digest of matches", expected.digest, runs.digest);
}

void run(const Shape& shape, const Context& context, Result& result) {
  const nfa::ProgramPtr program = shape.program();
  const EventLog few =
      shape.log(program, context.scaled(kFewEvents, 1000), context.scaled(kFewOpen, 100));
  const LoopOutcome few_expected = shape.loop(few);
  const EngineRuns listed =
      run_engine(context, few, {.digest = true, .few_runs = nfa::kNoRunIndex}, result);
  const EngineRuns found = run_engine(context, few, {.digest = true}, result);
  check("matches, gone over", listed, few_expected, result);
  check("matches, found", found, few_expected, result);

  const std::size_t open = context.scaled(kOpen, 100);
  const EventLog log = shape.log(program, context.scaled(kEvents, 1000), open);
  LoopOutcome expected;
  std::vector<Cost> loop_costs;
  const EngineRuns runs = run_engine(context, log, {.digest = true}, result, [&] {
    loop_costs.push_back(measure([&] { expected = shape.loop(log); }));
  });
  check("matches", runs, expected, result);
  result.set("gained over going over all", listed.cpu_per_event() / found.cpu_per_event(), "x");
  // Of few runs there is little to gain.
  if (context.scale >= 1) result.at_least(10);
  result.detail("engine, many open", runs.events_per_second(), "events/s");
  result.detail("engine, 2,000 open", found.events_per_second(), "events/s");
  result.detail("gone over, 2,000 open", listed.events_per_second(), "events/s");
  const double loop_cpu = median(loop_costs).cpu / static_cast<double>(log.events().size());
  result.detail("of a loop of library containers", loop_cpu / runs.cpu_per_event(), "x");
  result.detail("matches", static_cast<double>(expected.matches), "");
}

}  // namespace

void add_correlated_runs(Scenarios& to) {
  to.push_back({"correlated/general",
                "SEQ(a, b WHERE b.id == a.id AND b.amount > a.amount * 2) WITHIN 60s, 100,000 open",
                [](const Context& context, Result& result) { run(kGeneral, context, result); }});
  to.push_back({"correlated/ordered",
                "SEQ(a, b WHERE b.amount < a.amount) WITHIN 60s, 100,000 open",
                [](const Context& context, Result& result) { run(kOrdered, context, result); }});
}

}  // namespace weir::bench
