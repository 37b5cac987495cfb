// many-rules/prefixes: keyed rules of which ten each begin alike, SEQ(a, b, END) with ten WITHINs.
//
// Shape: 1,000 keys come round in a fixed order, 1 ms apart; of 10 events 4 are a, 4 are b and 2
// are one of ten types e0 .. e9, evenly; x is drawn evenly from 0 .. 9,999. Rule i of group g asks
// of each step that x lie in a range of the group's, all together 1 % of the values (of two rules:
// one group, for 10 % of the events), ends with e<i> and has a WITHIN of i + 1 rounds and a half.
// Matches are planted: a, b and e<i> of one key with one x, one after another, in every 100 events.
//
// The figure is the time with what rules share by that with each rule alone
// (EngineOptions::families). Expected: see many_rules.cpp; what a rule of the group has taken is
// there for the others.
#include <fmt/core.h>

#include <algorithm>

#include "../engine_runs.hpp"
#include "../event_log.hpp"
#include "../random.hpp"
#include "../rule_text.hpp"

namespace weir::bench {
namespace {

constexpr std::size_t kKeys = 1000;
constexpr std::uint64_t kValues = 10'000;
constexpr std::size_t kEnds = 10;

struct Shape {
  std::size_t rules = 1000;
  std::size_t group = kEnds;  // rules that begin alike
  std::uint64_t range = 100;  // of the values of x

  std::size_t groups() const { return rules / group; }
  std::uint64_t low(std::size_t of) const { return of * (kValues - range) / groups(); }
  /// ms
  static std::int64_t within(std::size_t end) {
    return (2 * static_cast<std::int64_t>(end) + 3) * static_cast<std::int64_t>(kKeys) / 2;
  }
};

std::string rules_text(const Shape& shape) {
  std::string text = "rules:\n";
  for (std::size_t i = 0; i < shape.rules; ++i) {
    const std::uint64_t low = shape.low(i / shape.group);
    const std::size_t end = i % shape.group;
    const std::string where = fmt::format("x >= {} and x < {}", low, low + shape.range);
    text += rule_text(fmt::format("r{}", i), "k",
                      fmt::format("SEQ(a WHERE {0}, b WHERE {0}, e{1} WHERE {0}) WITHIN {2}ms",
                                  where, end, Shape::within(end)));
  }
  return text;
}

struct Drawn {
  std::uint32_t key;
  std::uint8_t type;  // a, b, e0 ...
  std::uint16_t x;
};

std::vector<Drawn> draw(const Shape& shape, std::size_t events) {
  Random random(6);
  std::vector<Drawn> out;
  std::uint32_t key = 0;
  while (out.size() < events) {
    const std::uint64_t type = random.below(10);
    out.push_back({key,
                   static_cast<std::uint8_t>(type < 4   ? 0
                                             : type < 8 ? 1
                                                        : 2 + random.below(shape.group)),
                   static_cast<std::uint16_t>(random.below(kValues))});
    key = (key + 1) % kKeys;
    if (out.size() % 100 != 50) continue;
    const auto of = static_cast<std::uint32_t>(random.below(kKeys));
    const auto x =
        static_cast<std::uint16_t>(shape.low(random.below(shape.groups())) + shape.range / 2);
    out.push_back({of, 0, x});
    out.push_back({of, 1, x});
    out.push_back({of, static_cast<std::uint8_t>(2 + random.below(shape.group)), x});
  }
  out.resize(events);
  return out;
}

std::uint64_t expected_matches(const Shape& shape, const std::vector<Drawn>& drawn) {
  std::vector<std::vector<std::uint32_t>> of_key(kKeys);
  for (std::uint32_t i = 0; i < drawn.size(); ++i) of_key[drawn[i].key].push_back(i);
  constexpr std::int64_t kNever = -1'000'000'000;
  std::vector<std::int64_t> after_a;  // by group
  std::vector<std::int64_t> after_b;  // by rule
  std::uint64_t matches = 0;
  for (const std::vector<std::uint32_t>& places : of_key) {
    after_a.assign(shape.groups(), kNever);
    after_b.assign(shape.rules, kNever);
    for (const std::int64_t i : places) {
      const Drawn& event = drawn[static_cast<std::size_t>(i)];
      for (std::size_t group = 0; group < shape.groups(); ++group) {
        if (event.x < shape.low(group) || event.x >= shape.low(group) + shape.range) continue;
        if (event.type == 0) {
          after_a[group] = i;
        } else if (event.type == 1) {
          for (std::size_t end = 0; end < shape.group; ++end) {
            std::int64_t& of_rule = after_b[group * shape.group + end];
            of_rule = std::max(of_rule, after_a[group]);
          }
          after_a[group] = kNever;
        } else {
          const std::size_t end = event.type - 2;
          std::int64_t& of_rule = after_b[group * shape.group + end];
          matches += i - of_rule <= Shape::within(end);
          of_rule = kNever;
        }
      }
    }
  }
  return matches;
}

EventLog make_log(const Shape& shape, const std::vector<Drawn>& drawn) {
  EventLog log(compile_text(rules_text(shape)), drawn.size());
  std::vector<LogType> types = {log.type("a"), log.type("b")};
  for (std::size_t end = 0; end < shape.group; ++end) {
    types.push_back(log.type(fmt::format("e{}", end)));
  }
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    const LogType& type = types[drawn[i].type];
    Value* const slots = log.add(type, {static_cast<std::int64_t>(i) * kNsPerMs});
    slots[log.slot(type, "k")] = Value::integer(drawn[i].key);
    slots[log.slot(type, "x")] = Value::integer(drawn[i].x);
  }
  return log;
}

void run(const Context& context, Result& result, const Shape& shape, std::size_t events) {
  const std::vector<Drawn> drawn = draw(shape, context.scaled(events, 2000));
  const EventLog log = make_log(shape, drawn);
  const Turns turns = run_in_turns(context, {log, {.families = false}}, {log}, result);
  result.set("time with what rules share by that without", turns.ratio(), "x");
  result.detail("shared", turns.second.events_per_second(), "events/s");
  result.detail("each rule alone", turns.first.events_per_second(), "events/s");
  if (!turns.complete()) return;
  const std::uint64_t expected = expected_matches(shape, drawn);
  result.check("matches", expected, turns.second.delivered);
  result.check("matches of each rule alone", expected, turns.first.delivered);
}

}  // namespace

void add_prefixes(Scenarios& to) {
  to.push_back({"many-rules/prefixes", "1,000 rules of which ten each begin alike; sharing by none",
                [](const Context& context, Result& result) { run(context, result, {}, 50'000); }});
  to.push_back({"many-rules/prefixes/2", "two rules that begin alike; sharing by none",
                [](const Context& context, Result& result) {
                  run(context, result, {.rules = 2, .group = 2, .range = 1000}, 1'000'000);
                }});
}

}  // namespace weir::bench
