// The dump of a Program made by hand; what the compiler makes is in tests/golden/program.
#include <doctest/doctest.h>

#include <string>

#include "weir/nfa/program.hpp"

namespace weir::nfa {
namespace {

/// SEQ(a, b{2,} NEXT AS x) AFTER MATCH SKIP TO LAST x, as somebody might build it.
Program make_program() {
  Program program;
  program.keys.emplace_back();
  const TypeId a = program.plan.add_type("a");
  const TypeId b = program.plan.add_type("b");
  const FieldId user = program.plan.add_field("user");
  const FieldId v = program.plan.add_field("v");
  for (const TypeId type : {a, b}) program.plan.read(type, user);
  program.plan.read(b, v);
  program.keys.push_back({{"user"}, {user}, {}});

  Rule rule;
  rule.id = "by-hand";
  rule.fingerprint = 0xabc;
  rule.key = 1;
  rule.input = {a, b};
  rule.alert.stream = "alerts";
  rule.alert.message = {{"seen ", kNoExpr}, {"", program.exprs.name_field(0, kNoReg, user)}};
  rule.alert.cooldown = Duration{60 * kNsPerSecond};
  rule.alert.mask = {"card"};
  Automaton& automaton = rule.automaton;
  automaton.registers = 2;
  automaton.names = {{"a", false}, {"x", true}};
  automaton.within = Duration{10 * kNsPerSecond};
  automaton.after = AfterMatch::kSkipToLast;
  automaton.after_name = 1;
  automaton.ambiguous = false;
  automaton.start = 0;

  // Member by member: g++ 12 takes a designated initializer for a missing one.
  Test take_a;
  take_a.type = a;
  take_a.name = 0;
  Node first;
  first.kind = NodeKind::kWait;
  first.next = 1;
  first.tests.push_back(take_a);
  Node enter;
  enter.kind = NodeKind::kLoopEnter;
  enter.next = 2;
  enter.count = 0;
  Node loop;
  loop.kind = NodeKind::kLoopTest;
  loop.next = 4;
  loop.body = 3;
  loop.min = 2;
  loop.max = kNoLimit;
  loop.count = 0;
  Test take_b;
  take_b.type = b;
  take_b.name = 1;
  take_b.one_event = {program.exprs.field(v)};
  Node again;
  again.kind = NodeKind::kWait;
  again.next = 2;
  again.keyword = Contiguity::kNext;
  again.within = Duration{5 * kNsPerSecond};
  again.tests.push_back(take_b);
  program.nodes = {first, enter, loop, again, Node{}};
  program.rules.push_back(std::move(rule));
  program.table_refs.push_back({"cards", "data/cards.csv"});
  program.tables.emplace_back();
  program.plan.finish();
  return program;
}

TEST_CASE("the dump of a rule") {
  CHECK(make_program().dump(0) ==
        "rule by-hand 0000000000000abc\n"
        "  input a b\n"
        "  key user\n"
        "  names a x[]\n"
        "  registers 2\n"
        "  after match skip to last x\n"
        "  within 10s\n"
        "  start 0\n"
        "  0 wait skip-till-next next=1\n"
        "    a as a\n"
        "  1 loop-enter count=r0 next=2\n"
        "  2 loop 2.. greedy count=r0 body=3 next=4\n"
        "  3 wait next within 5s next=2\n"
        "    b as x if v\n"
        "  4 accept\n"
        "  alert alerts\n"
        "    message \"seen \"\n"
        "    message a.user\n"
        "    cooldown 1m\n"
        "    evidence 20 first 20 last\n"
        "    mask card\n");
}

TEST_CASE("the dump of all: the rules, the fields that are read, the tables") {
  const Program program = make_program();
  CHECK(program.dump() == program.dump(0) +
                              "type a user\n"
                              "type b user v\n"
                              "table cards data/cards.csv\n");
  CHECK(make_program().dump() == program.dump());
}

TEST_CASE("a node that nothing leads to is not shown") {
  Program program = make_program();
  program.nodes.emplace_back().kind = NodeKind::kGuard;
  CHECK(program.dump(0).find("guard") == std::string::npos);
}

}  // namespace
}  // namespace weir::nfa
