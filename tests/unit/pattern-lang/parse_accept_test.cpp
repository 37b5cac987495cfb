#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "parse_helpers.hpp"

using namespace weir;
using namespace weir::lang;
using namespace weir::lang::testing;

namespace {

/// Text, and its canonical form where that is another.
struct Accepted {
  std::string text;
  std::string printed;
};

const std::vector<Accepted>& patterns() {
  static const std::vector<Accepted> kPatterns = {
      {"a", ""},
      {"*", ""},
      {"\"card declined\"", ""},
      {"\"rule:account-takeover\"{3} AS b", ""},
      {"SEQ(a, b, c)", ""},
      {"SEQ(a)", ""},
      {"OR(a, b)", ""},
      {"AND(a AS x, a AS y)", ""},
      {"(a)", ""},
      {"((a AS x)?)+", ""},
      {"SEQ(a, NEXT b, ANY c, NOT d, NEXT NOT e, f)", ""},
      {"SEQ(a+, b*, c?, d{2}, e{2,}, f{2,5}, g{,5}, h)", ""},
      {"SEQ(a+?, b*?, c??, d{2}?, e{2,}?, f{2,5}?, g{,5}?)", ""},
      {"SEQ(a++, b*+, c?+, d{2}+, e{2,}+, f{2,5}+, g{,5}+)", ""},
      {"SEQ(a+ NEXT, b* ANY, c{2}? ANY, d++ NEXT AS x)", ""},
      {"a{1,}", "a+"},
      {"a{0,}", "a*"},
      {"a{0,1}", "a?"},
      {"a{1,1}", "a{1}"},
      {"a{0,5}", "a{,5}"},
      {"**", ""},
      {"*+", ""},
      {"SEQ(*, NEXT * AS second)", ""},
      {"a WHERE v > 1 WITHIN 5s", ""},
      {"a{2} WITHIN 5s WHERE v > 1 UNTIL c", ""},
      {"a+ UNTIL c WHERE v == 1", ""},
      {"a+ UNTIL c WHERE v == 1 WHERE w == 2", ""},
      {"a+ WHERE w == 2 UNTIL c WHERE v == 1 WITHIN 1m", ""},
      {"a+ UNTIL OR(c, d WHERE v == 1)", ""},
      {"SEQ(a, b) UNTIL c WITHIN 10m AFTER MATCH KEEP", ""},
      {"(SEQ(a, b)) UNTIL c", ""},
      {"(SEQ(a, b) UNTIL c)", ""},
      {"a AFTER MATCH CONSUME", ""},
      {"a AFTER MATCH SKIP PAST LAST", ""},
      {"a AFTER MATCH SKIP TO NEXT", ""},
      {"a AFTER MATCH SKIP TO FIRST x", ""},
      {"a AFTER MATCH SKIP TO LAST x", ""},
      {"a WITHIN 250ms", ""},
      {"a WITHIN 90s", ""},
      {"a WITHIN 1h30m", ""},
      {"a WITHIN 1w2d3h4m5s6ms", ""},
      {"SEQ(a, SEQ(b, c){2} WITHIN 3s, OR(d WITHIN 2s, NOT d WITHIN 2s))", ""},
      {"SEQ(a, NOT OR(c, d WHERE v == 1) WITHIN 5s, b)", ""},
      {"SEQ(a, NOT (c), b)", ""},
      {"SEQ(like, contains, table, in, is)", ""},
      {"größe AS länge", ""},
      {"_a1 AS B2_", ""},
      {"\"SEQ\"", ""},
      {"\"quote \\\" backslash \\\\ tab \\t line \\n\"", ""},
  };
  return kPatterns;
}

const std::vector<Accepted>& expressions() {
  static const std::vector<Accepted> kExpressions = {
      {"a", ""},
      {"a.b.c", ""},
      {"a.within.next.where.in.true", ""},
      {"to", ""},
      {"first + last * next - any", ""},
      {"1", ""},
      {"-1", ""},
      {"- 1", "-1"},
      {"-(1)", "-1"},
      {"--1", ""},
      {"-a", ""},
      {"-(a + b)", ""},
      {"1.5", ""},
      {"1e3", "1000.0"},
      {"1E-3", "0.001"},
      {"1.5e+300", "1.5e+300"},
      {"-0.0", ""},
      {"5e-324", ""},
      {"9223372036854775807", ""},
      {"-9223372036854775808", ""},
      {"5s", ""},
      {"-5s", ""},
      {"a.ts - b.ts > 1h30m", ""},
      {"true", ""},
      {"false or null", ""},
      {"\"\"", ""},
      {"\"\\u00e9\\ud83d\\ude00\"", "\"é😀\""},
      {"\"\\u0001\"", ""},
      {"a = b", "a == b"},
      {"a == b and c != d or e < f and g <= h", ""},
      {"a > b or c >= d", ""},
      {"(a or b) and c", ""},
      {"a or (b and c)", "a or b and c"},
      {"a and (b and c)", ""},
      {"(a and b) and c", "a and b and c"},
      {"not a", ""},
      {"not not a", ""},
      {"not a == b", "not (a == b)"},
      {"not (a or b)", ""},
      {"(not a) == b", ""},
      {"a - b - c", ""},
      {"a - (b - c)", ""},
      {"a / b / c % d", ""},
      {"a * (b + c)", ""},
      {"(a * b) + c", "a * b + c"},
      {"-a * b", ""},
      {"a * -b", ""},
      {"(a < b) == (c < d)", ""},
      {"a in (1, 2)", ""},
      {"a in (1)", ""},
      {"a not in (1, \"x\", b + 1)", ""},
      {"a + 1 in (2)", ""},
      {"a in table(t)", ""},
      {"a not in table(t)", ""},
      {"(a, b) in table(t)", ""},
      {"(a, b) not in table(t)", ""},
      {"lookup(t, k).a.b", ""},
      {"lookup(t, (a, b)).c", ""},
      {"f[0].x", ""},
      {"f[-1].x.y", ""},
      {"f[0]", ""},
      {"count()", ""},
      {"count(f)", ""},
      {"percentile(f.x, 95)", ""},
      {"count(status >= 500) / count()", ""},
      {"first(f.x) - last(f.x)", ""},
      {"a is null", ""},
      {"a is not null", ""},
      {"a + b is null", ""},
      {"(a is null) == b", ""},
      {"a contains \"x\"", ""},
      {"a contains (\"x\", \"y\")", ""},
      {"a contains (\"x\")", ""},
      {"a startswith \"x\" and b endswith \"y\"", ""},
      {"a like \"a*b?\"", ""},
      {"a like (\"a*\", \"b*\")", ""},
      {"a matches /b+c/", ""},
      {"a matches /b+c/i", ""},
      {"a matches /a\\/b\\d[(\"#]/", ""},
      {"a matches \"b+c\"", ""},
      {"a matches (/x/, /y/i, \"z\")", ""},
      {"a / b matches /x/", ""},
      {"lower(a) contains lower(b)", ""},
      {"a contains b + c", ""},
      {"like > 5", ""},
      {"contains.x == 1", ""},
      {"table == 1", ""},
      {"not (a in table(t))", ""},
  };
  return kExpressions;
}

constexpr std::string_view kCapitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool in_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string other_case(std::string word) {
  for (std::size_t i = 0; i < word.size(); ++i) {
    const bool upper = word[i] >= 'A' && word[i] <= 'Z';
    if (i % 2 == 0) word[i] = static_cast<char>(upper ? word[i] + 32 : word[i] - 32);
  }
  return word;
}

/// A slash that begins a regular expression, and no division.
bool begins_regex(const std::string& text, std::size_t at) {
  const std::string before = text.substr(0, text.find_last_not_of(' ', at - 1) + 1);
  return before.ends_with("matches") || before.ends_with('(') || before.ends_with(',');
}

/// The same text with other white space, with comments, or with its capitals (they are keywords) in
/// other case. Strings and regular expressions stay.
std::string rewritten(const std::string& text, const std::string& blank, bool swap_case) {
  std::string out = blank;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"' || (c == '/' && begins_regex(text, i))) {
      std::size_t end = i + 1;
      while (text[end] != c) end += text[end] == '\\' ? 2 : 1;
      out += text.substr(i, end + 1 - i);
      i = end + 1;
      if (c == '/' && i < text.size() && text[i] == 'i') out += text[i++];
    } else if (c == ' ') {
      out += blank;
      ++i;
    } else if (in_word(c)) {
      std::size_t end = i;
      while (end < text.size() && in_word(text[end])) ++end;
      const std::string word = text.substr(i, end - i);
      const bool keyword = word.size() > 1 && word.find_first_not_of(kCapitals) == word.npos;
      out += swap_case && keyword ? other_case(word) : word;
      i = end;
    } else {
      const bool sign = std::string("(){},").find(c) != std::string::npos;
      if (sign) out += blank;
      out += c;
      if (sign) out += blank;
      ++i;
    }
  }
  return out + blank;
}

const std::vector<std::string>& blanks() {
  static const std::vector<std::string> kBlanks = {" ", "\n\t ", "\r\n", " # it's (a \"comment\n"};
  return kBlanks;
}

}  // namespace

TEST_CASE("patterns that are read, in every layout") {
  for (const auto& [text, printed] : patterns()) {
    CAPTURE(text);
    REQUIRE(errors_of_pattern(text) == "");
    const auto pattern = pattern_of(text);
    CHECK(print_pattern(*pattern) == (printed.empty() ? text : printed));
    for (const std::string& blank : blanks()) {
      for (const bool swap_case : {false, true}) {
        const std::string other = rewritten(text, blank, swap_case);
        CAPTURE(other);
        REQUIRE(errors_of_pattern(other) == "");
        CHECK(same(*pattern_of(other), *pattern));
      }
    }
  }
}

TEST_CASE("expressions that are read, in every layout") {
  for (const auto& [text, printed] : expressions()) {
    CAPTURE(text);
    REQUIRE(errors_of_expression(text) == "");
    const ExprPtr expression = expression_of(text);
    CHECK(print_expression(*expression) == (printed.empty() ? text : printed));
    for (const std::string& blank : blanks()) {
      const std::string other = rewritten(text, blank, false);
      CAPTURE(other);
      REQUIRE(errors_of_expression(other) == "");
      CHECK(same(*expression_of(other), *expression));
    }
  }
}

TEST_CASE("expressions stand in patterns as they stand alone") {
  for (const auto& accepted : expressions()) {
    CAPTURE(accepted.text);
    const auto pattern = pattern_of("SEQ(a WHERE " + accepted.text + ", b)");
    REQUIRE(pattern.has_value());
    CHECK(same(*pattern->root.element.members[0].where, *expression_of(accepted.text)));
  }
}

TEST_CASE("keywords of expressions in any case") {
  const ExprPtr upper = expression_of("NOT a IN (1) AND b IS NOT NULL OR c CONTAINS \"x\" OR TRUE");
  const ExprPtr lower = expression_of("not a in (1) and b is not null or c contains \"x\" or true");
  REQUIRE(upper);
  REQUIRE(lower);
  CHECK(same(*upper, *lower));
}

TEST_CASE("what a pattern is read as") {
  const auto pattern = pattern_of(
      "SEQ(login{3,} NEXT AS f WHERE user is not null, NEXT NOT \"x y\" WITHIN 5s, "
      "(t+?)? UNTIL s WHERE v in (1, 2)) WHERE not (f[-1].v matches /a/i) WITHIN 10m "
      "AFTER MATCH SKIP TO LAST f");
  REQUIRE(pattern.has_value());
  CHECK(dump(*pattern, false) == R"(pattern
  step
    SEQ
      step
        type login
        quantifier {3,} next
        as f
        where
          is-null not
            path user
      step next not
        quoted "x y"
        within 5s
      step
        paren
          step
            type t
            quantifier +?
        quantifier ?
        until
          type s
          in list
            path v
            literal integer 1
            literal integer 2
    where
      not
        test matches
          index f.v [-1]
          regex "a" flags=i
    within 10m
  after SKIP TO LAST f
)");
}

TEST_CASE("spans cover what was read") {
  const std::string text = "SEQ(a{2,} AS x, NEXT b WHERE b.v > (1 + 2) WITHIN 5s)";
  const auto pattern = pattern_of(text);
  REQUIRE(pattern.has_value());
  const auto at = [&](Span s) { return text.substr(s.begin, s.end - s.begin); };
  const auto& members = pattern->root.element.members;
  CHECK(at(pattern->root.span) == text);
  CHECK(at(members[0].span) == "a{2,} AS x");
  CHECK(at(members[0].quantifier->span) == "{2,}");
  CHECK(at(members[0].as->span) == "x");
  CHECK(at(members[1].span) == "NEXT b WHERE b.v > (1 + 2) WITHIN 5s");
  CHECK(at(members[1].keyword_span) == "NEXT");
  CHECK(at(members[1].element.span) == "b");
  CHECK(at(members[1].where->span) == "b.v > (1 + 2)");
  CHECK(at(members[1].where->op_span) == ">");
  CHECK(at(members[1].where->args[1]->span) == "(1 + 2)");
  CHECK(at(members[1].within->span) == "5s");
  CHECK(members[1].clause_order ==
        std::vector<ClauseKind>{ClauseKind::kWhere, ClauseKind::kWithin});
}

TEST_CASE("durations are printed as written, and compared by length") {
  const auto a = pattern_of("a WHERE t > 90s and u > -90s WITHIN 24h");
  const auto b = pattern_of("a WHERE t > 1m30s and u > - 1m30s WITHIN 1d");
  REQUIRE(a.has_value());
  REQUIRE(b.has_value());
  CHECK(print_pattern(*a) == "a WHERE t > 90s and u > -90s WITHIN 24h");
  CHECK(same(*a, *b));
  CHECK(dump(*a, false) == dump(*b, false));
}
