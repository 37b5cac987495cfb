// What is held of keys that fall silent: nothing past what WITHIN allows, wherever it stands.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "weir/compiler/compile.hpp"
#include "weir/pattern-lang/rule_file.hpp"
#include "weir/runtime/engine.hpp"

namespace weir::runtime {
namespace {

class NoAlerts final : public AlertSink {
 public:
  void on_alert(const Alert&) override { FAIL("no match is expected"); }
};

/// One event a second, of these types, each of the next of so many keys; how many partial matches
/// are open then.
std::uint64_t held(const std::string& pattern, const std::string& types, std::int64_t keys) {
  auto file = std::make_shared<lang::SourceFile>();
  file->text = "rules: [{id: r, key: k, pattern: \"" + pattern + "\"}]";
  lang::Diagnostics diagnostics;
  const auto documents = lang::read_rule_file(file, diagnostics);
  std::vector<const lang::RuleDocument*> all;
  for (const auto& document : documents) all.push_back(&document);
  const nfa::ProgramPtr program = compiler::compile(all, {}, diagnostics);
  REQUIRE(program != nullptr);

  NoAlerts sink;
  Engine engine(program, {}, sink);
  std::int64_t second = 0;
  for (const char type : types) {
    const std::string name(1, type);
    Event event;
    event.type = program->plan.type_id(name);
    event.type_name = name;
    event.plan = &program->plan.type(event.type);
    std::vector<Value> slots(event.plan->fields.size(), Value::integer(second % keys));
    event.slots = slots.data();
    event.ts = Timestamp{second++ * kNsPerSecond};
    engine.push(event);
  }
  return engine.open_runs();
}

/// A thousand keys, one event of type `d` each.
std::uint64_t held(const std::string& pattern) {
  return held(pattern, std::string(1000, 'd'), 1000);
}

TEST_CASE("nothing of a silent key is held past a WITHIN") {
  for (const char* pattern : {
           "SEQ(d, c) WITHIN 10s",
           "SEQ(d, c WITHIN 10s)",
           "SEQ(d, OR(b WITHIN 3s, c WITHIN 10s))",
           "SEQ(d, AND(b WITHIN 3s, c WITHIN 10s))",
           "SEQ(d, NEXT c WITHIN 3s, b WITHIN 10s)",
           "SEQ(SEQ(d, c) WITHIN 10s, b WITHIN 10s)",
           "SEQ(NOT d WITHIN 10s, c)",
           "SEQ(NOT d WITHIN 3s, c, b) WITHIN 10s",
       }) {
    CAPTURE(pattern);
    CHECK(held(pattern) <= 12);
  }
}

TEST_CASE("what no WITHIN bounds is held") {
  CHECK(held("SEQ(d, c)") == 1000);
  CHECK(held("SEQ(d, OR(b WITHIN 3s, c))") == 1000);
}

TEST_CASE("what has begun and is broken is not held for a run that waits further on") {
  std::string types = "dc";
  for (int i = 0; i < 1000; ++i) types += "de";
  CHECK(held("SEQ(d, NEXT c, NOT e WHERE k > 5, b)", types, 1) <= 2);
  CHECK(held("SEQ(d, NOT e, c, b)", types, 1) <= 2);
}

}  // namespace
}  // namespace weir::runtime
