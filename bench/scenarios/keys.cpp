// keys: 10 M keys with one open run each; how much memory each holds beside the key and its event.
//
// Shape: SEQ(a, b) WITHIN 1h; an a of a new integer key every microsecond. An event has its raw
// record (about 40 bytes) and one slot. What is taken off the memory measured: 8 bytes of the key,
// 32 of the event's time, arrival and position, 16 of its slot, and the record. Then one key in
// 1,000 gets its b.
#include <fmt/core.h>

#include "../engine_harness.hpp"
#include "../rule_text.hpp"

namespace weir::bench {
namespace {

constexpr std::size_t kKeys = 10'000'000;
constexpr std::size_t kBatch = 16'384;
constexpr std::size_t kAnswered = 1000;  // one key of so many
constexpr std::size_t kOwnBytes = 8 + 32 + 16;

/// Events are made batch by batch, so that the engine alone holds on to them.
class Batch {
 public:
  Batch(const nfa::ProgramPtr& program, std::string_view type)
      : plan_(&program->plan.type(program->plan.type_id(type))),
        slots_(kBatch),
        events_(kBatch),
        records_(kBatch) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      events_[i].type = program->plan.type_id(type);
      events_[i].type_name = plan_->name;
      events_[i].plan = plan_;
      events_[i].slots = &slots_[i];
    }
  }

  void set(std::size_t i, std::size_t key, std::size_t place) {
    records_[i] = fmt::format(R"({{"type":"a","k":{:08},"host":"h{:03}"}})", key, key % 1000);
    slots_[i] = Value::integer(static_cast<std::int64_t>(key));
    events_[i].ts = {static_cast<std::int64_t>(place) * 1000};
    events_[i].position = {0, 0, place};
    events_[i].raw = records_[i];
  }
  std::span<const Event> first(std::size_t n) const { return {events_.data(), n}; }

 private:
  const TypePlan* plan_;
  std::vector<Value> slots_;
  std::vector<Event> events_;
  std::vector<std::string> records_;
};

void run(const Context& context, Result& result) {
  const std::size_t keys = context.scaled(kKeys, 20'000);
  const nfa::ProgramPtr program =
      compile_text("rules:\n" + rule_text("keys", "k", "SEQ(a, b) WITHIN 1h"));
  Batch asked(program, "a");
  Batch answers(program, "b");
  asked.set(0, 0, 0);
  const std::size_t own = kOwnBytes + asked.first(1)[0].raw.size();
  for (std::size_t i = 0; i < kBatch; ++i) {
    asked.set(i, i, i);
    answers.set(i, i, i);
  }

  EngineHarness engine(program, {});
  const std::uint64_t before = resident_bytes();
  const Deadline deadline(context.run_seconds * 3);
  const std::uint64_t bound = context.memory_bytes * 9 / 10;
  std::size_t opened = 0;
  const PeakMemory peak;
  const Cost cost = measure([&] {
    while (opened < keys) {
      const std::size_t n = std::min(kBatch, keys - opened);
      for (std::size_t i = 0; i < n; ++i) asked.set(i, opened + i, opened + i);
      if (!engine.push(asked.first(n), deadline) || resident_bytes() > bound) break;
      opened += n;
    }
  });
  const double total =
      static_cast<double>(resident_bytes() - before) / static_cast<double>(engine.pushed());
  result.runs = 1;
  result.engine_bytes = peak.grown();
  result.wall_seconds = cost.wall;
  result.cpu_seconds = cost.cpu;
  result.set("a key, beside the key and its event", total - static_cast<double>(own), "bytes");
  result.at_most(64);
  result.detail("a key in all", total, "bytes");
  result.detail("key and event", static_cast<double>(own), "bytes");
  result.detail("keys", static_cast<double>(opened), "");
  if (opened < keys) {
    result.give_up(fmt::format("{} of {} keys, the bound of time or memory", opened, keys));
    return;
  }
  std::uint64_t expected = 0;
  std::size_t n = 0;
  const auto flush = [&] {
    engine.push(answers.first(n), Deadline(context.run_seconds));
    n = 0;
  };
  for (std::size_t key = 0; key < keys; key += kAnswered, ++expected) {
    answers.set(n++, key, keys + expected);
    if (n == kBatch) flush();
  }
  flush();
  result.check("matches", expected, engine.delivered());
}

}  // namespace

void add_keys(Scenarios& to) {
  to.push_back({"keys", "memory of 10 M keys with one open run each", run});
}

}  // namespace weir::bench
