// Events pushed many at a time, with so many keys that the engine looks ahead, against one by one.
#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "parallel_support.hpp"

namespace weir::runtime {
namespace {

constexpr const char* kRules = R"yaml(
rules:
  - {id: strict, key: k, pattern: "SEQ(a, NEXT b)"
}
  - {id: skip, key: k, pattern: "SEQ(a, b, c) WITHIN 400s"}
  - {id: absent, key: k, pattern: "SEQ(a, NOT b) WITHIN 300s"}
  - {id: run-by-run, key: k, pattern: "SEQ(a AS one, c WHERE x > one.x) WITHIN 100s"}
  - {id: correlated, pattern: "SEQ(a AS one, d WHERE j == one.j) WITHIN 200s"}
)yaml";

/// What is reported of a log of so many keys, pushed in batches of one size.
std::string report(std::size_t batch, std::size_t shards) {
  const nfa::ProgramPtr program = compile_text(kRules);
  REQUIRE(program != nullptr);
  class Sink final : public AlertSink {
   public:
    void on_alert(const Alert& alert) override {
      text += alert.rule->id + ' ' + alert.id + '\n';  // an id names all events of the match
    }
    std::string text;
  };
  constexpr std::size_t kEvents = 40'000;
  constexpr unsigned kKeys = 6000;
  std::vector<Event> events(kEvents);
  std::vector<std::vector<Value>> slots(kEvents);
  std::mt19937 random(1);
  for (std::size_t i = 0; i < kEvents; ++i) {
    Event& event = events[i];
    const std::string type(1, "abcd"[random() % 4]);
    event.type = program->plan.type_id(type);
    event.plan = &program->plan.type(event.type);
    event.type_name = event.plan->name;
    event.ts = {static_cast<std::int64_t>(i) * kNsPerMs * 10};
    event.position = {0, 0, i};
    for (const FieldId field : event.plan->fields) {
      const std::string& name = program->plan.field(field).dotted;
      const unsigned values = name == "x" ? 10 : kKeys;
      // A key is missing now and then.
      slots[i].push_back(random() % 50 == 0 ? Value() : Value::integer(random() % values));
    }
    event.slots = slots[i].data();
  }
  Sink sink;
  EngineOptions options;
  options.shards = shards;
  Engine engine(program, options, sink);
  for (std::size_t i = 0; i < kEvents; i += batch) {
    engine.push(std::span<const Event>(events).subspan(i, std::min(batch, kEvents - i)));
  }
  engine.finish();
  return sink.text;
}

TEST_CASE("many keys: what is reported does not depend on batches and shards") {
  const std::string expected = report(1, 1);
  for (const char* rule : {"strict", "skip", "absent", "run-by-run", "correlated"}) {
    CAPTURE(rule);
    CHECK(expected.find(std::string(rule) + ' ') != std::string::npos);
  }
  for (const std::size_t batch : {7UL, 16UL, 1000UL}) {
    for (const std::size_t shards : {1UL, 3UL}) {
      CAPTURE(batch);
      CAPTURE(shards);
      CHECK((report(batch, shards) == expected));
    }
  }
}

}  // namespace
}  // namespace weir::runtime
