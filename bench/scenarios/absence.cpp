// absence: every a with no b of its key within 10 s.
//
// Shape: a and b by turns. Every a has a key drawn evenly; b answers the a of the second
// before, in shuffled order, but for one in 50, which names some other key. So an answer takes up
// to 2 s, and about 2 in 100 a are never answered. Events are 1 ms apart with 10,000 keys, 10 us
// with a million.
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
constexpr std::int64_t kWait = 10 * kNsPerSecond;
constexpr std::int64_t kBlock = kNsPerSecond;

EventLog make_log(const nfa::ProgramPtr& program, std::size_t events, std::size_t keys) {
  EventLog log(program, events);
  const LogType a = log.type("a");
  const LogType b = log.type("b");
  const std::int64_t apart = 10 * kNsPerSecond / static_cast<std::int64_t>(keys);
  const auto pairs = static_cast<std::size_t>(std::max<std::int64_t>(kBlock / apart / 2, 1));
  Random random(3);
  std::vector<std::uint64_t> asked;
  std::vector<std::uint64_t> answers;
  for (std::size_t i = 0; i < events; ++i) {
    if (i % (2 * pairs) == 0) {
      answers.swap(asked);
      asked.clear();
      for (std::size_t n = answers.size(); n > 1; --n) {
        std::swap(answers[n - 1], answers[random.below(n)]);
      }
    }
    std::uint64_t key = random.below(keys);
    if (i % 2 == 0) {
      asked.push_back(key);
    } else if (!answers.empty()) {
      if (random.below(50) != 0) key = answers.back();
      answers.pop_back();
    }
    Value* const slots = log.add(i % 2 == 0 ? a : b, {static_cast<std::int64_t>(i) * apart});
    slots[0] = Value::integer(static_cast<std::int64_t>(key));
  }
  return log;
}

/// Deadlines are in order of time as the a are; b only leaves its place with its key.
LoopOutcome loop(std::span<const Event> events, TypeId type_a, std::size_t keys) {
  struct Waiting {
    std::int64_t until;
    std::uint64_t key;
    std::uint32_t place;
  };
  LoopOutcome out;
  Ring<Waiting> waiting;
  OpenTable<std::uint32_t> last_b;  // place + 1; 0: none yet
  last_b.reserve(keys);
  const auto fire = [&] {
    const Waiting& first = waiting.front();
    const std::uint32_t* const b = last_b.find(first.key);
    if (b == nullptr || *b <= first.place) {
      ++out.matches;
      out.digest = fold(fold(out.digest, first.place), kEndOfMatch);
    }
    waiting.pop_front();
  };
  std::uint32_t place = 0;
  for (const Event& event : events) {
    while (!waiting.empty() && waiting.front().until < event.ts.ns) fire();
    const auto key = static_cast<std::uint64_t>(event.slots[0].as_int());
    if (event.type == type_a) {
      waiting.push_back({event.ts.ns + kWait, key, place});
    } else {
      last_b[key] = place + 1;
    }
    ++place;
  }
  while (!waiting.empty()) fire();
  return out;
}

nfa::ProgramPtr make_program() {
  return compile_text("rules:\n" + rule_text("absence", "k", "SEQ(a, NOT b) WITHIN 10s"));
}

void run(const Context& context, Result& result, std::size_t keys) {
  const nfa::ProgramPtr program = make_program();
  keys = context.scaled(keys, 20);
  const EventLog log = make_log(program, context.scaled(kEvents, 1000), keys);
  const TypeId a = program->plan.type_id("a");
  compare_with_loop(
      context, log, [&](std::span<const Event> events) { return loop(events, a, keys); }, 0.25,
      result);
}

}  // namespace

void add_absence(Scenarios& to) {
  for (const std::size_t keys : {10'000, 1'000'000}) {
    to.push_back({std::string("absence/") + (keys == 10'000 ? "10k" : "1M"),
                  "every a with no b of its key within 10 s, beside a hand-written loop",
                  [=](const Context& context, Result& result) { run(context, result, keys); }});
  }
}

void add_absence_path(HotPaths& to) {
  to.push_back(in_memory(
      "absence", [](std::size_t events) { return make_log(make_program(), events, 1000); }));
}

}  // namespace weir::bench
