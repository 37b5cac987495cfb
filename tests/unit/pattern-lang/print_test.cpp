#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "parse_helpers.hpp"
#include "weir/pattern-lang/rule_file.hpp"

using namespace weir;
using namespace weir::lang;
using namespace weir::lang::testing;

namespace {

void check_round_trip(const Pattern& pattern) {
  for (const std::size_t width : {1U, 40U, 88U, 1000U}) {
    const std::string text = print_pattern(pattern, width);
    CAPTURE(text);
    const auto again = pattern_of(text);
    REQUIRE(again.has_value());
    CHECK(same(*again, pattern));
    CHECK(dump(*again, false) == dump(pattern, false));
    CHECK(print_pattern(*again, width) == text);
  }
}

void check_round_trip(const ExprText& expression) {
  if (!expression.root) return;
  const std::string text = print_expression(*expression.root);
  CAPTURE(text);
  const ExprPtr again = expression_of(text);
  REQUIRE(again);
  CHECK(same(*again, *expression.root));
  CHECK(print_expression(*again) == text);
  for (const std::size_t width : {1UL, 20UL, 60UL}) {
    const std::string wrapped = print_expression(*expression.root, width);
    CAPTURE(wrapped);
    const ExprPtr read = expression_of(wrapped);
    REQUIRE(read);
    CHECK(same(*read, *expression.root));
  }
}

}  // namespace

TEST_CASE("every pattern and expression of the conformance cases is printed and read back") {
  std::size_t patterns = 0;
  for (const auto& path : conformance_files()) {
    CAPTURE(path.string());
    auto file = std::make_shared<SourceFile>();
    file->path = path.string();
    file->text = file_text(path);
    Diagnostics diagnostics;
    const auto documents = read_rule_file(file, diagnostics);
    for (const Diagnostic& d : diagnostics.sorted()) {
      if (d.severity() == Severity::kError) FAIL_CHECK(render(d));
    }
    for (const RuleDocument& document : documents) {
      for (const EventClass& c : document.events) check_round_trip(c.where);
      for (const Derive& d : document.derives) {
        check_round_trip(d.where);
        for (const auto& value : d.values) check_round_trip(value.second);
      }
      for (const RuleDef& rule : document.rules) {
        REQUIRE(rule.pattern.has_value());
        check_round_trip(*rule.pattern);
        check_round_trip(rule.where);
        for (const auto& field : rule.alert.fields) check_round_trip(field.second);
        ++patterns;
      }
    }
  }
  CHECK(patterns > 300);
}

TEST_CASE("long patterns stand on several lines") {
  const auto pattern = pattern_of(
      "SEQ(login_failed{3,} AS f WHERE outcome == \"failure\" and reason in (\"password\", "
      "\"unknown user\"), NOT logout, OR(SEQ(transfer AS t WHERE amount > 1000, confirmation), "
      "payout AS p WHERE amount > 1000 and currency == \"EUR\"), close) WITHIN 10m "
      "WHERE count(f) < 100 AFTER MATCH SKIP PAST LAST");
  REQUIRE(pattern.has_value());
  CHECK(print_pattern(*pattern, 60) == R"(SEQ(
  login_failed{3,} AS f
      WHERE outcome == "failure"
        and reason in ("password", "unknown user"),
  NOT logout,
  OR(
    SEQ(transfer AS t WHERE amount > 1000, confirmation),
    payout AS p WHERE amount > 1000 and currency == "EUR"
  ),
  close
) WITHIN 10m WHERE count(f) < 100
AFTER MATCH SKIP PAST LAST)");
  check_round_trip(*pattern);
}

TEST_CASE("operators of other strength keep their parentheses over several lines") {
  const auto pattern =
      pattern_of("a WHERE (x == 1 or y == 2) and (z == 3 and w == 4) and v == 5 and not (u == 6)");
  REQUIRE(pattern.has_value());
  CHECK(print_pattern(*pattern, 20) == R"(a
    WHERE (x == 1 or y == 2)
      and (z == 3 and w == 4)
      and v == 5
      and not (u == 6))");
  check_round_trip(*pattern);
}

TEST_CASE("long expressions stand on several lines") {
  const ExprPtr e = expression_of(
      "code is null and (name == \"ModifySnapshot\" and add.items is not null or name in "
      "(\"ModifyImage\", \"ModifyCluster\", \"ModifyDatabase\", \"Modify\")) and not (a == 1 or b "
      "== 2)");
  REQUIRE(e);
  CHECK(print_expression(*e, 44) == R"(code is null
and (name == "ModifySnapshot"
    and add.items is not null
  or name in ("ModifyImage", "ModifyCluster",
      "ModifyDatabase", "Modify"))
and not (a == 1 or b == 2))");
}

TEST_CASE("types are quoted where they need it") {
  Pattern pattern;
  for (const std::string name : {"plain", "SEQ", "with blank", "a-b", "1st", "true", "q\"q", ""}) {
    pattern.root.element.name = name;
    const bool plain = name == "plain";
    CHECK((print_step(pattern.root) == name) == plain);
  }
  pattern.root.element.name = "a\"b\\c\n";
  CHECK(print_step(pattern.root) == "\"a\\\"b\\\\c\\n\"");
}

TEST_CASE("same() sees every part") {
  const std::vector<std::string> texts = {"a",
                                          "b",
                                          "\"a\"",
                                          "(a)",
                                          "NEXT a",
                                          "ANY a",
                                          "NOT a",
                                          "a+",
                                          "a*",
                                          "a+?",
                                          "a++",
                                          "a+ NEXT",
                                          "a{2}",
                                          "a{2,}",
                                          "a AS x",
                                          "a AS y",
                                          "a WITHIN 5s",
                                          "a WITHIN 6s",
                                          "a WHERE v",
                                          "a WHERE -v",
                                          "a WHERE 1",
                                          "a WHERE 1.0",
                                          "a WHERE 1s",
                                          "a WHERE \"1\"",
                                          "a WHERE v in (1)",
                                          "a WHERE v not in (1)",
                                          "a WHERE v like \"x\"",
                                          "a WHERE v like (\"x\")",
                                          "a WHERE v matches /x/",
                                          "a WHERE v matches /x/i",
                                          "a WHERE v matches \"x\"",
                                          "a+ UNTIL b",
                                          "a+ UNTIL b WHERE v",
                                          "a+ UNTIL c",
                                          "a AFTER MATCH KEEP",
                                          "a AFTER MATCH CONSUME",
                                          "a AFTER MATCH SKIP TO FIRST a",
                                          "a AFTER MATCH SKIP TO FIRST b",
                                          "a AFTER MATCH SKIP TO LAST a",
                                          "SEQ(a)",
                                          "OR(a)",
                                          "AND(a)",
                                          "SEQ(a, a)",
                                          "a WHERE f[0].v",
                                          "a WHERE f[1].v",
                                          "a WHERE f.v",
                                          "a WHERE f()",
                                          "a WHERE f().v",
                                          "a WHERE v WITHIN 5s",
                                          "a WITHIN 5s WHERE v"};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (std::size_t j = 0; j < texts.size(); ++j) {
      CAPTURE(texts[i]);
      CAPTURE(texts[j]);
      const auto a = pattern_of(texts[i]);
      const auto b = pattern_of(texts[j]);
      REQUIRE(a.has_value());
      REQUIRE(b.has_value());
      CHECK(same(*a, *b) == (i == j));
      // The order of clauses means nothing, and so stands in no dump.
      const bool dumped = dump(*a, false) == dump(*b, false);
      if (std::max(i, j) + 1 < texts.size()) CHECK(dumped == (i == j));
    }
  }
}

TEST_CASE("the dump with spans") {
  const ExprPtr f = expression_of("lookup(t, k).c.d >= -5");
  REQUIRE(f);
  CHECK(dump(*f, true) == R"(binary >=  @0-22
  call "lookup" c.d  @0-16
    path t  @7-8
    path k  @10-11
  literal integer -5  @20-22
)");
}
