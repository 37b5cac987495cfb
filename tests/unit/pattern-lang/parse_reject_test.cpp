#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "parse_helpers.hpp"

using namespace weir;
using namespace weir::lang;
using namespace weir::lang::testing;

namespace {

struct Rejected {
  std::string text;
  std::string faults;  // codes and spans, in the order of the text
};

}  // namespace

TEST_CASE("patterns that are refused, with code and place") {
  const std::vector<Rejected> cases = {
      // Text in the wrong place.
      {"a b", "E0101@2-3"},
      {"SEQ(a b, c d)", "E0101@6-7 E0101@11-12"},
      {"SEQ a", "E0101@4-5"},
      {"SEQ(a) OR b", "E0101@7-9"},
      {"foo-bar", "E0101@3-4"},
      {"foo.bar", "E0101@3-4"},
      {"a amount > 5", "E0101@2-8"},
      {"a > 5", "E0101@2-3"},
      {"a WHERE v > 1 AS x", "E0101@14-16"},
      {"a NEXT b", "E0101@2-6"},
      {"a CONSUME", "E0101@2-9"},
      {"SEQ(a AFTER MATCH KEEP, b)", "E0101@6-11"},
      {"a AFTER MATCH KEEP WITHIN 5m", "E0101@19-25"},
      {"a WHERE v > 1)", "E0105@13-14"},
      {"a WHERE v 5", "E0102@10-11"},
      {"a WHERE v not contains \"x\"", "E0102@10-13"},
      {"a WHERE v <> 5", "E0102@11-12"},
      {"a WHERE v == [1, 2]", "E0102@13-14"},
      // Lexical faults.
      {"a WHERE v == \"bob", "E0103@13-17"},
      {"SEQ(a, b WHERE v == \"bob) WITHIN 1m", "E0103@20-35"},
      {"a WHERE v == \"bob\\", "E0103@13-18"},
      {"a WHERE v == \"bob\n\"", "E0103@13-17"},
      {"SEQ(a, b", "E0104@3-4"},
      {"SEQ(a, OR(b, c", "E0104@3-4 E0104@9-10"},
      {"SEQ(a, b))", "E0105@9-10"},
      {")", "E0105@0-1"},
      {"a WHERE v == 1 && w == 2", "E0106@15-16"},
      {"SEQ(a; b)", "E0106@5-6"},
      {"a WHERE v == 'x'", "E0106@13-16"},
      {"a WHERE !v", "E0106@8-9"},
      {"a WHERE v == “x”", "E0106@13-16 E0106@17-20"},
      {"a\xc2\xa0WITHIN 5s", "E0106@1-3"},
      {"a\x01", "E0106@1-2"},
      {std::string("a\0b", 3), "E0106@1-2"},
      {"a\xff", "E0106@1-2"},
      {"a WHERE v == 9223372036854775808", "E0107@13-32"},
      {"a WHERE v == -9223372036854775809", "E0107@14-33"},
      {"a WHERE v == 1e400", "E0107@13-18"},
      {"a WITHIN 10", "E0108@9-11"},
      {"a WITHIN", "E0108@8-8"},

      {"a WITHIN 1h30", "E0108@9-13"},
      {"a WITHIN \"10s\"", "E0108@9-14"},
      {"a WITHIN 10y", "E0109@11-12"},
      {"a WITHIN 1h5min", "E0109@12-15"},
      {"a WHERE v == 0x10", "E0109@14-15"},
      {"a WITHIN 1.5h", "E0110@9-13"},
      {"a WITHIN 1h 30m", "E0110@12-15"},
      {"a WITHIN 99999w", "E0110@9-15"},
      {"a WHERE v == \"\\d\"", "E0111@14-16"},
      {"a WHERE v == \"\\u12g4\"", "E0111@14-16"},
      {"a WHERE v == \"\\ud800\"", "E0111@14-20"},
      {"a WHERE v matches /x", "E0112@18-20"},
      {"a WHERE v matches /x/g", "E0113@21-22"},
      {"a WHERE v matches /x/ii", "E0113@22-23"},
      // Keywords.
      {"SEQ(a, b) WITHN 1m", "E0114@10-15"},
      {"a WHRE v == 1", "E0114@2-6"},
      {"SQE(a, b)", "E0114@0-3"},
      {"a AFTR MATCH KEEP", "E0114@2-6"},
      {"SEQ(a, NEXT ANY b)", "E0115@12-15"},
      {"NOT NEXT a", "E0115@4-8"},
      {"SEQ(a, NOT NOT b)", "E0115@11-14"},
      {"SEQ()", "E0116@3-5"},
      {"SEQ(a, ())", "E0116@7-9"},
      {"SEQ(a, b WITHIN 1m WITHIN 2m)", "E0117@19-25"},
      {"SEQ(a, b) WITHIN 1m WHERE a.v == b.v WITHIN 2m", "E0117@37-43"},
      {"a WHERE v == 1 WITHIN 1m WHERE w == 2", "E0117@25-30"},
      {"a+ UNTIL b UNTIL c", "E0117@11-16"},
      {"SEQ(a, )", "E0118@7-8"},
      {"SEQ(a,, b)", "E0118@6-7"},
      {"SEQ(a, NOT, b)", "E0118@10-11"},
      {"SEQ(a, where)", "E0118@7-12"},
      {"NEXT", "E0118@4-4"},
      {"5", "E0118@0-1"},
      {"\"\"", "E0118@0-2"},
      {"SEQ(a, b WHERE) WITHIN 1m", "E0119@9-14"},
      {"a WHERE", "E0119@2-7"},
      {"a WHERE WITHIN 5s", "E0119@2-7"},
      {"a AFTER MATCH DROP", "E0120@14-18"},
      {"a AFTER MATCH", "E0120@13-13"},
      {"a AFTER KEEP", "E0120@8-12"},
      {"a AFTER MATCH SKIP", "E0120@18-18"},
      {"a AFTER MATCH SKIP TO PAST", "E0120@22-26"},
      {"SEQ(a AS last, b)", "E0126@9-13"},
      {"a AS", "E0126@4-4"},
      {"a AS \"x\"", "E0126@5-8"},
      {"a AFTER MATCH SKIP TO LAST", "E0126@26-26"},
      {"SEQ(a, match)", "E0126@7-12"},
      {"null", "E0126@0-4"},
      {"a WHERE within > 5", "E0126@8-14"},
      // Quantifiers.
      {"a{3-5}", "E0121@3-4"},
      {"a{}", "E0121@2-3"},
      {"a{1.5}", "E0121@2-5"},
      {"a{-1}", "E0121@2-3"},
      {"a{2", "E0121@3-3"},
      {"a+*", "E0121@2-3"},
      {"a AS x+", "E0121@6-7"},
      {"a{5,2}", "E0122@1-6"},
      {"a{0}", "E0123@1-4"},
      {"a{,0}", "E0123@1-5"},
      {"a++ ANY", "E0124@1-3"},
      {"a{1000001}", "E0125@2-9"},
      {"a{9223372036854775807}", "E0125@2-21"},
      // Shape.
      {"SEQ(a, SEQ(b, c) AS x)", "E0127@20-21"},
      {"SEQ(a, (SEQ(b, c)) AS x)", "E0127@22-23"},
      {"SEQ(a, AND(b, c) AS x)", "E0127@20-21"},
      {"SEQ(a, NOT b AS x, c)", "E0127@16-17"},
      {"SEQ(a, OR(SEQ(b, c), d) AS x)", "E0127@27-28"},
      {"SEQ(a, NOT OR(b AS x, c), d)", "E0127@19-20"},
      {"SEQ(a, (b AS x) AS y)", "E0127@19-20"},
      {"SEQ(a, NOT b{2}, c)", "E0128@12-15"},
      {"SEQ(a, NOT b UNTIL c, d)", "E0128@13-20"},
      {"SEQ(a, ANY NOT b, c)", "E0128@7-10"},
      {"SEQ(a, NOT ANY b, c)", "E0128@11-14"},
      {"SEQ(a, NOT SEQ(b, c), d)", "E0129@11-20"},
      {"SEQ(a, NOT OR(b, AND(c, d)), e)", "E0129@17-26"},
      {"SEQ(a, NOT OR(b+, c), e)", "E0129@15-16"},
      {"SEQ(a, NOT OR(NEXT b, c), e)", "E0129@14-18"},
      {"AND(a+, b)", "E0130@5-6"},
      {"AND(SEQ(a, b), c)", "E0130@4-13"},
      {"AND(OR(a, b), c)", "E0130@4-12"},
      {"AND(NEXT a, b)", "E0130@4-8"},
      {"SEQ(x, AND(a, NOT b WITHIN 5s))", "E0130@14-19"},
      {"SEQ(a, b UNTIL c, d)", "E0131@9-16"},
      {"a UNTIL c", "E0131@2-9"},
      {"(a) UNTIL c", "E0131@4-11"},
      {"SEQ(a, SEQ(b, c) UNTIL d, e)", "E0131@17-24"},
      {"a+ UNTIL SEQ(b, c)", "E0132@9-18"},
      {"a+ UNTIL NOT b", "E0132@9-12"},
      {"a+ UNTIL OR(b, c{2})", "E0132@16-19"},
      // Conditions.
      {"a WHERE 1 < v < 5", "E0133@14-15"},
      {"a WHERE v in (1) in (2)", "E0133@17-19"},
      {"a WHERE v is null == w", "E0133@18-20"},
      {"a WHERE (v, w) == 5", "E0134@8-14"},
      {"a WHERE (v, w)", "E0134@8-14"},
      {"a WHERE f((v, w))", "E0134@10-16"},
      {"a WHERE v in \"DE\"", "E0135@13-17"},
      {"a WHERE v in [1, 2]", "E0135@13-14"},
      {"", "E0136@0-0"},
      {" # nothing\n", "E0136@0-0"},
      {"SEQ(a, b), c", "E0139@9-10"},
      {"(a, b)", "E0139@2-3"},
      {"a WHERE v >", "E0140@11-11"},
      {"SEQ(a WHERE v > , b)", "E0140@16-17"},
      {"a WHERE v == not w", "E0140@13-16"},
      {"a WHERE v in ()", "E0140@14-15"},
      {"a WHERE v is 5", "E0141@13-14"},
      {"a WHERE f[x].v == 1", "E0142@10-11"},
      {"a WHERE f[1.v == 1", "E0142@11-12"},
      {"a WHERE f.g[0] == 1", "E0142@11-12"},
      {"a WHERE v == /x/", "E0143@13-16"},
      {"a WHERE v contains /x/", "E0143@19-22"},
      {"a WHERE f. == 1", "E0144@11-13"},
      {"a WHERE f(v w)", "E0145@12-13"},
      {"a WHERE v in table(5)", "E0145@19-20"},
  };
  for (const auto& [text, faults] : cases) {
    CAPTURE(text);
    CHECK(errors_of_pattern(text) == faults);
  }
}

TEST_CASE("expressions that are refused, with code and place") {
  const std::vector<Rejected> cases = {
      {"", "E0136@0-0"},
      {"a b", "E0102@2-3"},
      {"a, b", "E0102@1-2"},
      {"a andd b", "E0114@2-6"},
      {"a WITHIN 5s", "E0102@2-8"},
      {"(a", "E0104@0-1"},
      {"a)", "E0105@1-2"},
      {"a and", "E0140@5-5"},
      {"and a", "E0140@0-3"},
      {"a + * b", "E0140@4-5"},
      {"(a, b)", "E0134@0-6"},
      {"a.5", "E0144@2-3"},
      {"f(a,)", "E0140@4-5"},
      {"f(", "E0104@1-2"},
      {"a[0][1]", "E0142@4-5"},
      {"5.", "E0102@1-2"},
      {".5", "E0140@0-1"},
      {"a @ b", "E0106@2-3"},
      {"a in table()", "E0145@11-12"},
  };
  for (const auto& [text, faults] : cases) {
    CAPTURE(text);
    CHECK(errors_of_expression(text) == faults);
  }
}

TEST_CASE("several faults are told at once") {
  CHECK(errors_of_pattern("SEQ(a WHERE v >, b WITHIN 5, NEXT ANY c, d{5,2}, OR(e f, g{}))\n"
                          "WITHIN 10y WHERE AFTER MATCH DROP") ==
        "E0140@15-16 E0108@26-27 E0115@34-37 E0101@54-55 E0121@59-60 E0109@72-73 E0119@74-79 "
        "E0120@92-96");
  // In the OR of an UNTIL, which itself is read to its end.
  CHECK(errors_of_pattern("a+ UNTIL OR(b WHRE v, c d WHERE, NEXT ANY e WITHIN 5) WITHIN 6") ==
        "E0114@14-18 E0101@24-25 E0119@26-31 E0115@38-41 E0108@61-62");
  // One step, two clauses.
  CHECK(errors_of_pattern("SEQ(a WHERE == WITHIN 5, b)") == "E0140@12-14 E0108@22-23");
}

TEST_CASE("every fault has help or says it all") {
  Diagnostics diagnostics;
  parse_pattern(make_snippet("p", "SEQ(login, logout) WITHN 1m"), diagnostics);
  REQUIRE(diagnostics.errors() == 1);
  CHECK(diagnostics.sorted()[0].message == "`WITHN` is no keyword");
  CHECK(diagnostics.sorted()[0].help == "did you mean WITHIN?");
}

TEST_CASE("nesting bombs are refused, not followed") {
  constexpr std::size_t kMany = 100'000;
  const auto repeated = [](std::string_view piece, std::size_t n) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i) out += piece;
    return out;
  };
  for (const std::string_view piece : {"(", "SEQ(", "NOT ", "- ", "f(", "OR(a,", "-("}) {
    const std::size_t n = std::min(kMany, kMaxPatternBytes / piece.size() - 10);
    CAPTURE(piece);
    CHECK_FALSE(errors_of_pattern(repeated(piece, n)).empty());
    CHECK_FALSE(errors_of_expression(repeated(piece, n)).empty());
    CHECK_FALSE(errors_of_pattern("a WHERE " + repeated(piece, n) + "b").empty());
  }
  CHECK(errors_of_expression(repeated("not ", 60'000) + "a").starts_with("E0137"));
  CHECK(errors_of_expression(repeated("(", 101) + "a" + repeated(")", 101)) == "E0137@100-101");
  CHECK(errors_of_expression(repeated("(", 100) + "a" + repeated(")", 100)) == "");
  CHECK(errors_of_pattern(repeated("(", 100) + "a" + repeated(")", 100)) == "");
  CHECK(errors_of_pattern(repeated(")", kMany)).starts_with("E0105"));
  CHECK(errors_of_expression(repeated("a or ", 1000) + "a") == "");
  CHECK(errors_of_expression(repeated("a or ", 1001) + "a").starts_with("E0137"));
  CHECK(errors_of_expression(repeated("a+", kMany) + "a").starts_with("E0137"));
  CHECK(errors_of_expression("a in (1" + repeated(",1", kMany) + ")") == "");
  CHECK(errors_of_pattern("SEQ(a" + repeated(", a", 50'000) + ")") == "");
  CHECK(errors_of_pattern(std::string(kMaxPatternBytes + 1, 'a')) == "E0138@0-0");
  CHECK(errors_of_pattern(std::string(kMaxPatternBytes, 'a')) == "");
}

TEST_CASE("the chains of nested parentheses count together") {
  std::string text = "a";
  for (int i = 0; i < 90; ++i) text = "(" + text + ")+a+a+a+a+a+a+a+a+a+a+a+a";
  CHECK(errors_of_expression(text).starts_with("E0137"));
}

TEST_CASE("no cut of a pattern crashes the parser") {
  const std::string text =
      "SEQ(login{3,}+ NEXT AS f WHERE user is not null and f[-1].x matches /a\\/b/i, NOT \"x\" "
      "WITHIN 5s, OR(b, c)) UNTIL s WHERE v in table(t) WITHIN 10m AFTER MATCH SKIP TO LAST f";
  REQUIRE(errors_of_pattern(text) == "");
  for (std::size_t i = 0; i <= text.size(); ++i) {
    CHECK(errors_of_pattern(text.substr(0, i)) != "result and diagnostics disagree");
    CHECK(errors_of_pattern(text.substr(i)) != "result and diagnostics disagree");
    for (const char c : {'(', ')', ',', '"', '/', '\\', '\0', '\xff', '-'}) {
      std::string changed = text;
      changed.insert(i, 1, c);
      CHECK(errors_of_pattern(changed) != "result and diagnostics disagree");
    }
  }
}
