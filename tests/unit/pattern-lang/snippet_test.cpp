// Places inside YAML scalars: every byte of a pattern, however it was written, leads to its byte in
// the file.
#include <doctest/doctest.h>

#include "rule_file_helpers.hpp"

using namespace weir::lang;
using weir::lang::testing::all_of;
using weir::lang::testing::read;
using weir::lang::testing::slurp;
using weir::lang::testing::where;
using weir::lang::testing::yaml_files;

namespace {

// The value of `title:`, whose text in the file is `yaml`, as "byte offset of each byte in `yaml`".
std::pair<std::string, std::string> mapped(const std::string& yaml) {
  const std::string before = "rules:\n  - id: x\n    title: ";
  const auto reading = read(before + yaml + "\n    pattern: a\n");
  CAPTURE(all_of(reading.found));
  REQUIRE(reading.found.empty());
  const Text& title = reading.documents.at(0).rules.at(0).title;
  CHECK(title.place.snippet->text == title.value);
  CHECK(title.place.span == Span{0, static_cast<std::uint32_t>(title.value.size())});
  std::string origin;
  for (std::uint32_t i = 0; i < title.value.size(); ++i) {
    origin += reading.file->text.at(title.place.snippet->file_position(i));
  }
  // The way is forward, never back.
  for (std::uint32_t i = 1; i <= title.value.size(); ++i) {
    CHECK(title.place.snippet->file_position(i) >= title.place.snippet->file_position(i - 1));
  }
  return {title.value, origin};
}

struct Style {
  const char* name;
  const char* yaml;  // the pattern's scalar, with an error at `@`
};

// `@` is no sign of the language, so that its place shows where diagnostics point.
const Style kStyles[] = {
    {"double quoted", "\"SEQ(a,\\tb \\u0040, c)\""},
    {"single quoted", "'SEQ(a WHERE x == ''y'' @, c)'"},
    {"plain", "SEQ(a, b @, c)"},
    {"plain, over lines", "SEQ(a,\n      b\n\n      @,\n      c)"},
    {"single quoted, over lines", "'SEQ(a,\n      b\n\n      @,\n      c)'"},
    {"double quoted, over lines", "\"SEQ(a,\n      b \\\n      @,\n      c)\""},
    {"literal", "|\n      SEQ(a,\n          b @, c)"},
    {"literal, stripped", "|-\n      SEQ(a,\n\n          b @, c)"},
    {"literal, kept", "|+  # a comment\n      SEQ(a,\n          b @, c)\n\n"},
    {"literal, indicated", "|2\n        SEQ(a,\n      b @, c)"},
    {"literal, blank lines first", "|\n\n\n      SEQ(a, b @, c)"},
    {"literal, UTF-8 before it", "|\n      # \xC3\xA4\xE2\x82\xAC\n      SEQ(a, b @, c)"},
    {"folded", ">\n      SEQ(a,\n      b @,\n      c)"},
    {"folded, more indented", ">\n      SEQ(a,\n        b,\n\n        @,\n      c)"},
    {"folded, stripped", ">-\n\n      SEQ(a,\n\n\n      b @, c)"},
    {"anchored", "&p\n      \"SEQ(a, b @, c)\""},
};

}  // namespace

TEST_CASE("diagnostics of a pattern point into the YAML, however it is written") {
  for (const Style& style : kStyles) {
    CAPTURE(style.name);
    for (const bool crlf : {false, true}) {
      std::string text =
          std::string("rules:\n  - id: x\n    pattern: ") + style.yaml + "\n    severity: low\n";
      if (crlf) {
        std::string with;
        for (const char c : text) with += c == '\n' ? std::string("\r\n") : std::string(1, c);
        text = with;
      }
      CAPTURE(text);
      const auto reading = read(text);
      REQUIRE_FALSE(reading.found.empty());
      CAPTURE(all_of(reading.found));
      bool pointed = false;
      for (const Diagnostic& d : reading.found) {
        const std::uint32_t at = d.place.snippet->file_position(d.place.span.begin);
        const bool escaped = text.compare(at, 6, "\\u0040") == 0;
        const bool quote = text[at] == '\'';  // the language knows no single quotes either
        pointed = pointed || text[at] == '@' || escaped || quote;
        CHECK(d.place.snippet->what == "pattern of rule `x`");
      }
      CHECK(pointed);
    }
  }
}

TEST_CASE("bytes of scalars") {
  const std::vector<std::vector<std::string>> cases{
      // yaml, value, the bytes of the file that they lead to
      {"ab cd", "ab cd", "ab cd"},
      {"ab\n      cd", "ab cd", "ab\ncd"},
      {"ab  \n\n\n      cd", "ab\n\ncd", "ab\n\ncd"},
      {"'it''s'", "it's", "it's"},
      {"'a\n\n      b'", "a\nb", "a\nb"},
      {"\"a\\tb\"", "a\tb", "a\\b"},
      {"\"\\x41\\u00e4\\U0001F600z\"", "A\xC3\xA4\xF0\x9F\x98\x80z", "\\\\\\\\\\\\\\z"},
      {"\"a \\\n      b\"", "a b", "a b"},
      {"|\n      a\n        b\n", "a\n  b\n", "a\n  b\n"},
      {"|-\n      a\n\n      b", "a\n\nb", "a\n\nb"},
      {"|+\n      a\n\n", "a\n\n\n", "a\n\n\n"},
      {">\n      a\n      b\n\n      c\n", "a b\nc\n", "a\nb\nc\n"},
      {">\n      a\n        b\n      c\n", "a\n  b\nc\n", "a\n  b\nc\n"},
  };
  for (const auto& example : cases) {
    CAPTURE(example[0]);
    const auto [value, origin] = mapped(example[0]);
    CHECK(value == example[1]);
    CHECK(origin == example[2]);
  }
}

TEST_CASE("a place in a message's expression") {
  const auto reading = read(
      "rules:\n  - id: x\n    pattern: a\n    alert:\n      message: >\n        all of\n"
      "        {t.user} and {lenght((t.x}\n");
  CAPTURE(all_of(reading.found));
  REQUIRE_FALSE(reading.found.empty());
  CHECK(where(reading.found[0]).starts_with("7:2"));
  CHECK(reading.found[0].place.snippet->what == "`message` of rule `x`");
}

TEST_CASE("event lines of tests keep their places") {
  const auto reading = read(
      "tests:\n  - name: t\n    events: |\n      0s a id=1\n      +5s b id=2\n    expect: []\n");
  const Text& events = reading.documents.at(0).tests.at(0).events;
  const std::size_t b = events.value.find("b id");
  const LineColumn at = line_column(
      reading.file->text, events.place.snippet->file_position(static_cast<std::uint32_t>(b)));
  CHECK(at.line == 5);
  CHECK(at.column == 11);
}

TEST_CASE(
    "in all conformance cases every byte leads to itself, or to the break it was folded from") {
  std::size_t bytes = 0;
  const auto check = [&](const SnippetPtr& snippet) {
    if (!snippet) return;
    const std::string& file = snippet->file->text;
    for (std::uint32_t i = 0; i < snippet->text.size(); ++i, ++bytes) {
      const char there = file.at(snippet->file_position(i));
      const char here = snippet->text[i];
      if (there == here || there == '\\' || (here == ' ' && there == '\n')) continue;
      CAPTURE(snippet->text);
      CHECK(there == here);
    }
  };
  for (const auto& path : yaml_files("tests/conformance")) {
    CAPTURE(path.string());
    for (const RuleDocument& document : read(slurp(path)).documents) {
      for (const RuleDef& rule : document.rules) {
        if (rule.pattern) check(rule.pattern->snippet);
        check(rule.where.snippet);
        for (const auto& [name, value] : rule.alert.fields) check(value.snippet);
        for (const MessagePart& part : rule.alert.message) check(part.expr.snippet);
      }
      for (const Derive& derive : document.derives) {
        for (const auto& [name, value] : derive.values) check(value.snippet);
      }
      for (const TestDef& test : document.tests) {
        check(test.events.place.snippet);
        check(test.name.place.snippet);
      }
    }
  }
  CHECK(bytes > 50'000);
}
