// weir fmt for whole files.
#include "weir/pattern-lang/fmt_file.hpp"

#include <doctest/doctest.h>

#include "rule_file_helpers.hpp"

using namespace weir::lang;
using weir::lang::testing::all_of;
using weir::lang::testing::read;
using weir::lang::testing::slurp;
using weir::lang::testing::yaml_files;

namespace {

std::string formatted(const std::string& text) {
  Diagnostics diagnostics;
  const auto out = format_rule_file({"x.yaml", text}, diagnostics);
  CAPTURE(text);
  CAPTURE(all_of(diagnostics.sorted()));
  REQUIRE(out.has_value());
  CHECK_FALSE(diagnostics.has_errors());
  return *out;
}

std::string dump_of(const std::string& text) {
  std::string out;
  for (const RuleDocument& document : read(text).documents) out += dump(document) + "---\n";
  return out;
}

// The pattern's scalar after and before: what stands between "pattern: " and the key after it.
std::string pattern_of(const std::string& scalar) {
  const std::string before = "rules:\n  - id: x\n    pattern: ";
  const std::string after = "\n    severity: low\n";
  const std::string out = formatted(before + scalar + after);
  REQUIRE(out.starts_with(before));
  REQUIRE(out.ends_with(after));
  return out.substr(before.size(), out.size() - before.size() - after.size());
}

}  // namespace

TEST_CASE("patterns and expressions in place, whatever their quotes") {
  CHECK(pattern_of("seq( a,b )  within 1m") == "SEQ(a, b) WITHIN 1m");
  CHECK(pattern_of("'seq( a , b where x==\"it''s\")'") == "'SEQ(a, b WHERE x == \"it''s\")'");
  CHECK(pattern_of("\"seq(a,b where x==\\\"y\\\")\"") == "\"SEQ(a, b WHERE x == \\\"y\\\")\"");
  CHECK(pattern_of("seq(a,\n      b)") == "SEQ(a, b)");
  CHECK(pattern_of("seq(a,\tb)   # why") == "SEQ(a, b)   # why");
  CHECK(pattern_of("|\n        seq(a,\n          b)") == "|\n      SEQ(a, b)");
  CHECK(pattern_of("|-   # note  \n     seq(a,b)") == "|-   # note\n      SEQ(a, b)");
  CHECK(pattern_of(">\n     seq(a,\n      b)") == ">\n      SEQ(a, b)");
  CHECK(pattern_of("&p seq(a,b)") == "&p SEQ(a, b)");
  // A block with an indentation of its own says so for a reason.
  CHECK(pattern_of("|2\n        seq(a,b)") == "|2\n        seq(a,b)");
}

TEST_CASE("text that would no longer be plain gets quotes") {
  CHECK(formatted("events: {a: {from: b, where: (x)==1}}\n") ==
        "events: {a: {from: b, where: x == 1}}\n");
  CHECK(formatted("events:\n  a: {from: b, where: (\"x\") == y}\n") ==
        "events:\n  a: {from: b, where: '\"x\" == y'}\n");
}

TEST_CASE("a pattern too long for its line becomes a block, and stays one") {
  const std::string text =
      "rules:\n  - id: x\n    pattern: SEQ(first_event WHERE amount > 1000, second_event WHERE "
      "amount "
      "> 2000, third_event) WITHIN 10m\n    severity: low\n";
  const std::string out = formatted(text);
  CHECK(out.find("pattern: |\n      SEQ(\n") != std::string::npos);
  CHECK(out.ends_with("\n    severity: low\n"));
  CHECK(formatted(out) == out);
  CHECK(dump_of(out) == dump_of(text));
  // Not where a comment follows, or between braces, where a block cannot stand.
  std::string comment = text;
  comment.insert(comment.find("\n    severity"), "  # why");
  CHECK(formatted(comment) == comment);
}

TEST_CASE("comments, order, quotes and blank lines stay") {
  const std::string text =
      "# at the top\n\nrules:   # all of them\n\n  # the first\n  - id: \"x\"   # its id\n"
      "    tags: [ a,b ]\n    pattern: a\n\n    title:    'wide'\n# the end\n";
  CHECK(formatted(text) == text);
}

TEST_CASE("a pattern with comments keeps its lines, but for their indentation") {
  CHECK(pattern_of("|\n          seq(a,  # first\n            b)") ==
        "|\n      seq(a,  # first\n        b)");
  CHECK(pattern_of("|\n          seq(a where x == \"#\",\n            b)") ==
        "|\n      SEQ(a WHERE x == \"#\", b)");
}

TEST_CASE("blocks of text are indented by two, and keep every byte of their value") {
  const std::string text =
      "rules:\n  - id: x\n    description: |\n          one  \n            two\n\n          three\n"
      "    pattern: a\ntests:\n  - name: t\n    events: |+\n     0s a\n     1s b\n\n    expect: "
      "[]\n";
  const std::string expected =
      "rules:\n  - id: x\n    description: |\n      one  \n        two\n\n      three\n"
      "    pattern: a\ntests:\n  - name: t\n    events: |+\n      0s a\n      1s b\n\n    expect: "
      "[]\n";
  CHECK(formatted(text) == expected);
  CHECK(formatted(expected) == expected);
  CHECK(dump_of(text) == dump_of(expected));
}

TEST_CASE("blanks at line ends, the end of the file, line ends, byte order marks") {
  CHECK(formatted("rules:  \n  - id: x\t\n    pattern: a   \n\n\n") ==
        "rules:\n  - id: x\n    pattern: a\n");
  CHECK(formatted("rules:\n  - id: x\n    pattern: a") == "rules:\n  - id: x\n    pattern: a\n");
  CHECK(formatted("tests:\n  - name: t\n    expect: []\n    events: |\n        0s a") ==
        "tests:\n  - name: t\n    expect: []\n    events: |\n      0s a\n");
  CHECK(formatted("rules:\r\n  - id: x\r\n    pattern: |\r\n        seq(a,b)\r\n") ==
        "rules:\r\n  - id: x\r\n    pattern: |\r\n      SEQ(a, b)\r\n");
  CHECK(formatted("\xEF\xBB\xBFrules:\n  - {id: x, pattern: a }\n") ==
        "\xEF\xBB\xBFrules:\n  - {id: x, pattern: a }\n");
  // Blanks before the end of a line of a quoted value may belong to it.
  const std::string quoted = "rules:\n  - id: x\n    title: \"a\\ \n      b\"\n    pattern: a\n";
  CHECK(formatted(quoted) == quoted);
}

TEST_CASE("several documents, and aliases") {
  CHECK(formatted("---\nrules: []\n---\nrules:\n  - {id: x, pattern: &p 'seq(a,b)'}\n"
                  "  - {id: y, pattern: *p}\n") ==
        "---\nrules: []\n---\nrules:\n  - {id: x, pattern: &p 'SEQ(a, b)'}\n"
        "  - {id: y, pattern: *p}\n");
  CHECK(formatted("").empty());
}

TEST_CASE("a file with errors is not formatted") {
  Diagnostics diagnostics;
  CHECK_FALSE(format_rule_file({"x.yaml", "rules:\n  - id: x\n    pattern: SEQ(a\n"}, diagnostics));
  CHECK(diagnostics.errors() == 1);
}

TEST_CASE("the conformance cases formatted say the same, and formatted twice are the same") {
  for (const auto& path : yaml_files("tests/conformance")) {
    CAPTURE(path.string());
    const std::string text = slurp(path);
    const std::string once = formatted(text);
    CHECK(formatted(once) == once);
    CHECK(dump_of(once) == dump_of(text));
  }
}
