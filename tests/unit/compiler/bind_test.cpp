// Binding: what expressions come to, from text to value.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "expression_room.hpp"

namespace weir::compiler {
namespace {

using testing::Fields;
using testing::Room;

Value i(std::int64_t n) {
  return Value::integer(n);
}
Value f(double d) {
  return Value::real(d);
}
Value s(std::string_view text) {
  return Value::string(text);
}
Value b(bool on) {
  return Value::boolean(on);
}
Value seconds(std::int64_t n) {
  return Value::duration({n * kNsPerSecond});
}

struct Case {
  std::string text;
  std::string expected;  // as to_text() shows it
};

/// Every case over the same fields, so that a table is all there is to read.
void check_all(const std::vector<Case>& cases, const Fields& candidate = {},
               const std::vector<Fields>& loop = {}, const Fields& single = {}) {
  Room room;
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(to_text(room.eval(c.text, candidate, loop, single)) == c.expected);
  }
}

TEST_CASE("missing is never true") {
  check_all(
      {
          {"gone_field > 5", "false"},
          {"gone_field != 5", "false"},
          {"gone_field == null", "false"},
          {"null == null", "false"},
          {"null != null", "false"},
          {"v == null", "false"},
          {"gone_field in (1, 2)", "false"},
          {"gone_field not in (1, 2)", "false"},
          {"not (gone_field in (1, 2))", "true"},
          {"v in (gone_field, 6)", "true"},
          {"v not in (gone_field, 7)", "false"},
          {"gone_field contains \"x\"", "false"},
          {"s contains gone_field", "false"},
          {"not (gone_field > 5)", "true"},
          {"gone_field is null", "true"},
          {"gone_field is not null", "false"},
          {"v is null", "false"},
          {"v is not null", "true"},
          {"gone_field + 1 is null", "true"},
          {"lower(gone_field) is null", "true"},
          {"-gone_field", "null"},
          {"gone.v", "null"},
          {"gone is null", "true"},
          {"t is null", "false"},
          {"t is not null", "true"},
          {"none is null", "true"},
          {"f is not null", "true"},
          {"me is null", "false"},
      },
      {{"v", i(6)}, {"s", s("x")}}, {{{"v", i(1)}}});
}

TEST_CASE("only true is true") {
  check_all(
      {
          {"yes and yes", "true"},
          {"one and yes", "false"},
          {"text or no", "false"},
          {"text or yes", "true"},
          {"gone_field or yes", "true"},
          {"not one", "true"},
          {"not text", "true"},
          {"not gone_field", "true"},
          {"not yes", "false"},
          {"yes and no or yes", "true"},
          {"yes and (no or not yes)", "false"},
      },
      {{"yes", b(true)}, {"no", b(false)}, {"one", i(1)}, {"text", s("true")}});
}

TEST_CASE("comparisons") {
  check_all(
      {
          {"v == 6", "true"},
          {"v = 6.0", "true"},
          {"v != 6", "false"},
          {"v != 7", "true"},
          {"v < 6.5", "true"},
          {"v <= 6", "true"},
          {"v > 5", "true"},
          {"v >= 7", "false"},
          {"v == \"6\"", "false"},
          {"v != \"6\"", "false"},
          {"s < \"b\"", "true"},
          {"big == 9007199254740992.0", "false"},
          {"big > 9007199254740992.0", "true"},
          {"yes == true", "true"},
          {"yes != false", "true"},
          {"yes == 1", "false"},
          {"v in (1, 6.0)", "true"},
          {"v in (\"6\", 7)", "false"},
          {"v not in (7, 8)", "true"},
          {"v not in (7, \"8\")", "false"},
          {"v in (6)", "true"},
          {"v not in (6)", "false"},
      },
      {{"v", i(6)}, {"s", s("a")}, {"big", i(9007199254740993)}, {"yes", b(true)}});
}

TEST_CASE("arithmetic") {
  check_all(
      {
          {"v + 1", "7"},
          {"v + 1.0", "7.0"},
          {"v - 10", "-4"},
          {"v * 3", "18"},
          {"v / 4", "1.5"},
          {"v / 2", "3.0"},
          {"v / 0", "null"},
          {"v / 0.0", "null"},
          {"v % 4", "2"},
          {"v % 0", "null"},
          {"v % 0.0", "null"},
          {"-v % 4", "-2"},
          {"v % -4", "2"},
          {"-5.5 % 2", "-1.5"},
          {"most + 1", "null"},
          {"most * 2", "null"},
          {"-most - 2", "null"},
          {"-most - 1", "-9223372036854775808"},
          {"-(-most - 1)", "null"},
          {"abs(-most - 1)", "null"},
          {"(-most - 1) % -1", "0"},
          {"(-most - 1) / -1", "9.223372036854776e+18"},
          {"1e308 * 10", "null"},
          {"v + s", "null"},
          {"s + s", "null"},
          {"2 + 3 * 4", "14"},
          {"(2 + 3) * 4", "20"},
          {"2 - 3 - 4", "-5"},
          {"-v", "-6"},
          {"- -v", "6"},
      },
      {{"v", i(6)}, {"s", s("a")}, {"most", i(9223372036854775807)}});
}

TEST_CASE("time arithmetic") {
  // The candidate stands at 100 s, t at 50 s, the loop at 10 s and 11 s.
  check_all(
      {
          {"ts - t.ts", "50s"},
          {"me.ts - t.ts > 49s", "true"},
          {"ts - t.ts == 50s", "true"},
          {"t.ts - ts", "-50s"},
          {"ts - 40s > t.ts", "true"},
          {"t.ts + 1m > ts", "true"},
          {"1m + t.ts > ts", "true"},
          {"t.ts + 1m", "1970-01-01T00:01:50.000Z"},
          {"10s + 5s", "15s"},
          {"10s - 15s", "-5s"},
          {"-(10s)", "-10s"},
          {"abs(t.ts - ts)", "50s"},
          {"10s * 1.5", "15s"},
          {"3 * 10s", "30s"},
          {"10s / 4", "2s500ms"},
          {"10s / 3.0", "3s333ms333us333ns"},
          {"10s / 4s", "2.5"},
          {"10s / 0", "null"},
          {"10s / 0s", "null"},
          {"10s % 4s", "null"},
          {"ts + ts", "null"},
          {"ts * 2", "null"},
          {"ts > 5", "false"},
          {"ts - t.ts > 5", "false"},
          {"span * 1000000", "null"},
          {"last(f.ts) - first(f.ts)", "1s"},
          {"hour(ts)", "0"},
          {"weekday(ts)", "4"},
          {"hour(ts, \"UTC\")", "0"},
          {"hour(ts, \"Europe/Berlin\")", "1"},
          {"hour(ts, \"America/New_York\")", "19"},
          {"weekday(ts, \"America/New_York\")", "3"},
          {"hour(v)", "null"},
      },
      {{"v", i(6)}, {"span", seconds(9'000'000'000)}}, {{}, {}});
}

TEST_CASE("string tests") {
  check_all(
      {
          {"s contains \"bc\"", "true"},
          {"s contains \"BC\"", "false"},
          {"s contains (\"x\", \"cd\")", "true"},
          {"s contains (\"x\", \"y\")", "false"},
          {"s contains \"\"", "true"},
          {"s startswith \"ab\"", "true"},
          {"s startswith \"b\"", "false"},
          {"s startswith (\"b\", \"a\")", "true"},
          {"s endswith \"cd\"", "true"},
          {"s endswith (\"x\", part)", "true"},
          {"s contains part", "true"},
          {"s contains v", "false"},
          {"v contains \"6\"", "false"},
          {"s matches /b+c/", "true"},
          {"s matches /B+C/", "false"},
          {"s matches /B+C/i", "true"},
          {"s matches /^abcd$/", "true"},
          {"s matches /^bc/", "false"},
          {"s matches (/^x/, /d$/)", "true"},
          {"v matches /6/", "false"},
          {"empty matches /^$/", "true"},
          {"empty matches /x*/", "true"},
          {"accent matches /^caf.$/", "true"},
          {"accent matches /^CAF\xc3\x89$/i", "true"},
          {"broken matches /b.d/", "true"},
          {"s like \"ab*\"", "true"},
          {"s like \"*cd\"", "true"},
          {"s like \"a*c?\"", "true"},
          {"s like \"a*c\"", "false"},
          {"s like \"????\"", "true"},
          {"s like \"???\"", "false"},
          {"s like \"*\"", "true"},
          {"s like \"A*\"", "false"},
          {"s like (\"x*\", \"*bc*\")", "true"},
          {"empty like \"*\"", "true"},
          {"empty like \"\"", "true"},
          {"empty like \"?\"", "false"},
          {"accent like \"caf?\"", "true"},
          {"accent like \"caf??\"", "false"},
          {"accent like \"*?\"", "true"},
          {"star like \"a\\\\*b\"", "true"},
          {"s like \"a\\\\*d\"", "false"},
          {"\"aXbXc\" like \"a*X*c\"", "true"},
          {"\"mississippi\" like \"*iss*ip*i\"", "true"},
          {"\"mississippi\" like \"*issx*\"", "false"},
          {"distinct(f.s) contains \"x\"", "true"},
          {"distinct(f.s) contains \"xy\"", "false"},
          {"distinct(f.v) contains 1.0", "true"},
          {"distinct(f.v) contains (8, 9)", "false"},
      },
      {{"s", s("abcd")},
       {"part", s("cd")},
       {"v", i(6)},
       {"empty", s("")},
       {"accent", s("caf\xc3\xa9")},
       {"broken", s("b\xff"
                    "d")},
       {"star", s("a*b")}},
      {{{"s", s("x")}, {"v", i(1)}}, {{"s", s("y")}, {"v", i(2)}}});
}

TEST_CASE("functions") {
  check_all(
      {
          {"lower(\"ABC \xc3\x84\xd0\x96\")", "abc \xc3\xa4\xd0\xb6"},
          {"upper(s)", "CAF\xc3\x89"},
          {"lower(v)", "null"},
          {"lower(upper(\"stra\xc3\x9f"
           "e \xc5\x82\"))",
           "stra\xc3\x9f"
           "e \xc5\x82"},
          {"length(s)", "4"},
          {"length(\"\")", "0"},
          {"length(distinct(f.v))", "2"},
          {"length(v)", "null"},
          {"abs(v)", "6"},
          {"abs(-1.5)", "1.5"},
          {"abs(s)", "null"},
          {"round(2.5)", "3"},
          {"round(-2.5)", "-3"},
          {"round(2.4)", "2"},
          {"round(v)", "6"},
          {"round(1e300)", "null"},
          {"round(2.345, 1)", "2.3"},
          {"round(0.125, 2)", "0.13"},
          {"round(1250.0, -2)", "1300.0"},
          {"round(1249, -2)", "1200"},
          {"round(1250, -2)", "1300"},
          {"round(-1250, -2)", "-1300"},
          {"round(v, 2)", "6"},
          {"round(1.5, 100)", "1.5"},
          {"round(s)", "null"},
          {"coalesce(gone_field, v)", "6"},
          {"coalesce(gone_field, null)", "null"},
          {"coalesce(v, s)", "6"},
          {"round(distance_km(52.52, 13.405, 48.8566, 2.3522))", "877"},
          {"distance_km(1, 2, 1, 2)", "0.0"},
          {"round(distance_km(0, 0, 0, 180))", "20015"},
          {"distance_km(1, 2, 1, s)", "null"},
          {"cidr(ip, \"10.0.0.0/8\")", "true"},
          {"cidr(ip, \"10.1.2.3\")", "true"},
          {"cidr(ip, \"10.1.2.4/31\")", "false"},
          {"cidr(ip, \"10.1.2.2/31\")", "true"},
          {"cidr(ip, \"0.0.0.0/0\")", "true"},
          {"cidr(ip, \"::/0\")", "false"},
          {"cidr(ip6, \"2001:db8::/32\")", "true"},
          {"cidr(ip6, \"2001:db9::/32\")", "false"},
          {"cidr(mapped, \"10.0.0.0/8\")", "true"},
          {"cidr(ip, \"::ffff:10.0.0.0/104\")", "true"},
          {"cidr(s, \"10.0.0.0/8\")", "false"},
          {"cidr(gone_field, \"10.0.0.0/8\")", "false"},
          {"cidr(v, \"10.0.0.0/8\")", "false"},
      },
      {{"v", i(6)},
       {"s", s("caf\xc3\xa9")},
       {"ip", s("10.1.2.3")},
       {"ip6", s("2001:db8::1")},
       {"mapped", s("::ffff:10.1.2.3")}},
      {{{"v", i(1)}}, {{"v", i(2)}}});
}

TEST_CASE("aggregates over a loop") {
  const std::vector<Fields> loop{{{"v", i(4)}, {"k", s("a")}, {"x", f(0.5)}},
                                 {{"k", s("b")}, {"x", i(2)}},
                                 {{"v", i(1)}, {"k", s("a")}, {"m", s("text")}}};
  check_all(
      {
          {"count(f)", "3"},
          {"count(f.v)", "2"},
          {"sum(f.v)", "5"},
          {"sum(f.x)", "2.5"},
          {"avg(f.v)", "2.5"},
          {"min(f.v)", "1"},
          {"max(f.v)", "4"},
          {"min(f.k)", "a"},
          {"stddev(f.v)", "1.5"},
          {"median(f.v)", "2.5"},
          {"percentile(f.v, 75)", "3.25"},
          {"percentile(f.v, 0)", "1"},
          {"percentile(f.v, 100)", "4"},
          {"first(f.v)", "4"},
          {"last(f.v)", "1"},
          {"first(f.m)", "null"},
          {"last(f.x)", "null"},
          {"distinct(f.k)", "[a, b]"},
          {"count_distinct(f.k)", "2"},
          {"f[0].v", "4"},
          {"f[1].v", "null"},
          {"f[-1].v", "1"},
          {"f[-3].v", "4"},
          {"f[3].v", "null"},
          {"f[-4].v", "null"},
          {"sum(f.k)", "null"},
          {"avg(f.m)", "null"},
          {"count(none)", "0"},
          {"sum(none.v)", "0"},
          {"count_distinct(none.v)", "0"},
          {"distinct(none.v)", "[]"},
          {"avg(none.v)", "null"},
          {"min(none.v)", "null"},
          {"stddev(none.v)", "null"},
          {"median(none.v)", "null"},
          {"first(none.v)", "null"},
          {"last(none.v)", "null"},
          {"none[0].v", "null"},
          {"distinct(f.gone_field)", "[]"},
          {"count(t)", "1"},
          {"sum(t.v)", "9"},
          {"t[0].v", "9"},
          {"t[1].v", "null"},
          {"count(gone)", "0"},
          {"count(me)", "1"},
          {"sum(me.v)", "7"},
          {"me[0].v + me[-1].v", "14"},
          {"me.v > 2 * avg(f.v)", "true"},
          {"v > last(f.v)", "true"},
      },
      {{"v", i(7)}}, loop, {{"v", i(9)}});
}

TEST_CASE("tables") {
  check_all(
      {
          {"lookup(cards, card).country", "DE"},
          {"lookup(cards, n).country", "US"},
          {"lookup(cards, n).limit", "null"},
          {"lookup(cards, \"17\").country", "US"},
          {"lookup(cards, \"017\").country", "null"},
          {"lookup(cards, gone_field).country", "null"},
          {"lookup(cards, \"c9\").country is null", "true"},
          {"lookup(cards, card).limit >= 1000", "true"},
          {"lookup(routes, (dep, arr)).km", "6206"},
          {"lookup(routes, (arr, dep)).km", "null"},
          {"card in table(cards)", "true"},
          {"card not in table(cards)", "false"},
          {"\"c9\" in table(cards)", "false"},
          {"\"c9\" not in table(cards)", "true"},
          {"gone_field in table(cards)", "false"},
          {"gone_field not in table(cards)", "false"},
          {"not (gone_field in table(cards))", "true"},
          {"(dep, arr) in table(routes)", "true"},
          {"(arr, dep) not in table(routes)", "true"},
          {"(arr, gone_field) not in table(routes)", "false"},
          {"lookup(cards, t.card).country == lookup(cards, card).country", "true"},
      },
      {{"card", s("c1")}, {"n", f(17.0)}, {"dep", s("FRA")}, {"arr", s("JFK")}}, {},
      {{"card", s("c1")}});
}

TEST_CASE("key texts") {
  const auto key = [](const Value& v) {
    std::string text;
    return nfa::append_key_text(text, v) ? text : std::string("<none>");
  };
  CHECK(key(i(17)) == "17");
  CHECK(key(f(17.0)) == "17");
  CHECK(key(s("17")) == "17");
  CHECK(key(s("007")) == "007");
  CHECK(key(f(-0.0)) == "0");
  CHECK(key(f(17.5)) == "17.5");
  CHECK(key(b(true)) == "true");
  CHECK(key(Value{}) == "<none>");
}

TEST_CASE("long chains of and, or stay flat") {
  Room room;
  std::string text = "v == 0";
  for (int n = 1; n <= 900; ++n) text += " or v == " + std::to_string(n);
  CHECK(room.eval(text, {{"v", i(900)}}).truthy());
  CHECK_FALSE(room.eval(text, {{"v", i(901)}}).truthy());
  const auto id = room.bind(text);
  CHECK(room.pool.at(id).arg_count == 901);
}

TEST_CASE("the field plan holds what is read") {
  Room room;
  room.bind(
      "v > 1 and account.owner == t.user and count(f.ip) > 2 and ts > t.ts and type == \"e\"");
  room.plan.finish();
  std::vector<std::string> read;
  for (const FieldId field : room.plan.type(room.plan.type_id("e")).fields) {
    read.push_back(room.plan.field(field).dotted);
  }
  CHECK(read == std::vector<std::string>{"v", "account.owner", "user", "ip"});
}

TEST_CASE("windows' values") {
  Room room;
  std::vector<Scope::WindowAgg> aggs;
  room.scope.window_aggs = &aggs;
  room.scope.find = nullptr;
  room.scope.names.clear();
  const auto ratio = room.bind("count(status >= 500) / count()");
  REQUIRE(ratio != nfa::kNoExpr);
  REQUIRE(aggs.size() == 2);
  CHECK(aggs[0].agg == nfa::Agg::kCount);
  CHECK(aggs[0].arg == nfa::kNoExpr);
  CHECK(room.pool.dump(aggs[0].cond, room.plan) == "(status >= 500)");
  CHECK(aggs[1].cond == nfa::kNoExpr);
  const std::vector<Value> results{i(1), i(4)};
  nfa::EvalContext context;
  context.agg_results = results;
  CHECK(to_text(room.pool.eval(ratio, context)) == "0.25");

  // The same aggregate is computed once, in whatever value it stands.
  CHECK(room.bind("100 * count()") != nfa::kNoExpr);
  CHECK(aggs.size() == 2);
  CHECK(room.bind("percentile(ms * 2, 99, status < 500)") != nfa::kNoExpr);
  REQUIRE(aggs.size() == 3);
  CHECK(aggs[2].percent == 99);
  CHECK(room.pool.dump(aggs[2].arg, room.plan) == "(ms * 2)");
  CHECK(room.pool.dump(aggs[2].cond, room.plan) == "(status < 500)");
  CHECK(room.bind("avg(ms, status < 500) + median(ms)") != nfa::kNoExpr);
  CHECK(room.bind("distinct(lookup(cards, card).country)") != nfa::kNoExpr);
  CHECK(room.bind("count_distinct(user)") != nfa::kNoExpr);
  CHECK(aggs.size() == 7);
}

TEST_CASE("conjuncts and mentions") {
  lang::Diagnostics diagnostics;
  const auto snippet = lang::make_snippet(
      "<e>",
      "a.v > 1 and (b.v == x.y and count(c) > 2) and (d.v > 1 or amount is null) and "
      "c[0].v == lookup(cards, a.card).country");
  const auto parsed = lang::parse_expression(snippet, diagnostics);
  REQUIRE(parsed.root != nullptr);
  CHECK(conjuncts(*parsed.root).size() == 5);
  const auto found =
      mentions(*parsed.root, [](std::string_view name) { return name.size() == 1 && name < "e"; });
  std::string names;
  std::string bare;
  for (const auto& [name, span] : found.names) {
    names += name;
    CHECK(snippet->text.substr(span.begin, span.end - span.begin) == name);
  }
  for (const auto& [name, span] : found.bare) bare += name + " ";
  CHECK(names == "abcdca");
  CHECK(bare == "x amount ");
}

}  // namespace
}  // namespace weir::compiler
