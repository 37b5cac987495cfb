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

/// How many matches each rule has, where so many of those that complete at once are wanted; behind
/// them, how many events with and without its key.
std::vector<std::uint64_t> counts(const nfa::ProgramPtr& program, const RandomLog& log,
                                  bool compact, std::uint64_t wanted) {
  class Counter final : public MatchConsumer {
   public:
    Counter(std::size_t rules, std::uint64_t wanted) : counts(rules, 0), wanted_(wanted) {}
    void on_match(nfa::RuleId rule, Timestamp, std::span<const nfa::BoundEvent>) override {
      ++counts[rule];
    }
    std::uint64_t wanted() const override { return wanted_; }
    void on_more(nfa::RuleId rule, std::uint64_t count) override { counts[rule] += count; }
    std::vector<std::uint64_t> counts;

   private:
    std::uint64_t wanted_;
  };
  class Sink final : public AlertSink {
    void on_alert(const Alert&) override {}
  };
  Sink sink;
  Counter counter(program->rules.size(), wanted);
  EngineOptions options;
  options.compact = compact;
  options.matches = &counter;
  Engine engine(program, options, sink);
  engine.push(log.events);
  engine.finish();
  std::vector<std::uint64_t> out = std::move(counter.counts);
  for (const RuleStats& stats : engine.stats().rules) {
    out.insert(out.end(), {stats.events, stats.without_key});
  }
  return out;
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
    EngineOptions each_alone;
    each_alone.families = false;
    for (const EngineOptions& options : {EngineOptions(), several_shards, each_alone}) {
      CHECK(report(program, log, options) == expected);
    }
    const auto all = counts(program, log, false, nfa::MatchListing::kAll);
    for (const std::uint64_t wanted : {0UL, 2UL}) {
      CHECK(counts(program, log, true, wanted) == all);
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
  CHECK(program->families[0].members.size() == 200);
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
    // The second step of one rule alone: that is matched by itself.
    if (i < 1) text += rule(number++, "SEQ(a WHERE x > " + x + ", c, b) WITHIN 20s");
    text += rule(number++, "SEQ(b WHERE x == " + x + (i % 2 == 0 ? ", a" : ", c") + ") WITHIN 20s");
  }
  const nfa::ProgramPtr program = compile_text(text);
  REQUIRE(program != nullptr);
  REQUIRE(program->families.size() == 2);
  CHECK(program->families[0].members.size() == 70);
  CHECK(program->families[1].members.size() == 70);
  std::size_t steps = 0;
  for (const nfa::FamilyPlan& family : program->families) steps += family.steps.size();
  CHECK(steps == 2 + 2 + 2 + 3);
  hold(program);
}

TEST_CASE("a family's rules read what is kept through WITHINs and AFTER MATCHs of their own") {
  std::string text = "rules:\n";
  std::size_t number = 0;
  for (const char* const pattern :
       {"SEQ(a, b)", "SEQ(a WHERE x > 2, b, c AS end)", "SEQ(a, b WITHIN 9s, c)",
        "SEQ(a, NOT d, b, NOT OR(a WHERE x > 6, d WHERE x < 8, d WHERE x > 1), c)",
        "SEQ(a, b, NOT c WHERE x > 5, c WHERE x < 8, NOT b WITHIN 4s, d)",
        "SEQ(a, NOT a, b, d WITHIN 6s)"}) {
    for (const char* const after : {"CONSUME", "KEEP", "SKIP PAST LAST", "SKIP TO NEXT",
                                    "SKIP TO FIRST a", "SKIP TO LAST b"}) {
      for (const char* const within : {"5s", "20s", "90s"}) {
        text +=
            rule(number++, std::string(pattern) + " WITHIN " + within + " AFTER MATCH " + after);
      }
    }
  }
  const nfa::ProgramPtr program = compile_text(text);
  REQUIRE(program != nullptr);
  REQUIRE(program->families.size() == 1);
  CHECK(program->families[0].members.size() == 90);  // all but those with a pause
  hold(program);
}

TEST_CASE("rules that read the alerts of others") {
  std::string text = "rules:\n";
  const auto add = [&](std::size_t number, const std::string& pattern) {
    text += rule(number, pattern);
  };
  // Both before and behind what they read; an alert comes while a match of the reader's own, or of
  // what shares with its cause, waits to be reported.
  add(1, "SEQ(\"rule:r4\" AS cause, b AS then) WITHIN 60s");
  add(2, "SEQ(a, ANY b, c) WITHIN 20s AFTER MATCH KEEP");
  add(3, "SEQ(b, \"rule:r2\" AS alert) WITHIN 30s AFTER MATCH SKIP TO NEXT");
  add(4, "SEQ(a, b) WITHIN 20s AFTER MATCH KEEP");
  add(5, "SEQ(a, c) WITHIN 10s");
  add(6, "SEQ(a, NEXT OR(\"rule:r4\", b WHERE x > 7) AS after_it) WITHIN 30s");
  add(7, "SEQ(OR(\"rule:r4\", \"rule:r5\") AS one, OR(\"rule:r4\", c) AS two) WITHIN 30s");
  add(8, "SEQ(\"rule:r5\" AS one, NOT \"rule:r4\") WITHIN 8s");
  add(9, "OR(\"rule:r7\", \"rule:r8\"){2} AS both WITHIN 300s");
  add(11, "SEQ(a, OR(\"rule:r5\", c) AS end) WITHIN 30s");
  add(12, "SEQ(ANY a, ANY OR(\"rule:r4\", b) AS end) WITHIN 30s AFTER MATCH SKIP TO NEXT");
  add(10, "SEQ(NOT \"rule:r4\" WITHIN 9s, c)");
  const nfa::ProgramPtr program = compile_text(text);
  REQUIRE(program != nullptr);
  for (const nfa::Rule& r : program->rules) {
    CAPTURE(r.id);
    CHECK(r.sequence.has_value());
  }
  hold(program);
}

TEST_CASE("the plan says with whom a rule shares") {
  std::string text = "rules:\n";
  text += rule(0, "SEQ(a, b, c) WITHIN 20s");
  text += rule(1, "SEQ(a, b, c WHERE x > 1) WITHIN 1h");
  text += rule(2, "SEQ(a, b, d) WITHIN 5s AFTER MATCH KEEP");
  text += rule(3, "SEQ(a, d) WITHIN 5s");
  text += rule(4, "SEQ(b, d) WITHIN 5s");
  const nfa::ProgramPtr program = compile_text(text);
  REQUIRE(program != nullptr);
  CHECK(program->plan_text(0) ==
        "family of 4 rules that have their first steps in common: events are kept once for all; "
        "shares all of its steps with r1, its first 2 steps with r2, its first step with r3");
  CHECK(program->plan_text(4) == "sequence: the events of 1 step are kept, not the runs");
}

TEST_CASE("of many states of a key only those are stepped that an event can do something to") {
  std::string text = "rules:\n";
  std::size_t number = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    const std::string x = std::to_string(i % 10);
    const std::string is_x = " WHERE x == " + x;
    text += rule(number++,
                 "SEQ(a, b{2,} AS many" + is_x + ", NOT d" + is_x + ", c" + is_x + ") WITHIN 60s");
    text += rule(number++, "SEQ(a AS one, c AS two WHERE x > one.x and x <= " + x + ") WITHIN 60s");
    text += rule(number++, "SEQ(a, AND(b" + is_x + ", c" + is_x + ")) WITHIN 60s");
    text += rule(number++, "SEQ(a, NOT b" + is_x + ") WITHIN 20s");
    text += rule(number++, "SEQ(a, SEQ(b" + is_x + ", c){1,3} UNTIL d" + is_x + ", d) WITHIN 60s");
    text += rule(number++, "SEQ(a, NEXT c" + is_x + ")");
    text += rule(number++,
                 "SEQ(NOT c" + is_x + " WITHIN 5s, a, d" + is_x + ") WITHIN 60s UNTIL b" + is_x);
  }
  hold(compile_text(text));
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

/// Each pattern with each AFTER MATCH that can make a difference, all of them by a compact plan.
/// `where`: the rule's, behind a `|`.
void hold_sequences(std::initializer_list<std::string> patterns, const std::string& key = "k") {
  std::string text = "rules:\n";
  std::size_t number = 0;
  for (const std::string& pattern : patterns) {
    const std::size_t bar = pattern.find('|');
    for (const char* const after :
         {"CONSUME", "KEEP", "SKIP PAST LAST", "SKIP TO NEXT", "SKIP TO LAST b"}) {
      std::string whole = pattern.substr(0, bar) + " AFTER MATCH " + after;
      if (bar != std::string::npos) whole += "\n    where: " + pattern.substr(bar + 1);
      text += rule(number++, whole, key);
    }
  }
  CAPTURE(text);
  const nfa::ProgramPtr program = compile_text(text);
  REQUIRE(program != nullptr);
  for (const nfa::Rule& r : program->rules) {
    CAPTURE(r.id);
    CHECK(r.sequence.has_value());
  }
  hold(program);
}

TEST_CASE("a NOT before the first step") {
  for (const char* const key : {"k", "j"}) {
    hold_sequences(
        {"SEQ(NOT a WITHIN 20s, b)", "SEQ(NOT b WITHIN 5s, b)",
         "SEQ(NOT a WITHIN 20s, NOT OR(c, d WHERE x > 4) WITHIN 9s, b WHERE x > 2, c)",
         "SEQ(NOT a WITHIN 8s, a, b) WITHIN 30s", "SEQ(NOT a WITHIN 5s, b, NOT a) WITHIN 15s",
         "SEQ(NOT * WITHIN 3s, b, NEXT b)", "SEQ(NOT d WITHIN 6s, b, ANY c{2,} AS cs) WITHIN 30s"},
        key);
  }
}

TEST_CASE("a NOT before the first step that is tied to it") {
  std::string text = "rules:\n";
  std::size_t number = 0;
  for (const char* const after : {"CONSUME", "KEEP"}) {
    text += rule(number++,
                 std::string("SEQ(NOT b WHERE x == a.x WITHIN 40s, a, c WHERE x == a.x) "
                             "WITHIN 60s AFTER MATCH ") +
                     after,
                 "j");
    text += rule(number++,
                 std::string("SEQ(NOT a WHERE x == a.x WITHIN 20s, a, b, c WHERE x == a.x)"
                             " WITHIN 60s AFTER MATCH ") +
                     after,
                 "j");
  }
  const nfa::ProgramPtr program = compile_text(text);
  REQUIRE(program != nullptr);
  CHECK(program->rules[0].sequence.has_value());
  CHECK_FALSE(program->rules[1].sequence.has_value());  // b is not tied
  hold(program);
}

TEST_CASE("a WHERE over what is bound") {
  for (const char* const key : {"k", "j"}) {
    hold_sequences(
        {"b{3} AS b WITHIN 60s|sum(b.x) >= 15", "b{2,} AS b WITHIN 30s|max(b.x) - min(b.x) > 5",
         "SEQ(a+ AS many, b) WITHIN 30s WHERE count(many) >= 2 and max(many.x) > 5",
         "SEQ(a, ANY b+ ANY, c+ AS cs) WITHIN 12s WHERE count_distinct(b.x) >= 2",
         "SEQ(a{2,} AS many, b{2} AS b) WITHIN 60s WHERE sum(many.x) < sum(b.x)",
         "SEQ(a{1,3} AS few, NOT c, b) WHERE sum(few.x) > 9",
         "SEQ(b, c{2,}? AS cs) WHERE last(cs.x) > b.x"},
        key);
  }
}

TEST_CASE("pauses between steps") {
  for (const char* const key : {"k", "j"}) {
    hold_sequences({"SEQ(a, NOT a WITHIN 5s, b)", "SEQ(a, NOT c WITHIN 5s, NEXT b)",
                    "SEQ(a, NOT c WITHIN 4s, ANY b, c WITHIN 9s) WITHIN 30s",
                    "SEQ(a, b, NOT OR(a, b) WITHIN 3s, c WITHIN 5s, d)",
                    "SEQ(a, NOT b WITHIN 3s, NOT c WITHIN 8s, b{2,}) WITHIN 60s",
                    "SEQ(a, ANY b, NOT d WITHIN 4s, ANY c) WITHIN 20s",
                    "SEQ(a, NOT b WITHIN 2s, b, NOT a, c)"},
                   key);
  }
}

TEST_CASE("groups with a WITHIN or a WHERE") {
  for (const char* const key : {"k", "j"}) {
    hold_sequences(
        {"SEQ(a, SEQ(b, c, d) WITHIN 20s) WITHIN 60s", "SEQ(SEQ(a, b+) WITHIN 15s, c) WITHIN 60s",
         "SEQ(a, ANY SEQ(b, ANY c) WITHIN 9s, d) WITHIN 30s",
         "SEQ(a, NEXT SEQ(b, c) WITHIN 9s WHERE b.x < c.x, d)",
         "SEQ(a, NOT a WITHIN 5s, SEQ(b, c{2} AS cs) WITHIN 20s) WITHIN 90s",
         "SEQ(SEQ(a, NOT c WITHIN 2s, b) WITHIN 9s, ANY SEQ(c+ ANY AS cs, d) WITHIN 4s) WITHIN "
         "20s"},
        key);
  }
}

TEST_CASE("an UNTIL of the pattern") {
  for (const char* const key : {"k", "j"}) {
    hold_sequences(
        {"SEQ(a, ANY b, c) WITHIN 30s UNTIL d WHERE x > 6",
         "SEQ(a, b{2,}) WITHIN 30s UNTIL OR(b WHERE x == 9, d WHERE x > 7)",
         "SEQ(a, b+, c{1,2} AS few, d) WITHIN 60s UNTIL a WHERE x > 7",
         "SEQ(b, NOT a WITHIN 4s, c WITHIN 9s) UNTIL d", "SEQ(b, NOT c) WITHIN 9s UNTIL a",
         "SEQ(a, b, c, d) UNTIL a WHERE x > 5", "SEQ(b, NEXT a) UNTIL b"},
        key);
  }
}

/// Long logs of few keys: what waits at one step is many.
TEST_CASE("sequences without a key") {
  const nfa::ProgramPtr program = compile_text(
      "rules:\n"
      "  - id: r\n    title: t\n    severity: low\n    pattern: SEQ(a, b, c WHERE x > 7, d WHERE x "
      "> 7)\n"
      "  - id: s\n    title: t\n    severity: low\n"
      "    pattern: SEQ(a, NOT b WHERE x > 5 WITHIN 4s, c WHERE x > 3, d WHERE x > 7)\n");
  hold(program);
}

}  // namespace
}  // namespace weir::runtime
