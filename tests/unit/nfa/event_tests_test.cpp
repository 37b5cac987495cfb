// EventTests: flat predicates against evaluation node by node.
#include "weir/nfa/event_tests.hpp"

#include <doctest/doctest.h>

#include "flat_tests.hpp"
#include "random_predicates.hpp"

namespace weir::nfa {
namespace {

TEST_CASE("answers are those of evaluation") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    RandomPredicates random(seed);
    std::vector<ExprId> predicates;
    for (int i = 0; i < 300; ++i) predicates.push_back(random.predicate());
    EventTests plain(random.pool(), {});
    random.pool().finish();
    EventTests flat(random.pool(), {});
    for (int i = 0; i < 200; ++i) {
      const Event& event = random.event();
      plain.begin(event);
      flat.begin(event);
      ValueArena scratch;
      const EvalContext context{.candidate = &event,
                                .bound = nullptr,
                                .tables = {},
                                .agg_results = {},
                                .scratch = &scratch};
      for (const ExprId p : predicates) {
        const bool expected = random.pool().test(p, context);
        CAPTURE(seed);
        CAPTURE(random.pool().dump(p, random.plan()));
        REQUIRE(plain.holds(p) == expected);
        REQUIRE(flat.holds(p) == expected);
        REQUIRE(flat.holds(p) == expected);
        REQUIRE(identical(flat.value(p), random.pool().eval(p, context)));
      }
    }
  }
}

TEST_CASE("what has a flat form") {
  FieldPlan plan;
  ExprPool pool;
  const ExprId field = pool.field(plan.add_field("a"));
  const ExprId five = pool.constant(Value::integer(5));
  const ExprId more = pool.node(Op::kGt, std::vector{field, five});
  const ExprId less = pool.node(Op::kGt, std::vector{five, field});
  const ExprId both = pool.node(Op::kAnd, std::vector{more, less});
  const ExprId sum = pool.node(Op::kAdd, std::vector{field, five});
  const ExprId of_sum = pool.node(Op::kEq, std::vector{sum, five});
  const ExprId bound = pool.node(Op::kEq, std::vector{pool.name_field(0, kNoReg, 2), five});
  pool.finish({.flat_tests = true});
  const FlatTests& flat = *pool.flat_tests();
  CHECK(flat.entry(sum) == FlatTests::kNone);
  CHECK(flat.entry(bound) == FlatTests::kNone);
  // A comparison is one instruction, a conjunction one for each part.
  const FlatTest& first = flat.at(flat.entry(less));
  CHECK(first.kind == FlatTest::Kind::kInteger);
  CHECK(first.accepts == kLess);
  CHECK(first.if_true == FlatTests::kHolds);
  CHECK(first.if_false == FlatTests::kFails);
  const FlatTest& of_both = flat.at(flat.entry(both));
  CHECK(of_both.if_false == FlatTests::kFails);
  CHECK(flat.at(of_both.if_true).if_true == FlatTests::kHolds);
  // What is no field is computed once.
  REQUIRE(flat.derived().size() == 1);
  CHECK(flat.derived()[0] == sum);
  CHECK(flat.at(flat.entry(of_sum)).subject == FlatTests::kDerived);
}

TEST_CASE("flat forms may be switched off") {
  ExprPool pool;
  pool.finish({.flat_tests = false});
  CHECK(pool.flat_tests() == nullptr);
}

}  // namespace
}  // namespace weir::nfa
