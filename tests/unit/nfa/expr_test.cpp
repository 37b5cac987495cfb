// ExprPool: one node for equal expressions, what is derived of nodes, dumps, threads.
#include <doctest/doctest.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

#include "functions.hpp"
#include "weir/nfa/expr.hpp"

namespace weir::nfa {
namespace {

Value i(std::int64_t n) {
  return Value::integer(n);
}
Value s(std::string_view text) {
  return Value::string(text);
}

/// Fields 2.. of a plan are v, user, s.
struct Small {
  Small() {
    v = plan.add_field("v");
    user = plan.add_field("user");
    text = plan.add_field("s");
  }
  ExprId make(Op op, std::initializer_list<ExprId> args, std::uint32_t a = 0,
              const Value& value = {}) {
    return pool.node(op, std::span(args.begin(), args.size()), a, value);
  }
  std::string dump(ExprId id) { return pool.dump(id, plan); }
  ExprPool pool;
  FieldPlan plan;
  FieldId v = 0, user = 0, text = 0;
};

TEST_CASE("equal expressions are one node") {
  Small x;
  const ExprId a = x.make(Op::kGt, {x.pool.field(x.v), x.pool.constant(i(5))});
  const std::size_t before = x.pool.size();
  const ExprId b = x.make(Op::kGt, {x.pool.field(x.v), x.pool.constant(i(5))});
  CHECK(a == b);
  CHECK(x.pool.size() == before);
  CHECK(a != x.make(Op::kGt, {x.pool.constant(i(5)), x.pool.field(x.v)}));
  CHECK(a != x.make(Op::kGe, {x.pool.field(x.v), x.pool.constant(i(5))}));
  std::string error;
  CHECK(x.pool.matches(x.pool.field(x.text), "a+", false, error) ==
        x.pool.matches(x.pool.field(x.text), "a+", false, error));
  CHECK(x.pool.matches(x.pool.field(x.text), "a+", false, error) !=
        x.pool.matches(x.pool.field(x.text), "a+", true, error));
  CHECK(x.pool.cidr(x.pool.field(x.text), "10.1.2.3/8", error) ==
        x.pool.cidr(x.pool.field(x.text), "10.0.0.0/8", error));
  CHECK(x.pool.zoned(Op::kHour, x.pool.field(kTsField), "UTC", error) ==
        x.make(Op::kHour, {x.pool.field(kTsField)}, kUtc));
}

TEST_CASE("constants are told apart by type") {
  Small x;
  CHECK(x.pool.constant(i(1)) == x.pool.constant(i(1)));
  CHECK(x.pool.constant(i(1)) != x.pool.constant(Value::real(1)));
  CHECK(x.pool.constant(Value::real(0.0)) != x.pool.constant(Value::real(-0.0)));
  CHECK(x.pool.constant(s("1")) != x.pool.constant(i(1)));
  CHECK(x.pool.constant(Value{}) == x.pool.constant(Value{}));
  std::string text = "temporary";
  const ExprId kept = x.pool.constant(s(text));
  text = "xxxxxxxxx";
  CHECK(x.pool.at(kept).value.as_string() == "temporary");
}

TEST_CASE("and, or are flat") {
  Small x;
  const ExprId a = x.pool.field(x.v);
  const ExprId b = x.pool.field(x.user);
  const ExprId c = x.pool.field(x.text);
  CHECK(x.make(Op::kAnd, {a, x.make(Op::kAnd, {b, c})}) ==
        x.make(Op::kAnd, {x.make(Op::kAnd, {a, b}), c}));
  CHECK(x.dump(x.make(Op::kAnd, {x.make(Op::kAnd, {a, b}), c})) == "(v and user and s)");
  CHECK(x.dump(x.make(Op::kAnd, {a, x.make(Op::kOr, {b, c})})) == "(v and (user or s))");
}

TEST_CASE("what reads only the event at hand") {
  Small x;
  const ExprId field = x.pool.field(x.v);
  const ExprId bound = x.pool.name_field(0, kNoReg, x.v);
  CHECK(x.pool.at(field).one_event);
  CHECK(x.pool.at(x.make(Op::kGt, {field, x.pool.constant(i(1))})).one_event);
  CHECK_FALSE(x.pool.at(bound).one_event);
  CHECK_FALSE(x.pool.at(x.make(Op::kGt, {field, bound})).one_event);
  const std::array<ExprId, 1> args{field};
  CHECK_FALSE(x.pool.at(x.pool.aggregate(Agg::kSum, 0, kNoReg, args)).one_event);
  CHECK(x.pool.at(x.pool.aggregate(Agg::kSum, kCandidateName, kNoReg, args)).one_event);
  CHECK_FALSE(x.pool.at(x.pool.bound(0, kNoReg)).one_event);
  CHECK_FALSE(x.pool.at(x.pool.index_field(0, kNoReg, x.v, 0)).one_event);
  CHECK_FALSE(x.pool.at(x.pool.agg_result(0)).one_event);
}

TEST_CASE("costs order predicates") {
  Small x;
  std::string error;
  const ExprId cheap = x.make(Op::kGt, {x.pool.field(x.v), x.pool.constant(i(1))});
  const ExprId contains = x.make(Op::kContains, {x.pool.field(x.text), x.pool.constant(s("x"))});
  const ExprId regex = x.pool.matches(x.pool.field(x.text), "x+", false, error);
  CHECK(x.pool.at(cheap).cost < x.pool.at(contains).cost);
  CHECK(x.pool.at(contains).cost < x.pool.at(regex).cost);
}

TEST_CASE("dumps") {
  Small x;
  std::string error;
  const ExprId v = x.pool.field(x.v);
  const ExprId text = x.pool.field(x.text);
  const std::array<ExprId, 1> args{v};
  const std::array<ExprId, 2> percentile{v, x.pool.constant(i(95))};
  const std::vector<std::pair<ExprId, std::string>> cases{
      {x.pool.constant(s("a\"b")), R"("a\"b")"},
      {x.pool.constant(Value::duration({90 * kNsPerSecond})), "1m30s"},
      {x.pool.constant(Value::real(5)), "5.0"},
      {x.pool.constant(Value{}), "null"},
      {x.make(Op::kNot, {v}), "(not v)"},
      {x.make(Op::kNegate, {v}), "(-v)"},
      {x.make(Op::kAdd, {v, x.make(Op::kMul, {v, v})}), "(v + (v * v))"},
      {x.make(Op::kIn, {v, x.pool.constant(i(1)), x.pool.constant(i(2))}), "in(v, 1, 2)"},
      {x.make(Op::kIsNull, {v}), "is_null(v)"},
      {x.pool.matches(text, "a/b", true, error), R"(matches(s, "a/b", i))"},
      {x.pool.cidr(text, "10.0.0.1", error), R"(cidr(s, "10.0.0.1/32"))"},
      {x.pool.zoned(Op::kHour, x.pool.field(kTsField), "Europe/Berlin", error),
       R"(hour(ts, "Europe/Berlin"))"},
      {x.make(Op::kWeekday, {x.pool.field(kTsField)}, kUtc), "weekday(ts)"},
      {x.make(Op::kLookup, {v}, 3, s("a.b")), "lookup#3(v).a.b"},
      {x.make(Op::kInTable, {v}, 3), "in_table#3(v)"},
      {x.pool.name_field(1, kNoReg, x.user), "n1.user"},
      {x.pool.name_field(1, 4, x.user), "n1@r4.user"},
      {x.pool.index_field(0, kNoReg, x.user, -1), "n0[-1].user"},
      {x.pool.bound(1, kNoReg), "bound(n1)"},
      {x.pool.aggregate(Agg::kCount, 0, kNoReg, {}), "count(n0)"},
      {x.pool.aggregate(Agg::kSum, 0, kNoReg, args), "sum(n0.v)"},
      {x.pool.aggregate(Agg::kPercentile, 0, kNoReg, percentile), "percentile(n0.v, 95)"},
      {x.pool.agg_result(2), "agg#2"},
  };
  for (const auto& [id, expected] : cases) CHECK(x.dump(id) == expected);
  const std::array<std::string, 2> names{"f", "t"};
  CHECK(x.pool.dump(x.pool.name_field(1, kNoReg, x.user), x.plan, names) == "t.user");
}

TEST_CASE("a pool may be moved") {
  Small x;
  std::string error;
  const ExprId id = x.pool.matches(x.pool.constant(s("abc")), "b", false, error);
  const ExprPool moved = std::move(x.pool);
  CHECK(moved.test(id, {}));
}

TEST_CASE("missing context is missing values") {
  Small x;
  const EvalContext nothing;
  CHECK(x.pool.eval(x.pool.field(x.v), nothing).is_null());
  CHECK(x.pool.eval(x.pool.name_field(0, kNoReg, x.v), nothing).is_null());
  CHECK(x.pool.eval(x.pool.agg_result(0), nothing).is_null());
  CHECK_FALSE(x.pool.test(x.pool.bound(0, kNoReg), nothing));
  CHECK_FALSE(x.pool.test(x.make(Op::kInTable, {x.pool.constant(i(1))}, 0), nothing));
  CHECK(x.pool.eval(x.make(Op::kLookup, {x.pool.constant(i(1))}, 0, s("c")), nothing).is_null());
}

TEST_CASE("regexes match on many threads at once") {
  Small x;
  std::string error;
  std::vector<ExprId> tests;
  for (int n = 0; n < 20; ++n) {
    tests.push_back(x.pool.matches(x.pool.constant(s("alpha17beta")), "a" + std::to_string(n) + "b",
                                   false, error));
    REQUIRE(tests.back() != kNoExpr);
  }
  std::vector<int> found(4, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < found.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 200; ++round) {
        for (const ExprId id : tests) found[t] += x.pool.test(id, {}) ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const int n : found) CHECK(n == 200);
}

TEST_CASE("like is not exponential") {
  const std::string text(20000, 'a');
  CHECK_FALSE(like(text, "*a*a*a*a*a*a*a*a*a*a*b"));
  CHECK(like(text, "*a*a*a*a*a*a*a*a*a*a"));
}

TEST_CASE("like against a matcher written straight from its words") {
  // Over all short texts and patterns of a small alphabet.
  struct Naive {
    static bool match(std::string_view t, std::string_view p) {
      if (p.empty()) return t.empty();
      if (p[0] == '*') return match(t, p.substr(1)) || (!t.empty() && match(t.substr(1), p));
      if (t.empty()) return false;
      if (p[0] == '?') return match(t.substr(1), p.substr(1));
      const bool escaped = p[0] == '\\' && p.size() > 1;
      const char c = escaped ? p[1] : p[0];
      return c == t[0] && match(t.substr(1), p.substr(escaped ? 2 : 1));
    }
  };
  const auto words = [](std::string_view alphabet, std::size_t longest) {
    std::vector<std::string> all{""};
    for (std::size_t begin = 0, n = 0; n < longest; ++n) {
      const std::size_t end = all.size();
      for (; begin < end; ++begin) {
        for (const char c : alphabet) all.push_back(all[begin] + c);
      }
    }
    return all;
  };
  const auto texts = words("ab*", 5);
  for (const std::string& pattern : words("ab*?\\", 4)) {
    for (const std::string& text : texts) {
      if (like(text, pattern) == Naive::match(text, pattern)) continue;
      CAPTURE(text);
      CAPTURE(pattern);
      CHECK(like(text, pattern) == Naive::match(text, pattern));
    }
  }
  CHECK(texts.size() == 364);
}

}  // namespace
}  // namespace weir::nfa
