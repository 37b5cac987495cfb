// keyed-seq: SEQ(a, b, c) per key, strict and skip-till-next.
//
// Shape: keys drawn evenly, types a 49 %, b 49 %, c 2 %, 1 ms apart. Of each key the log holds 200
// events (10,000 keys) or 2 (a million).
#include "../engine_harness.hpp"
#include "../hot_path.hpp"
#include "../open_table.hpp"
#include "../random.hpp"
#include "../reference_loop.hpp"
#include "../rule_text.hpp"

namespace weir::bench {
namespace {

constexpr std::size_t kEvents = 2'000'000;
constexpr std::uint32_t kNothing = 0xffffffff;

EventLog make_log(const nfa::ProgramPtr& program, std::size_t events, std::size_t keys) {
  EventLog log(program, events);
  const LogType a = log.type("a");
  const LogType b = log.type("b");
  const LogType c = log.type("c");
  Random random(1);
  for (std::size_t i = 0; i < events; ++i) {
    const std::uint64_t kind = random.below(100);
    const LogType& type = kind < 49 ? a : kind < 98 ? b : c;
    Value* const slots = log.add(type, {static_cast<std::int64_t>(i) * kNsPerMs});
    slots[0] = Value::integer(static_cast<std::int64_t>(random.below(keys)));
  }
  return log;
}

/// What a key has bound: places of events.
struct State {
  std::uint32_t a = kNothing;     // waits for b
  std::uint32_t ab_a = kNothing;  // waits for c
  std::uint32_t ab_b = kNothing;
};

void report(LoopOutcome& out, const State& state, std::uint32_t c) {
  ++out.matches;
  for (const std::uint32_t place : {state.ab_a, state.ab_b, c}) {
    out.digest = fold(out.digest, place);
  }
  out.digest = fold(out.digest, kEndOfMatch);
}

struct Types {
  TypeId a;
  TypeId b;
};

LoopOutcome strict_loop(std::span<const Event> events, Types types, std::size_t expected_keys) {
  LoopOutcome out;
  OpenTable<State> keys;
  keys.reserve(expected_keys);
  std::uint32_t place = 0;
  for (const Event& event : events) {
    State& state = keys[static_cast<std::uint64_t>(event.slots[0].as_int())];
    if (event.type == types.a) {
      state = {.a = place};
    } else if (event.type == types.b) {
      state = {.ab_a = state.a, .ab_b = place};
    } else {
      if (state.ab_a != kNothing) report(out, state, place);
      state = {};
    }
    ++place;
  }
  return out;
}

/// The first a that waits is the one that a match names: the others wait for the same b and c, and
/// CONSUME drops them with it.
LoopOutcome skip_loop(std::span<const Event> events, Types types, std::size_t expected_keys) {
  LoopOutcome out;
  OpenTable<State> keys;
  keys.reserve(expected_keys);
  std::uint32_t place = 0;
  for (const Event& event : events) {
    State& state = keys[static_cast<std::uint64_t>(event.slots[0].as_int())];
    if (event.type == types.a) {
      if (state.a == kNothing) state.a = place;
    } else if (event.type == types.b) {
      if (state.a != kNothing) {
        if (state.ab_a == kNothing) {
          state.ab_a = state.a;
          state.ab_b = place;
        }
        state.a = kNothing;
      }
    } else if (state.ab_a != kNothing) {
      report(out, state, place);
      state.ab_a = kNothing;
    }
    ++place;
  }
  return out;
}

nfa::ProgramPtr make_program(bool strict) {
  return compile_text(
      "rules:\n" + rule_text("keyed-seq", "k", strict ? "SEQ(a, NEXT b, NEXT c)" : "SEQ(a, b, c)"));
}

void run(const Context& context, Result& result, bool strict, std::size_t keys) {
  const nfa::ProgramPtr program = make_program(strict);
  keys = context.scaled(keys, 20);
  const EventLog log = make_log(program, context.scaled(kEvents, 1000), keys);
  const Types types{program->plan.type_id("a"), program->plan.type_id("b")};
  compare_with_loop(
      context, log,
      [&](std::span<const Event> events) {
        return strict ? strict_loop(events, types, keys) : skip_loop(events, types, keys);
      },
      0.25, result);
}

}  // namespace

void add_keyed_seq(Scenarios& to) {
  for (const bool strict : {true, false}) {
    for (const std::size_t keys : {10'000, 1'000'000}) {
      to.push_back(
          {std::string("keyed-seq/") + (strict ? "strict" : "skip") +
               (keys == 10'000 ? "/10k" : "/1M"),
           std::string(strict ? "SEQ(a, NEXT b, NEXT c)" : "SEQ(a, b, c)") +
               " per key, beside a hand-written loop",
           [=](const Context& context, Result& result) { run(context, result, strict, keys); }});
    }
  }
}

void add_keyed_seq_path(HotPaths& to) {
  to.push_back(in_memory(
      "keyed-seq", [](std::size_t events) { return make_log(make_program(false), events, 1000); }));
}

}  // namespace weir::bench
