// PredicateIndex: against asking every predicate; what is found how.
#include "weir/nfa/predicate_index.hpp"

#include <doctest/doctest.h>

#include <bit>

#include "random_predicates.hpp"

namespace weir::nfa {
namespace {

std::vector<PredicateIndexOptions> all_options() {
  std::vector<PredicateIndexOptions> all(7);
  all[0].least = 1;
  all[1].hash = false;
  all[2].ranks = false;
  all[3].affixes = false;
  all[4].nulls = false;
  all[5].string_sets = false;
  return all;
}

TEST_CASE("an index finds what holds, whatever is switched off") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    RandomPredicates random(seed);
    std::vector<ExprId> predicates;
    const std::size_t n = seed <= 2 ? 5 : seed <= 6 ? 200 : 2000;
    for (std::size_t i = 0; i < n; ++i) predicates.push_back(random.predicate(i % 4 == 0 ? 2 : 0));
    random.pool().finish();
    std::vector<PredicateIndex> indexes;
    for (const PredicateIndexOptions& o : all_options()) {
      indexes.emplace_back(random.pool(), predicates, o);
    }
    EventTests tests(random.pool(), {});
    for (int i = 0; i < 60; ++i) {
      const Event& event = random.event();
      ValueArena scratch;
      const EvalContext context{.candidate = &event,
                                .bound = nullptr,
                                .tables = {},
                                .agg_results = {},
                                .scratch = &scratch};
      std::vector<std::uint32_t> expected{7};
      for (std::uint32_t p = 0; p < n; ++p) {
        if (random.pool().test(predicates[p], context)) expected.push_back(p);
      }
      for (std::size_t o = 0; o < indexes.size(); ++o) {
        CAPTURE(seed);
        CAPTURE(o);
        tests.begin(event);
        std::vector<std::uint32_t> hits{7};  // what is there stays
        indexes[o].match(tests, hits);
        REQUIRE(hits == expected);
        std::vector<std::uint64_t> bits((n + 63) / 64, 0);
        std::vector<std::uint64_t> same(bits.size(), 0);
        bits[0] = same[0] = 1;
        for (const std::uint32_t p : std::span(expected).subspan(1)) {
          same[p / 64] |= std::uint64_t{1} << (p % 64);
        }
        indexes[o].match_bits(tests, bits);
        REQUIRE(bits == same);
      }
    }
  }
}

/// One field, `n` thresholds.
struct Thresholds {
  explicit Thresholds(std::size_t n, Op op = Op::kGt) {
    type = plan.add_type("t");
    const FieldId v = plan.add_field("v");
    plan.read(type, v);
    plan.finish();
    for (std::size_t i = 0; i < n; ++i) {
      // In no order.
      const auto t = static_cast<std::int64_t>((i * 7919) % n);
      predicates.push_back(
          pool.node(op, std::vector{pool.field(v), pool.constant(Value::integer(t))}));
    }
    pool.finish();
  }
  Event event(const Value& v) {
    slot = v;
    Event e;
    e.type = type;
    e.plan = &plan.type(type);
    e.slots = &slot;
    return e;
  }
  FieldPlan plan;
  ExprPool pool;
  TypeId type = 0;
  std::vector<ExprId> predicates;
  Value slot;
};

TEST_CASE("thousands of thresholds") {
  for (const std::size_t n : {1000U, 9973U}) {
    for (const Op op : {Op::kGt, Op::kLe}) {
      Thresholds x(n, op);
      const PredicateIndex index(x.pool, x.predicates);
      EventTests tests(x.pool, {});
      for (std::int64_t v = -1; v <= static_cast<std::int64_t>(n); v += v < 80 ? 1 : 97) {
        const Event event = x.event(Value::integer(v));
        tests.begin(event);
        std::vector<std::uint32_t> hits;
        index.match(tests, hits);
        std::vector<std::uint32_t> expected;
        for (std::uint32_t p = 0; p < n; ++p) {
          if (tests.holds(x.predicates[p])) expected.push_back(p);
        }
        REQUIRE(hits == expected);
        std::vector<std::uint64_t> bits((n + 63) / 64, 0);
        index.match_bits(tests, bits);
        std::size_t count = 0;
        for (const std::uint64_t word : bits)
          count += static_cast<std::size_t>(std::popcount(word));
        REQUIRE(count == expected.size());
      }
      CHECK(index.indexing(0) == Indexing::kRank);
      // Some words a predicate, however many there are.
      CHECK(index.memory() < 120 * n);
    }
  }
}

TEST_CASE("how predicates are found, as text") {
  FieldPlan plan;
  ExprPool pool;
  const ExprId user = pool.field(plan.add_field("user"));
  const ExprId amount = pool.field(plan.add_field("amount"));
  const ExprId path = pool.field(plan.add_field("path"));
  const auto text = [&](std::string_view s) { return pool.constant(Value::string(s)); };
  const auto number = [&](std::int64_t i) { return pool.constant(Value::integer(i)); };
  std::vector<ExprId> predicates;
  for (const char* s : {"ann", "bob", "carol", "dave"}) {
    predicates.push_back(pool.node(Op::kEq, std::vector{user, text(s)}));
  }
  for (const std::int64_t i : {10, 20, 30}) {
    predicates.push_back(pool.node(Op::kGe, std::vector{amount, number(i)}));
  }
  predicates.push_back(pool.node(Op::kLt, std::vector{amount, number(20)}));
  const ExprId lower = pool.node(Op::kLower, std::vector{path});
  for (const char* s : {"/api", "/api/v1", "/admin", ""}) {
    predicates.push_back(pool.node(Op::kStartswith, std::vector{lower, text(s)}));
  }
  predicates.push_back(pool.node(Op::kEq, std::vector{user, pool.constant(Value{})}));
  predicates.push_back(pool.node(Op::kEq, std::vector{user, path}));
  predicates.push_back(pool.node(Op::kIsNull, std::vector{path}));
  pool.finish();
  const PredicateIndex index(pool, predicates);
  CHECK(index.dump(pool, plan) ==
        "predicates 15\n"
        "user\n"
        "  equal 4 values\n"
        "amount\n"
        "  ranks number: 3 thresholds, 3 above, 1 below\n"
        "lower(path)\n"
        "  startswith 4 texts\n"
        "asked one by one\n"
        "  14 is_null(path)\n"
        "  13 (user == path)\n");
  CHECK(index.size() == 15);
  CHECK(index.indexing(0) == Indexing::kHash);
  CHECK(index.indexing(7) == Indexing::kRank);
  CHECK(index.indexing(8) == Indexing::kPrefix);
  CHECK(index.indexing(12) == Indexing::kNever);
  CHECK(index.indexing(14) == Indexing::kFlat);
}

TEST_CASE("an index of nothing") {
  ExprPool pool;
  pool.finish();
  const PredicateIndex index(pool, {});
  EventTests tests(pool, {});
  const Event event;
  tests.begin(event);
  std::vector<std::uint32_t> hits;
  index.match(tests, hits);
  CHECK(hits.empty());
  CHECK(index.dump(pool, FieldPlan{}) == "predicates 0\n");
}

}  // namespace
}  // namespace weir::nfa
