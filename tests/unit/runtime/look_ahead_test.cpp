// Events pushed together, so that the engine looks ahead to their keys, against the same one by
// one.
#include <doctest/doctest.h>

#include "parallel_support.hpp"

namespace weir::runtime {
namespace {

const char* const kRules = R"yaml(
derive:
  - id: load
    from: a
    key: k
    window: sliding 4h every 1h
    values:
      n: count()
      high: percentile(x, 90)
      names: count_distinct(j)
  - id: visit
    from: b
    where: x > 2
    key: [k, j]
    window: session gap 2h
    values:
      n: count()
rules:
  - {id: next, key: k, pattern: "SEQ(a, NEXT b)"
}
  - {id: later, key: k, pattern: "SEQ(c AS one, d WHERE x == one.x) WITHIN 2h"}
  - {id: silent, key: [k, j], pattern: "SEQ(c, NOT d WITHIN 40s)"}
  - {id: by-type, key: {a: k, b: j}, pattern: "SEQ(a, b)"}
  - {id: at-once, key: [k, ts], pattern: "SEQ(a, b)"}
  - {id: no-key, pattern: "a WHERE x == 9"}
  - {id: loaded, key: k, pattern: "load WHERE n > 1 and high > 7"}
  - {id: varied, key: k, pattern: "SEQ(load WHERE names > 1, load)"}
  - {id: visited, key: k, pattern: "visit WHERE n > 1"}
)yaml";

TEST_CASE("looking ahead changes nothing") {
  const nfa::ProgramPtr program = compile_text(kRules);
  REQUIRE(program != nullptr);
  const JsonFormat format;
  // Below and above so many keys that it pays.
  for (const unsigned keys : {200U, 3000U}) {
    const RandomLog log(*program, 40'000, keys, keys);
    const Report one_by_one = run_one_engine(program, log, {}, format);
    for (nfa::RuleId r = 0; keys <= 200 && r < program->rules.size(); ++r) {
      CAPTURE(program->rules[r].id);
      CHECK(one_by_one.stats.rules[r].matches > 0);
    }
    for (const std::size_t together : {2UL, 13UL, 1000UL}) {
      CAPTURE(keys);
      CAPTURE(together);
      const Report report = run_one_engine(program, log, {.together = together}, format);
      CHECK_MESSAGE(report == one_by_one, difference(report, one_by_one));
    }
  }
}

TEST_CASE("looking ahead where one rule has many keys and another has none") {
  const nfa::ProgramPtr program = compile_text(R"yaml(
rules:
  - {id: many, key: k, pattern: "SEQ(a, b WHERE x > 8, b WHERE x < 2)"}
  - {id: none, key: j, pattern: "SEQ(a WHERE x > 100, c)"}
)yaml");
  REQUIRE(program != nullptr);
  const JsonFormat format;
  const RandomLog log(*program, 300'000, 5, 50'000);
  const Report one_by_one = run_one_engine(program, log, {}, format);
  CHECK(one_by_one.stats.rules[0].matches > 0);
  const Report report = run_one_engine(program, log, {.together = 500}, format);
  CHECK_MESSAGE(report == one_by_one, difference(report, one_by_one));
}

}  // namespace
}  // namespace weir::runtime
