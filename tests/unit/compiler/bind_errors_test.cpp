// Binding: what is refused or warned of, with which code, and where.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "expression_room.hpp"

namespace weir::compiler {
namespace {

using testing::Room;

struct Case {
  std::string text;
  std::string code;       // empty: nothing is reported
  std::string at;         // the text under the carets
  std::string help = {};  // a part of it
};

/// One diagnostic for each case, at its place; an error binds nothing, a warning binds all the
/// same.
void check_case(Room& room, const Case& c) {
  CAPTURE(c.text);
  const nfa::ExprId id = room.bind(c.text);
  const auto reported = room.diagnostics.sorted();
  std::string all;
  for (const auto& d : reported) all += lang::render(d);
  CAPTURE(all);
  if (c.code.empty()) {
    CHECK(reported.empty());
    CHECK(id != nfa::kNoExpr);
    return;
  }
  REQUIRE(reported.size() == 1);
  const lang::Diagnostic& d = reported[0];
  CHECK(lang::info(d.code).name == c.code);
  const lang::Span span = d.place.span;
  CHECK(c.text.substr(span.begin, span.end - span.begin) == c.at);
  CHECK(d.help.find(c.help) != std::string::npos);
  CHECK((id == nfa::kNoExpr) == (c.code[0] == 'E'));
}

void check_all(Room& room, const std::vector<Case>& cases) {
  for (const Case& c : cases) check_case(room, c);
}

TEST_CASE("names") {
  Room room;
  check_all(room, {
                      {"count(fs) > 3", "E0401", "fs", "did you mean \"f\"?"},
                      {"sum(xyz.v) > 3", "E0401", "xyz", "the pattern binds t, f, none"},
                      {"v == ff[0].v", "E0401", "ff", "did you mean \"f\"?"},
                      {"v == f.user", "E0402", "f.user", "first(f.user), last(f.user), f[0].user"},
                      {"f.a.b == 1", "E0402", "f.a.b", "max(f.a.b)"},
                      {"late.v > 1", "E0403", "late.v"},
                      {"count(late) > 1", "E0403", "late"},
                      {"late is null", "E0403", "late"},
                      {"late[0].v > 1", "E0403", "late[0].v"},
                      {"f[0] == 1", "E0405", "f[0]", "f[0].amount"},
                      {"t == 1", "W0404", "t", "t.amount"},
                      {"nine.v == 1", "W0401", "nine.v", "did you mean \"none.v\"?"},
                      {"account.owner == 1", "", ""},
                  });
}

TEST_CASE("a name that is bound later has a label where it is bound") {
  Room room;
  room.bind("late.v > 1");
  const auto reported = room.diagnostics.sorted();
  REQUIRE(reported.size() == 1);
  REQUIRE(reported[0].others.size() == 1);
  CHECK(reported[0].others[0].text == "bound here");
}

TEST_CASE("where no event is at hand") {
  Room room;
  room.scope.has_candidate = false;
  room.scope.no_candidate_help = "write a step's name before it: t.amount";
  check_all(room, {
                      {"amount > 5", "E0404", "amount", "t.amount"},
                      {"gome.user == 1", "E0404", "gome.user", "did you mean \"gone.user\"?"},
                      {"xyz.user == 1", "E0404", "xyz.user", "t.amount"},
                      {"t", "E0405", "t", "t is not null"},
                      {"t.user == 1", "", ""},
                      {"count(f) + sum(f.v) + f[0].v > 1", "", ""},
                      {"t is null", "", ""},
                  });
}

TEST_CASE("functions and their arguments") {
  Room room;
  check_all(room, {
                      {"lenght(user) > 8", "E0406", "lenght", "did you mean \"length\"?"},
                      {"COUNT(f) > 8", "E0406", "COUNT", "did you mean \"count\"?"},
                      {"frobnicate(user) > 8", "E0406", "frobnicate"},
                      {"lower() == \"a\"", "E0407", "lower()", "lower(text)"},
                      {"lower(a, b) == \"a\"", "E0407", "lower(a, b)"},
                      {"round(1, 2, 3) > 1", "E0407", "round(1, 2, 3)"},
                      {"coalesce() is null", "E0407", "coalesce()"},
                      {"distance_km(1, 2, 3) > 1", "E0407", "distance_km(1, 2, 3)"},
                      {"count() > 1", "E0407", "count()"},
                      {"count(f, 1) > 1", "E0407", "count(f, 1)"},
                      {"sum(f) > 1", "E0407", "f", "sum(f.amount)"},
                      {"sum(1 + 2) > 1", "E0407", "1 + 2", "sum(name.field)"},
                      {"percentile(f.v) > 1", "E0407", "percentile(f.v)"},
                      {"percentile(f.v, x) > 1", "E0407", "x"},
                      {"percentile(f.v, 101) > 1", "E0409", "101"},
                      {"percentile(f.v, 0 - 1) > 1", "E0409", "0 - 1"},
                      {"cidr(ip, net)", "E0407", "net"},
                      {"cidr(ip, \"10.0.0\")", "E0409", "\"10.0.0\""},
                      {"cidr(ip, \"10.0.0.0/33\")", "E0409", "\"10.0.0.0/33\""},
                      {"cidr(ip, \"10.0.0.0/\")", "E0409", "\"10.0.0.0/\""},
                      {"cidr(ip, \"2001:db8::/129\")", "E0409", "\"2001:db8::/129\""},
                      {"hour(ts, zone) > 1", "E0407", "zone"},
                      {"hour(ts, \"Europe/Berln\") > 1", "E0409", "\"Europe/Berln\"",
                       "did you mean \"Europe/Berlin\"?"},
                      {"hour(ts, \"../../etc/passwd\") > 1", "E0409", "\"../../etc/passwd\""},
                  });
}

TEST_CASE("regular expressions") {
  Room room;
  check_all(room, {
                      {"s matches /a(?=b)/", "E0408", "/a(?=b)/"},
                      {"s matches /(a)\\1/", "E0408", "/(a)\\1/"},
                      {"s matches /(a/", "E0408", "/(a/"},
                      {"s matches /(?<!x)a/", "E0408", "/(?<!x)a/"},
                      {"s matches (/a/, /(?>b)/)", "E0408", "/(?>b)/"},
                      {"s matches \"abc\"", "E0408", "\"abc\"", "between slashes"},
                      {"s matches /(a+)+$/", "", ""},
                  });
  std::string error;
  const auto subject = room.pool.constant(Value::string("x"));
  CHECK(room.pool.matches(subject, "(x)\\1", false, error) == nfa::kNoExpr);
  CHECK(error.find("linear time") != std::string::npos);
  CHECK(room.pool.matches(subject, "a{20000}b{20000}c{20000}", false, error) == nfa::kNoExpr);
  CHECK_FALSE(error.empty());
}

TEST_CASE("tables") {
  Room room;
  check_all(room,
            {
                {"lookup(card, x).country == 1", "E0413", "card", "did you mean \"cards\"?"},
                {"x in table(card)", "E0413", "card", "did you mean \"cards\"?"},
                {"lookup(cards, x) == 1", "E0414", "lookup(cards, x)", "lookup(cards, key).column"},
                {"lookup(cards, x).contry == 1", "E0414", "lookup(cards, x).contry",
                 "did you mean \"country\"?"},
                {"lookup(cards, (x, y)).country == 1", "E0415", "(x, y)"},
                {"lookup(routes, x).km == 1", "E0415", "x", "(a, b)"},
                {"x not in table(routes)", "E0415", "x"},
                {"lookup(cards) == 1", "E0407", "lookup(cards)"},
                {"lookup(1, x).country == 1", "E0407", "1"},
            });
}

TEST_CASE("windows' values") {
  Room room;
  std::vector<Scope::WindowAgg> aggs;
  room.scope.window_aggs = &aggs;
  room.scope.find = nullptr;
  check_all(room, {
                      {"status", "E0416", "status", "first(status)"},
                      {"sum(x) + y", "E0416", "y", "max(y)"},
                      {"sum(count())", "E0416", "count()"},
                      {"avg(ms, count() > 1)", "E0416", "count()"},
                      {"count(a, b)", "E0407", "count(a, b)"},
                      {"sum()", "E0407", "sum()", "sum(field, condition)"},
                      {"percentile(ms)", "E0407", "percentile(ms)"},
                      {"percentile(ms, 200)", "E0409", "200"},
                      {"sum(x, y > 1) / count()", "", ""},
                  });
}

TEST_CASE("null and types that are known") {
  Room room;
  check_all(room, {
                      {"v == null", "W0402", "v == null", "is null"},
                      {"v != null", "W0402", "v != null"},
                      {"v in (1, null)", "W0402", "null"},
                      {"ts - t.ts > 5", "W0403", "ts - t.ts > 5", "durations have a unit"},
                      {"ts > \"2026\"", "W0403", "ts > \"2026\""},
                      {"v + \"x\" > 1", "W0403", "v + \"x\""},
                      {"ts + ts is null", "W0403", "ts + ts"},
                      {"v and \"x\"", "W0403", "\"x\""},
                      {"not 5", "W0403", "5"},
                      {"s startswith 5", "W0403", "5", "in quotes"},
                      {"count(f) contains \"x\"", "W0403", "count(f) contains \"x\""},
                      {"hour(5) == 1", "W0403", "5"},
                      {"type == \"e\" and ts - t.ts > 5s and count(f) > 1.5", "", ""},
                      {"coalesce(v, 0) + 1 > 2", "", ""},
                  });
}

TEST_CASE("a schema's types") {
  Schema schema;
  auto& fields = schema.types["e"].fields;
  fields["amount"] = {ValueType::kFloat, false};
  fields["user"] = {ValueType::kString, false};
  fields["account.owner"] = {ValueType::kString, true};
  fields["mixed"] = {ValueType::kNull, false};
  fields["at"] = {ValueType::kTimestamp, false};
  fields["tags"] = {ValueType::kList, false};
  Room room;
  room.schema = &schema;
  check_all(room,
            {
                {"amount > 5 and user == \"bob\" and mixed == 1 and account.owner != user", "", ""},
                {"mixed == \"a\" or mixed == 1", "", ""},
                {"tags contains \"x\" and length(tags) > 1", "", ""},
                {"at - ts > 5s and t.amount < amount + 1", "", ""},
                {"amout > 5", "E0412", "amout", "did you mean \"amount\"?"},
                {"t.usr == user", "E0412", "t.usr", "did you mean \"user\"?"},
                {"sum(f.amont) > 5", "E0412", "f.amont", "did you mean \"amount\"?"},
                {"f[0].usr == user", "E0412", "f[0].usr"},
                {"amount > \"5\"", "E0411", "amount > \"5\""},
                {"user == 5", "E0411", "user == 5"},
                {"user in (\"a\", 5)", "E0411", "5"},
                {"user == amount", "E0411", "user == amount"},
                {"user + 1 > 2", "E0411", "user + 1"},
                {"-user == 1", "E0411", "-user"},
                {"at > 5", "E0411", "at > 5"},
                {"amount startswith \"x\"", "E0411", "amount startswith \"x\""},
                {"s contains amount", "E0412", "s"},
                {"sum(f.user) > 1", "E0411", "sum(f.user)"},
                {"max(f.user) > 1", "E0411", "max(f.user) > 1"},
                {"avg(f.amount) > \"x\"", "E0411", "avg(f.amount) > \"x\""},
                {"lower(amount) == \"x\"", "E0411", "amount"},
                {"hour(user) == 1", "E0411", "user"},
                {"not amount", "W0403", "amount"},
            });
}

TEST_CASE("a type that the schema does not list is not checked") {
  Schema schema;
  schema.types["other"].fields["x"] = {ValueType::kInt, false};
  Room room;
  room.schema = &schema;
  check_case(room, {"anything == 5 and t.what == \"x\"", "", ""});
}

TEST_CASE("bounds") {
  Room room;
  std::string text = "v";
  for (int n = 0; n < 600; ++n) text += " + 1";
  const nfa::ExprId id = room.bind(text + " > 5");
  CHECK(id == nfa::kNoExpr);
  const auto reported = room.diagnostics.sorted();
  REQUIRE(reported.size() == 1);
  CHECK(lang::info(reported[0].code).name == "E0418");
}

TEST_CASE("several faults are all reported") {
  Room room;
  CHECK(room.bind("count(zzz) > 1 and f.v > 1 and lenght(s) == 1 and v == late.v") == nfa::kNoExpr);
  CHECK(room.diagnostics.errors() == 4);
}

// ---------------------------------------------------------------- contradictions

/// Whether the conjuncts of `text` are reported, and that the report has places in it.
bool contradicts(const std::string& text) {
  lang::Diagnostics diagnostics;
  const auto snippet = lang::make_snippet("<e>", text);
  const auto parsed = lang::parse_expression(snippet, diagnostics);
  REQUIRE(parsed.root != nullptr);
  check_contradictions(conjuncts(*parsed.root), snippet, diagnostics);
  const auto reported = diagnostics.sorted();
  for (const auto& d : reported) CHECK(lang::info(d.code).name == "E0410");
  CHECK(reported.size() <= 1);
  return !reported.empty();
}

TEST_CASE("contradictions") {
  for (const char* text : {
           "amount > 5 and amount < 3",
           "amount > 5 and amount < 5",
           "amount > 5 and amount <= 5",
           "amount >= 5 and amount < 5",
           "5 < amount and 3 > amount",
           "amount == 1 and amount == 2",
           "amount == 1 and amount > 1",
           "amount > 1 and x == 2 and amount == 1.0",
           "amount == 1 and amount != 1.0",
           "amount != 1 and amount == 1",
           "s == \"a\" and s == \"b\"",
           "s == \"a\" and s > 5",
           "s == \"a\" and s is null",
           "s is null and s > 3",
           "s > 3 and s is null",
           "s is null and s is not null",
           "s contains \"a\" and s is null",
           "s in (\"a\", \"b\") and s == \"c\"",
           "s in (\"a\", \"b\") and s in (\"c\", \"d\")",
           "v in (1, 9) and v > 1 and v < 9",
           "v not in (1, 2) and v in (1, 2)",
           "v in (1, 2) and v is null",
           "v > 1 and v > \"a\"",
           "v == true and v == false",
           "f[0].v > 5 and f[0].v < 5",
           "count(f) > 5 and count( f ) < 5",
           "t.ts - f.ts > 5s and v > 10s and v < 5s",
           "v > -1 and v < -3",
       }) {
    CAPTURE(text);
    CHECK(contradicts(text));
  }
}

TEST_CASE("no contradictions") {
  for (const char* text : {
           "amount > 3 and amount < 5",
           "amount >= 5 and amount <= 5",
           "amount > 5 or amount < 3",
           "not (amount > 5) and amount > 3",
           "amount > 5 and other < 3",
           "t.amount > 5 and amount < 3",
           "amount == 1 and amount == 1.0",
           "amount != 1 and amount != 2",
           "s in (\"a\", \"b\") and s in (\"b\", \"c\")",
           "s in (\"a\", \"b\") and s != \"a\"",
           "v in (1, 9) and v > 1",
           "amount > x and amount < y",
           "s is null and x > 3",
           "s is not null and s > 3",
           "s startswith \"a\" and s == \"abc\"",
           "f[0].v > 5 and f[1].v < 5",
           "v > 5 and v == null",
           "lower(s) == \"a\" and upper(s) == \"A\"",
       }) {
    CAPTURE(text);
    CHECK_FALSE(contradicts(text));
  }
}

TEST_CASE("a contradiction shows both places") {
  lang::Diagnostics diagnostics;
  const auto snippet = lang::make_snippet("<e>", "amount > 5 and x == 1 and amount < 3");
  const auto parsed = lang::parse_expression(snippet, diagnostics);
  check_contradictions(conjuncts(*parsed.root), snippet, diagnostics);
  const auto reported = diagnostics.sorted();
  REQUIRE(reported.size() == 1);
  CHECK(reported[0].place.span == lang::Span{26, 36});
  REQUIRE(reported[0].others.size() == 1);
  CHECK(reported[0].others[0].place.span == lang::Span{0, 10});
}

}  // namespace
}  // namespace weir::compiler
