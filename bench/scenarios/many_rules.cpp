// many-rules: keyed rules SEQ(a, b, c) that differ in their thresholds.
//
// Shape: 1,000 keys come round in a fixed order, 1 ms apart; the type of an event is drawn evenly,
// its x evenly from 0 .. 9,999. WITHIN is one and a half rounds, so that a key has at most two
// events in it: what is drawn never matches, runs come and expire. Matches are planted: a, b and c
// of one key with one x, one after another, as often as gives one alert in 100 events over all
// rules.
//   many-rules/N       rule i asks of each step that x lie in a range of 100: of 1 % of the rules
//                      (of one rule: for 1 % of the events)
//   many-rules/half/N  rule i asks for x >= its threshold: of half the rules
#include <fmt/core.h>

#include <algorithm>

#include "../engine_runs.hpp"
#include "../event_log.hpp"
#include "../hot_path.hpp"
#include "../random.hpp"
#include "../rule_text.hpp"

namespace weir::bench {
namespace {

constexpr std::size_t kEvents = 1'000'000;
constexpr std::size_t kKeys = 1000;
constexpr std::int64_t kWithin = 3 * static_cast<std::int64_t>(kKeys) / 2;  // ms
constexpr std::uint64_t kValues = 10'000;
constexpr std::uint64_t kRange = 100;

struct Shape {
  std::size_t rules = 1;
  bool half = false;

  std::uint64_t low(std::size_t rule) const {
    return half ? rule * kValues / rules : rule * (kValues - kRange) / rules;
  }
  /// Rules whose condition holds of x: [first, second).
  std::pair<std::size_t, std::size_t> satisfied(std::uint64_t x) const {
    const auto at_or_above = [&](std::uint64_t bound) {
      std::size_t first = 0;
      std::size_t count = rules;
      while (count > 0) {
        const std::size_t step = count / 2;
        if (low(first + step) < bound) {
          first += step + 1;
          count -= step + 1;
        } else {
          count = step;
        }
      }
      return first;
    };
    const std::size_t end = at_or_above(x + 1);
    return {half || x < kRange ? 0 : at_or_above(x - kRange + 1), end};
  }
};

std::string rules_text(const Shape& shape) {
  std::string text = "rules:\n";
  for (std::size_t i = 0; i < shape.rules; ++i) {
    const std::uint64_t low = shape.low(i);
    const std::string where = shape.half ? fmt::format("x >= {}", low)
                                         : fmt::format("x >= {} and x < {}", low, low + kRange);
    text += rule_text(
        fmt::format("r{}", i), "k",
        fmt::format("SEQ(a WHERE {0}, b WHERE {0}, c WHERE {0}) WITHIN {1}ms", where, kWithin));
  }
  return text;
}

struct Drawn {
  std::uint32_t key;
  std::uint8_t type;
  std::uint16_t x;
};

std::vector<Drawn> draw(const Shape& shape, std::size_t events) {
  Random random(5);
  std::vector<Drawn> out;
  // One x satisfies so many rules, at least one where it is drawn for that.
  const std::size_t alerts =
      std::max<std::size_t>(1, shape.half ? shape.rules / 2 : shape.rules / 100);
  const std::size_t every = 100 * alerts;
  std::uint32_t key = 0;
  while (out.size() < events) {
    out.push_back({key, static_cast<std::uint8_t>(random.below(3)),
                   static_cast<std::uint16_t>(random.below(kValues))});
    key = (key + 1) % kKeys;
    if (out.size() % every != every / 2) continue;
    const auto of = static_cast<std::uint32_t>(random.below(kKeys));
    const std::uint64_t x =
        shape.half ? kValues / 2 : shape.low(random.below(shape.rules)) + kRange / 2;
    for (std::uint8_t type = 0; type < 3; ++type) {
      out.push_back({of, type, static_cast<std::uint16_t>(x)});
    }
  }
  out.resize(events);
  return out;
}

/// All matches of all rules, key by key: of the runs that wait for the same step, the youngest
/// decides whether there is a match, and CONSUME drops the others with it.
std::uint64_t expected_matches(const Shape& shape, const std::vector<Drawn>& drawn) {
  std::vector<std::vector<std::uint32_t>> of_key(kKeys);
  for (std::uint32_t i = 0; i < drawn.size(); ++i) of_key[drawn[i].key].push_back(i);
  constexpr std::int64_t kNever = -1'000'000'000;
  std::vector<std::int64_t> after_a;
  std::vector<std::int64_t> after_b;
  std::uint64_t matches = 0;
  for (const std::vector<std::uint32_t>& places : of_key) {
    after_a.assign(shape.rules, kNever);
    after_b.assign(shape.rules, kNever);
    for (const std::int64_t i : places) {
      const Drawn& event = drawn[static_cast<std::size_t>(i)];
      const auto [first, end] = shape.satisfied(event.x);
      for (std::size_t rule = first; rule < end; ++rule) {
        if (event.type == 0) {
          after_a[rule] = i;
        } else if (event.type == 1) {
          after_b[rule] = std::max(after_b[rule], after_a[rule]);
          after_a[rule] = kNever;
        } else {
          matches += i - after_b[rule] <= kWithin;
          after_b[rule] = kNever;
        }
      }
    }
  }
  return matches;
}

EventLog make_log(const nfa::ProgramPtr& program, const std::vector<Drawn>& drawn) {
  EventLog log(program, drawn.size());
  const std::array<LogType, 3> types = {log.type("a"), log.type("b"), log.type("c")};
  const std::uint16_t k = log.slot(types[0], "k");
  const std::uint16_t x = log.slot(types[0], "x");
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    Value* const slots = log.add(types[drawn[i].type], {static_cast<std::int64_t>(i) * kNsPerMs});
    slots[k] = Value::integer(drawn[i].key);
    slots[x] = Value::integer(drawn[i].x);
  }
  return log;
}

struct Made {
  std::vector<Drawn> drawn;
  EventLog log;

  Made(const Context& context, const Shape& shape)
      : drawn(draw(shape, context.scaled(kEvents, 2000))),
        log(make_log(compile_text(rules_text(shape)), drawn)) {}
};

void run(const Context& context, Result& result, const Shape& shape, double to_reach) {
  const Made made(context, shape);
  if (to_reach > 0) result.at_least(to_reach);
  const EngineRuns runs = run_engine(context, made.log, {}, result);
  result.set("events a CPU second", runs.events_per_second(), "events/s");
  result.detail("alerts", static_cast<double>(runs.delivered), "");
  result.detail("alerts in 100 events",
                100 * static_cast<double>(runs.delivered) / static_cast<double>(runs.pushed), "");
  if (runs.complete) result.check("matches", expected_matches(shape, made.drawn), runs.delivered);
}

void run_hundred_to_one(const Context& context, Result& result) {
  const Shape one{.rules = 1};
  const Shape hundred{.rules = 100};
  const Made of_one(context, one);
  const Made of_hundred(context, hundred);
  const Turns turns = run_in_turns(context, {of_one.log}, {of_hundred.log}, result);
  result.set("time of 100 rules by that of 1", turns.ratio(), "x");
  result.at_most(3);
  result.detail("1 rule", turns.first.events_per_second(), "events/s");
  result.detail("100 rules", turns.second.events_per_second(), "events/s");
  if (!turns.complete()) return;
  result.check("matches", expected_matches(hundred, of_hundred.drawn), turns.second.delivered);
  result.check("matches of one", expected_matches(one, of_one.drawn), turns.first.delivered);
}

}  // namespace

void add_many_rules(Scenarios& to) {
  const auto add = [&](Shape shape, double to_reach) {
    to.push_back(
        {fmt::format("many-rules/{}{}", shape.half ? "half/" : "", shape.rules),
         fmt::format("{} keyed rules; an event satisfies {}", shape.rules,
                     shape.half ? "half of them" : "1 % of them"),
         [=](const Context& context, Result& result) { run(context, result, shape, to_reach); }});
  };
  add({.rules = 1}, 0);
  add({.rules = 10}, 0);
  add({.rules = 100}, 3e6);
  to.push_back({"many-rules/100-to-1", "the time of 100 rules by that of 1", run_hundred_to_one});
  add({.rules = 1000}, 2e6);
  add({.rules = 10'000}, 0.5e6);
  add({.rules = 100, .half = true}, 0);
  add({.rules = 1000, .half = true}, 0.3e6);
}

void add_many_rules_path(HotPaths& to) {
  to.push_back(in_memory("many-rules/100", [](std::size_t events) {
    const Shape shape{.rules = 100};
    return make_log(compile_text(rules_text(shape)), draw(shape, events));
  }));
}

}  // namespace weir::bench
