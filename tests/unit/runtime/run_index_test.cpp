// Long lists of runs report the same with an index and without, byte for byte. (Patterns of every
// shape are the random differential test's, over short lists.)
#include <doctest/doctest.h>

#include <initializer_list>

#include "parallel_support.hpp"

namespace weir::runtime {
namespace {

class Sink final : public AlertSink {
 public:
  void on_alert(const Alert& alert) override {
    append_alert_json(text, alert);
    text += '\n';
  }
  std::string text;
};

struct Outcome {
  std::string alerts;
  std::uint64_t most_open = 0;
};

Outcome report(const nfa::ProgramPtr& program, const RandomLog& log, std::size_t few_runs,
               std::size_t shards = 1) {
  EngineOptions options;
  options.compact = false;
  options.few_runs = few_runs;
  options.shards = shards;
  Outcome out;
  Sink sink;
  Engine engine(program, options, sink);
  for (const Event& event : log.events) {
    engine.push({&event, 1});
    out.most_open = std::max(out.most_open, engine.open_runs());
  }
  engine.finish();
  out.alerts = std::move(sink.text);
  return out;
}

void hold(const std::string& pattern, std::uint64_t open) {
  for (const char* const after :
       {"CONSUME", "KEEP", "SKIP TO NEXT", "SKIP PAST LAST", "SKIP TO LAST a"}) {
    const std::string text = std::string("rules:\n  - id: r\n    title: t\n    severity: low\n") +
                             "    pattern: " + pattern + " AFTER MATCH " + after + "\n";
    CAPTURE(text);
    const nfa::ProgramPtr program = compile_text(text);
    REQUIRE(program != nullptr);
    for (unsigned seed = 1; seed <= 3; ++seed) {
      const RandomLog log(*program, 600, seed);
      const Outcome expected = report(program, log, nfa::kNoRunIndex);
      CHECK(!expected.alerts.empty());
      CHECK(report(program, log, nfa::kFewRuns).alerts == expected.alerts);
      CHECK(report(program, log, 5).alerts == expected.alerts);
      const Outcome found = report(program, log, 0, 2);
      CHECK(found.alerts == expected.alerts);
      // What WITHIN has ended is not kept until somebody looks at it.
      CHECK(found.most_open <= expected.most_open);
      if (std::string_view(after) == "KEEP") CHECK(expected.most_open > open);
    }
  }
}

TEST_CASE("runs are found by equality") {
  hold("SEQ(a, b WHERE x == a.x + 5 AND k != a.k, c WHERE x > a.x) WITHIN 2000s", nfa::kFewRuns);
}

TEST_CASE("runs are found by order") {
  hold("SEQ(a, b WHERE x + 7 < a.x, c WHERE x * 3 >= b.x) WITHIN 2000s", nfa::kFewRuns);
}

TEST_CASE("runs of a loop") {
  hold("SEQ(a, b{1,3} WHERE x == a.x, d WHERE x == a.x + count(b)) WITHIN 300s", 20);
  hold("SEQ(a, b+ WHERE x == a.x AND k == a.k, c WHERE x == first(b.x)) WITHIN 500s", 20);
}

TEST_CASE("runs that wait for time") {
  hold("SEQ(a, NOT b WHERE x == a.x WITHIN 40s, c WHERE x == a.x) WITHIN 400s", 15);
  hold("SEQ(a, NOT b WHERE x == a.x AND k == a.k) WITHIN 300s", 20);
  hold("SEQ(a, b WHERE x == a.x WITHIN 30s, NOT d WHERE x == a.x, c) WITHIN 600s", 10);
}

TEST_CASE("runs that may be the same") {
  hold("SEQ(a, OR(b WHERE x == a.x, SEQ(c WHERE x == a.x, b?)), d WHERE x == a.x) WITHIN 400s", 20);
  hold("SEQ(a, AND(b WHERE x == a.x, c WHERE x > a.x), d?) WITHIN 200s", 20);
}

TEST_CASE("runs that every event goes to are among those that are found") {
  hold("SEQ(a, NEXT c, b WHERE x == a.x) WITHIN 2000s", 5);
  hold("SEQ(a, b++ WHERE x == a.x, c WHERE x == a.x) WITHIN 100s", 10);
  hold("SEQ(a, NEXT NOT c, b WHERE x == a.x) WITHIN 500s UNTIL d WHERE x == a.x AND k == a.k", 10);
}

}  // namespace
}  // namespace weir::runtime
