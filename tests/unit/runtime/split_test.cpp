// Which rules are spread by their keys, which stay together, and who has what.
#include "parallel/split.hpp"

#include <doctest/doctest.h>

#include <set>

#include "parallel/router.hpp"
#include "parallel_support.hpp"

namespace weir::runtime {
namespace {

std::string rule(const std::string& id, const std::string& pattern, const std::string& key,
                 const std::string& alert = "") {
  return "  - id: " + id + "\n    title: t\n    severity: low\n" +
         (key.empty() ? "" : "    key: " + key + "\n") + "    pattern: " + pattern + "\n" +
         (alert.empty() ? "" : "    alert: " + alert + "\n");
}

/// Of each rule whether it is spread, in the order of the text.
std::string kinds(const std::string& rules, const std::string& derives = "") {
  const nfa::ProgramPtr program = compile_text(derives + "rules:\n" + rules);
  REQUIRE(program != nullptr);
  const Split split(*program, 3);
  std::string out;
  for (const std::uint8_t worker : split.rule_worker) out += worker == Split::kSpread ? 's' : 'p';
  return out;
}

TEST_CASE("split: a rule with a key is spread, one without is pinned") {
  CHECK(kinds(rule("one", "SEQ(a, b)", "k") + rule("two", "SEQ(a, b)", "")) == "sp");
  CHECK(kinds(rule("one", "SEQ(a, NOT b WITHIN 5s)", "[k, j]")) == "s");
  CHECK(kinds(rule("one", "SEQ(a, b)", "{a: k, b: j}")) == "s");
}

TEST_CASE("split: max_per counts over all keys") {
  CHECK(kinds(rule("one", "SEQ(a, b)", "k", "{max_per: 5/1h}")) == "p");
  CHECK(kinds(rule("one", "SEQ(a, b)", "k", "{cooldown: 1h}")) == "s");
}

TEST_CASE("split: windows are pinned with what reads them") {
  const std::string derive =
      "derive:\n  - id: w\n    from: a\n    key: k\n    window: tumbling 1m\n    values:\n"
      "      n: count()\n";
  CHECK(kinds(rule("one", "SEQ(w, w)", "k") + rule("two", "SEQ(a, b)", "k"), derive) == "ps");
}

TEST_CASE("split: a chain is spread where its keys agree") {
  const std::string up = rule("up", "SEQ(a, NOT b WITHIN 5s)", "k", "{stream: marks}");
  CHECK(kinds(up + rule("down", "SEQ(marks, \"rule:up\")", "k")) == "ss");
  // Another key, none, or one that a field of the alert hides.
  CHECK(kinds(up + rule("down", "SEQ(marks, marks)", "rule")) == "pp");
  CHECK(kinds(up + rule("down", "SEQ(marks, marks)", "")) == "pp");
  CHECK(kinds(rule("up", "SEQ(a AS one, b)", "k", "{stream: marks, fields: {k: one.x}}") +
              rule("down", "SEQ(marks, marks)", "k")) == "pp");
  // What waits for time has a place among all keys, which the number of an alert does not tell.
  CHECK(kinds(up + rule("down", "SEQ(marks, NOT marks WITHIN 5s)", "k")) == "pp");
  CHECK(kinds(up + rule("down", "SEQ(marks, marks++)", "k")) == "pp");
  // A chain is as good as its worst member.
  CHECK(kinds(up + rule("down", "SEQ(marks, c)", "k", "{stream: more}") +
              rule("last", "SEQ(more, more)", "")) == "ppp");
}

TEST_CASE("split: everything has one owner, and every worker something") {
  std::string text = "rules:\n";
  for (int i = 0; i < 6; ++i) text += rule("p" + std::to_string(i), "SEQ(a, b)", "");
  for (int i = 0; i < 30; ++i) text += rule("s" + std::to_string(i), "SEQ(a, b)", "k");
  const nfa::ProgramPtr program = compile_text(text);
  REQUIRE(program != nullptr);
  for (const std::size_t workers : {1UL, 2UL, 3UL, 8UL, 16UL}) {
    CAPTURE(workers);
    const Split split(*program, workers);
    REQUIRE(split.parts.size() == workers);
    for (nfa::RuleId r = 0; r < 36; ++r) {
      std::size_t owners = 0;
      for (const EnginePart& part : split.parts) owners += part.rule_bit[r] == kWholeBit ? 1 : 0;
      CHECK(owners == (r < 6 ? 1 : 0));
    }
    std::vector<int> groups(workers);
    for (const std::uint8_t w : split.worker_of) ++groups[w];
    // Half of the workers have a pinned rule more than the others at the most; keys make up for it.
    CHECK(*std::ranges::min_element(groups) > 0);
    const Split again(*program, workers);
    CHECK(again.worker_of == split.worker_of);
    CHECK(again.rule_worker == split.rule_worker);
  }
}

TEST_CASE("split: key groups make up for pinned rules") {
  std::string text = "rules:\n";
  // A chain without a key: the first worker's, and as much as each of two has to do.
  text += rule("p0", "SEQ(a, b)", "", "{stream: m}");
  for (int i = 1; i < 4; ++i) {
    text += rule("p" + std::to_string(i), "SEQ(m, m)", "");
  }
  for (int i = 0; i < 4; ++i) text += rule("s" + std::to_string(i), "SEQ(a, b)", "k");
  const nfa::ProgramPtr program = compile_text(text);
  REQUIRE(program != nullptr);
  const Split split(*program, 2);
  CHECK(split.rule_worker[0] == 0);
  CHECK(std::ranges::count(split.worker_of, 1) == std::ptrdiff_t{kKeyGroups});
}

TEST_CASE("router: an event goes to the owners of its keys alone") {
  const nfa::ProgramPtr program =
      compile_text("rules:\n" + rule("one", "SEQ(a, b)", "k") + rule("two", "SEQ(a, b)", "j") +
                   rule("three", "SEQ(c, c)", ""));
  REQUIRE(program != nullptr);
  const Split split(*program, 4);
  const Router router(*program, split);
  const RandomLog log(*program, 2000, 3);
  Routes routes;
  router.route(log.events, routes);
  const TypeId c = program->plan.type_id("c");
  const TypeId d = program->plan.type_id("d");
  std::set<std::size_t> seen;
  for (std::size_t i = 0; i < log.events.size(); ++i) {
    OwnerMask all = 0;
    for (std::size_t w = 0; w < 4; ++w) {
      const OwnerMask mask = routes.mask(w, i);
      CHECK((all & mask) == 0);  // a key has one owner
      all |= mask;
      if (mask != 0) seen.insert(w);
    }
    if (log.events[i].type == d) CHECK(all == 0);
    if (log.events[i].type == c) CHECK(all == OwnerMask{1} << kWholeBit);
    if (log.events[i].type != c && log.events[i].type != d) CHECK(all == 3);
  }
  CHECK(seen.size() == 4);
}

TEST_CASE("router: equal values are one key, whatever their type and field") {
  const nfa::ProgramPtr program =
      compile_text("rules:\n" + rule("one", "SEQ(a, b)", "{a: k, b: j}"));
  REQUIRE(program != nullptr);
  const Split split(*program, 16);
  const Router router(*program, split);
  const auto worker = [&](const char* type, const Value& value) {
    Event event;
    event.type = program->plan.type_id(type);
    event.plan = &program->plan.type(event.type);
    const std::vector<Value> slots(event.plan->fields.size(), value);
    event.slots = slots.data();
    Routes routes;
    router.route({&event, 1}, routes);
    std::size_t found = 16;
    for (std::size_t w = 0; w < 16; ++w) {
      if (routes.mask(w, 0) != 0) found = w;
    }
    return found;
  };
  for (int i = 0; i < 50; ++i) {
    CHECK(worker("a", Value::integer(i)) == worker("b", Value::real(i)));
    const std::string text = std::string(static_cast<std::size_t>(i), 'x') + std::to_string(i);
    const std::string copy = text;
    CHECK(worker("a", Value::string(text)) == worker("b", Value::string(copy)));
  }
}

}  // namespace
}  // namespace weir::runtime
