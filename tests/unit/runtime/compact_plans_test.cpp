// Compact plans report what run by run is reported, byte for byte: families of rules that differ in
// constants, indexes over what begins a rule, sequences. (Patterns of every shape are the random
// differential test's.)
#include <doctest/doctest.h>

#include <initializer_list>

#include "parallel_support.hpp"

namespace weir::runtime {
namespace {

std::string rule(std::size_t number, const std::string& pattern, const std::string& key = "k") {
  return "  - id: r" + std::to_string(number) +
         "\n    title: t\n    severity: low\n    key: " + key + "\n    pattern: " + pattern + "\n";
}

std::string report(const nfa::ProgramPtr& program, const RandomLog& log, EngineOptions options) {
  class Sink final : public AlertSink {
   public:
    void on_alert(const Alert& alert) override {
      append_alert_json(text, alert);
      text += '\n';
    }
    std::string text;
  };
  Sink sink;
  Engine engine(program, options, sink);
  engine.push(log.events);
  engine.finish();
  return sink.text;
}

void hold(const nfa::ProgramPtr& program) {
  REQUIRE(program != nullptr);
  std::size_t bytes = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    const RandomLog log(*program, 400, seed);
    EngineOptions run_by_run;
    run_by_run.compact = false;
    EngineOptions several_shards;
    several_shards.shards = 3;
    const std::string expected = report(program, log, run_by_run);
    for (const EngineOptions& options : {EngineOptions(), several_shards}) {
      CHECK(report(program, log, options) == expected);
    }
    bytes += expected.size();
  }
  CHECK(bytes > 0);
}

TEST_CASE("families of rules that differ in constants") {
  std::string text = "rules:\n";
  for (std::size_t i = 0; i < 100; ++i) {
    const std::string x = std::to_string(i % 10);
    text += rule(3 * i, "SEQ(a AS one WHERE x >= " + x + ", b AS two WHERE x < " +
                            std::to_string((i * 7) % 11) + ", c) WITHIN 20s");
    text += rule(3 * i + 1, "SEQ(a WHERE x >= " + x + " and x < " + std::to_string(i % 10 + 3) +
                                ", b, c WHERE x == " + std::to_string(i % 7) +
                                ", d AS final WHERE x > " + std::to_string(i % 5) + ") WITHIN 30s");
    if (i < 3) text += rule(3 * i + 2, "SEQ(b WHERE x > " + x + ", a) WITHIN 20s", "j");
  }
  const nfa::ProgramPtr program = compile_text(text);
  REQUIRE(program != nullptr);
  REQUIRE(program->families.size() == 2);
  CHECK(program->families[0].rules.size() == 100);
  hold(program);
}

TEST_CASE("families of rules that have their first steps in common") {
  std::string text = "rules:\n";
  std::size_t number = 0;
  for (std::size_t i = 0; i < 70; ++i) {
    const std::string x = std::to_string(i % 10);
    const std::string begin = "SEQ(a AS one" + (i % 3 == 0 ? "" : " WHERE x >= " + x) + ", b" +
                              (i % 4 == 0 ? " WHERE x < " + x + " and j == \"k1\"" : "");
    const char* const ends[] = {"", ", c AS more", ", d", ", c WHERE x > 3, d AS final", ", d, c"};
    text += rule(number++, begin + ends[i % 5] + ") WITHIN 20s");
    // Too few that have their second step: these are matched one by one.
    if (i < 3) text += rule(number++, "SEQ(a WHERE x > " + x + ", c, b) WITHIN 20s");
    text += rule(number++, "SEQ(b WHERE x == " + x + (i % 2 == 0 ? ", a" : ", c") + ") WITHIN 20s");
  }
  const nfa::ProgramPtr program = compile_text(text);
  REQUIRE(program != nullptr);
  REQUIRE(program->families.size() == 2);
  CHECK(program->families[0].rules.size() == 70);
  CHECK(program->families[1].rules.size() == 70);
  std::size_t steps = 0;
  for (const nfa::FamilyPlan& family : program->families) steps += family.steps.size();
  CHECK(steps == 2 + 2 + 2 + 3);
  hold(program);
}

TEST_CASE("what begins a rule is found by an index") {
  std::string text = "rules:\n";
  for (std::size_t i = 0; i < 30; ++i) {
    const std::string x = std::to_string(i % 10);
    text +=
        rule(4 * i, "a AS alone WHERE x == " + x + " and j == \"k" + std::to_string(i % 5) + "\"");
    text += rule(4 * i + 1, "SEQ(a WHERE x >= " + x + ", NEXT b)");
    text += rule(4 * i + 2, "SEQ(OR(a WHERE x == " + x + ", b WHERE x > 7), c++ AS all) WITHIN 5s");
    text += rule(4 * i + 3, "SEQ(NOT c WHERE x == " + x + " WITHIN 5s, a, d)");
  }
  hold(compile_text(text));
}

TEST_CASE("sequences of every kind beside one another") {
  std::string text = "rules:\n";
  std::size_t number = 0;
  for (const char* const pattern : {
           "SEQ(a, b, c)",
           "SEQ(a, NEXT b, NEXT c)",
           "SEQ(a, ANY b, c) WITHIN 10s AFTER MATCH KEEP",
           "SEQ(a, ANY b+ ANY, c) WITHIN 6s AFTER MATCH KEEP",
           "SEQ(a{2,} AS many, NOT d, c) WITHIN 20s",
           "SEQ(a, NOT b WITHIN 5s)",
           "SEQ(a, NOT b) WITHIN 7s AFTER MATCH SKIP TO NEXT",
           "SEQ(a, b WHERE b.x == a.x, c WHERE x == a.x) WITHIN 60s",
           "SEQ(a, b WITHIN 3s, c WITHIN 4s)",
           "a{3} AS three WITHIN 30s",
       }) {
    text += rule(number++, pattern);
  }
  hold(compile_text(text));
}

}  // namespace
}  // namespace weir::runtime
