#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "parse_helpers.hpp"

using namespace weir;
using namespace weir::lang;
using namespace weir::lang::testing;

namespace {

Diagnostic diagnostic(const SnippetPtr& snippet, Span span, std::string message) {
  Diagnostic d;
  d.code = Code::E0101;
  d.place = {snippet, span};
  d.message = std::move(message);
  return d;
}

std::string rendered(const std::string& text, Span span, std::string label = {}) {
  Diagnostic d = diagnostic(make_snippet("f.yaml", text), span, "wrong");
  d.label = std::move(label);
  return render(d);
}

/// The only diagnostic of a pattern.
std::string rendered_pattern(const std::string& text) {
  Diagnostics diagnostics;
  parse_pattern(make_snippet("f.yaml", text), diagnostics);
  std::string out;
  for (const Diagnostic& d : diagnostics.sorted()) out += render(d);
  return out;
}

}  // namespace

TEST_CASE("the look of a diagnostic") {
  CHECK(rendered_pattern("SEQ(login, logout) WITHN 1m") == R"(error[E0114]: `WITHN` is no keyword
 --> f.yaml:1:20
  |
1 | SEQ(login, logout) WITHN 1m
  |                    ^^^^^
  |
  = help: did you mean WITHIN?
)");
  CHECK(rendered("a b", {2, 3}) == R"(error[E0101]: wrong
 --> f.yaml:1:3
  |
1 | a b
  |   ^
)");
}

TEST_CASE("labels, those to the left below") {
  CHECK(rendered_pattern("SEQ(a,\n  SEQ(b, c)") == R"(error[E0104]: this parenthesis is not closed
 --> f.yaml:1:4
  |
1 | SEQ(a,
  |    ^ opened here
2 |   SEQ(b, c)
  |            - the text ends here
  |
  = help: add the missing `)`
)");
  CHECK(rendered_pattern("SEQ(a, b WITHIN 1m WITHIN 2m)") ==
        R"(error[E0117]: WITHIN stands twice on one step
 --> f.yaml:1:20
  |
1 | SEQ(a, b WITHIN 1m WITHIN 2m)
  |                 -- ^^^^^^
  |                 |
  |                 the first one
  |
  = help: keep one of them; a clause for the whole pattern belongs after the last parenthesis
)");
  const auto snippet = make_snippet("f.yaml", "one two three");
  Diagnostic d = diagnostic(snippet, {4, 7}, "wrong");
  d.label = "this";
  d.others.push_back({{snippet, {0, 3}}, "first"});
  d.others.push_back({{snippet, {8, 13}}, "last"});
  d.notes = {"a note", "of two\nlines"};
  CHECK(render(d) == R"(error[E0101]: wrong
 --> f.yaml:1:5
  |
1 | one two three
  | --- ^^^ ----- last
  | |   |
  | |   this
  | |
  | first
  |
  = note: a note
  = note: of two
          lines
)");
}

TEST_CASE("labels on lines apart, and in another file") {
  const auto snippet = make_snippet("f.yaml", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10 x\n");
  Diagnostic d = diagnostic(snippet, {21, 22}, "wrong");
  d.others.push_back({{snippet, {0, 1}}, "here"});
  d.others.push_back({{snippet, {16, 17}}, "near"});
  d.others.push_back({{make_snippet("g.yaml", "other"), {0, 5}}, "there"});
  CHECK(render(d) == R"(error[E0101]: wrong
  --> f.yaml:10:4
   |
1  | 1
   | - here
...
9  | 9
   | - near
10 | 10 x
   |    ^
  ::: g.yaml:1:1
   |
1  | other
   | ----- there
)");
}

TEST_CASE("spans of several lines") {
  CHECK(rendered("x SEQ(a,\n  b,\n  c)", {2, 18}, "all of it") == R"(error[E0101]: wrong
 --> f.yaml:1:3
  |
1 |   x SEQ(a,
  |  ___^
2 | |   b,
3 | |   c)
  | |____^ all of it
)");
  CHECK(rendered("(\n1\n2\n3\n4\n5\n6\n7\n)", {0, 17}) == R"(error[E0101]: wrong
 --> f.yaml:1:1
  |
1 |   (
  |  _^
...
9 | | )
  | |_^
)");
}

TEST_CASE("columns count characters, and what cannot be shown is replaced") {
  CHECK(rendered("größe\tx y", {8, 9}) == R"(error[E0101]: wrong
 --> f.yaml:1:7
  |
1 | größe    x y
  |          ^
)");
  CHECK(rendered("日本 x", {7, 8}) == R"(error[E0101]: wrong
 --> f.yaml:1:4
  |
1 | 日本 x
  |      ^
)");
  CHECK(rendered(std::string("a\0\x1b[31m\xff", 8), {7, 8}) ==
        "error[E0101]: wrong\n"
        " --> f.yaml:1:8\n"
        "  |\n"
        "1 | a␀␛[31m�\n"
        "  |        ^\n");
}

TEST_CASE("line ends of every kind") {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const std::string text = "one" + end + "two" + end;
    const auto at = static_cast<std::uint32_t>(3 + end.size());
    CHECK(rendered(text, {at, at + 3}) ==
          "error[E0101]: wrong\n --> f.yaml:2:1\n  |\n2 | two\n  | ^^^\n");
    // A span that takes the line's end with it stays on its line.
    CHECK(rendered(text, {at, at + 4}).starts_with("error[E0101]: wrong\n --> f.yaml:2:1\n"));
  }
}

TEST_CASE("the end of the text, empty texts, spans past the end") {
  CHECK(rendered("ab", {2, 2}) == "error[E0101]: wrong\n --> f.yaml:1:3\n  |\n1 | ab\n  |   ^\n");
  CHECK(rendered("ab\n", {3, 3}) == "error[E0101]: wrong\n --> f.yaml:2:1\n  |\n2 |\n  | ^\n");
  CHECK(rendered("", {0, 0}) == "error[E0101]: wrong\n --> f.yaml:1:1\n  |\n1 |\n  | ^\n");
  CHECK(rendered("ab", {7, 90}) == "error[E0101]: wrong\n --> f.yaml:1:3\n  |\n1 | ab\n  |   ^\n");
  Diagnostic d;
  d.code = Code::E0101;
  d.message = "no place";
  CHECK(render(d) == "error[E0101]: no place\n");
  d.help = "help";
  CHECK(render(d) == "error[E0101]: no place\n  = help: help\n");
}

TEST_CASE("long lines are cut around the span") {
  const std::string text = std::string(300, 'a') + " here " + std::string(300, 'b');
  const std::string out = rendered(text, {301, 305}, "label");
  std::size_t begin = 0;
  std::vector<std::string> lines;
  for (std::size_t end; (end = out.find('\n', begin)) != out.npos; begin = end + 1) {
    lines.push_back(out.substr(begin, end - begin));
    CHECK(lines.back().size() <= 180);
  }
  REQUIRE(lines.size() == 5);
  CHECK(lines[1] == " --> f.yaml:1:302");
  CHECK(lines[3].starts_with("1 | ...aaa"));
  CHECK(lines[3].ends_with("bbb..."));
  CHECK(lines[3].find("here") == lines[4].find("^^^^ label"));
}

TEST_CASE("of a line of megabytes only the surroundings are looked at") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "é";
  text += " here ";
  for (int i = 0; i < 100'000; ++i) text += "é";
  const std::string out = rendered(text, {200'001, 200'005}, "label");
  CHECK(out.size() < 1000);
  CHECK(out.find("f.yaml:1:100002\n") != out.npos);
  CHECK(out.find("\n1 | ...é") != out.npos);
  CHECK(out.find("é here é") != out.npos);
  CHECK(out.find("é...\n") != out.npos);
  CHECK(out.find(" ^^^^ label\n") != out.npos);
  // The start and the end of such a line.
  CHECK(rendered(text, {0, 2}).find("\n1 | éé") != std::string::npos);
  CHECK(rendered(text, {400'006, 400'006}).find("é\n") != std::string::npos);
}

TEST_CASE("a snippet's place in its file") {
  auto file = std::make_shared<SourceFile>();
  file->path = "rules.yaml";
  file->text = "rules:\n  - id: x\n    pattern: |\n      SEQ(a,\n        b c)\n";
  auto snippet = std::make_shared<Snippet>();
  snippet->file = file;
  snippet->what = "pattern of rule `x`";
  // As a block scalar is read: without the indentation of six.
  for (std::uint32_t at = 32; at < file->text.size();) {
    at += 6;
    while (at < file->text.size()) {
      snippet->text += file->text[at];
      snippet->to_file.push_back(at);
      if (file->text[at++] == '\n') break;
    }
  }
  snippet->to_file.push_back(static_cast<std::uint32_t>(file->text.size()));
  REQUIRE(snippet->text == "SEQ(a,\n  b c)\n");
  Diagnostics diagnostics;
  parse_pattern(snippet, diagnostics);
  REQUIRE(diagnostics.errors() == 1);
  CHECK(render(diagnostics.sorted()[0]) == R"(error[E0101]: unexpected `c` after `b`
 --> rules.yaml:5:11 (pattern of rule `x`, 2:5)
  |
5 |         b c)
  |           ^
  |
  = help: a comma is missing between two steps, perhaps
)");
}

TEST_CASE("colours wrap the same text") {
  const auto snippet = make_snippet("f.yaml", "SEQ(a,\n  b c)");
  Diagnostic d = diagnostic(snippet, {9, 12}, "wrong");
  d.label = "label";
  d.notes = {"note"};
  std::string colored = render(d, true);
  CHECK(colored.find("\x1b[1;31merror[E0101]\x1b[0m") == 0);
  for (std::size_t at; (at = colored.find('\x1b')) != colored.npos;) {
    colored.erase(at, colored.find('m', at) + 1 - at);
  }
  CHECK(colored == render(d, false));
}

TEST_CASE("diagnostics come sorted, and equal ones once") {
  const auto a = make_snippet("a.yaml", "0123456789");
  const auto b = make_snippet("b.yaml", "0123456789");
  Diagnostics diagnostics;
  diagnostics.report(Code::E0102, {b, {1, 2}}, "third");
  diagnostics.report(Code::E0102, {a, {5, 6}}, "second");
  diagnostics.report(Code::E0101, {a, {1, 2}}, "first");
  diagnostics.report(Code::E0102, {a, {5, 6}}, "second");
  CHECK(diagnostics.errors() == 4);
  CHECK(diagnostics.warnings() == 0);
  const auto sorted = diagnostics.sorted();
  REQUIRE(sorted.size() == 3);
  CHECK(sorted[0].message == "first");
  CHECK(sorted[1].message == "second");
  CHECK(sorted[2].message == "third");
}

TEST_CASE("the nearest word") {
  const std::vector<std::string> known = {"pattern", "where", "cooldown", "events", "SEQ", "from"};
  CHECK(nearest("patern", known) == "pattern");
  CHECK(nearest("cool_down", known) == "cooldown");
  CHECK(nearest("when", known) == "where");
  CHECK(nearest("event", known) == "events");
  CHECK(nearest("seq", known) == "SEQ");
  CHECK(nearest("SQE", known) == "SEQ");
  CHECK(nearest("form", known) == "from");
  CHECK(nearest("x", known) == "");
  CHECK(nearest("", known) == "");
  CHECK(nearest("unrelated", known) == "");
  CHECK(nearest(std::string(100'000, 'a'), known) == "");
}

TEST_CASE("every code is told of, once") {
  std::set<std::string_view> names;
  for (const CodeInfo& code : all_codes()) {
    CAPTURE(code.name);
    CHECK(names.insert(code.name).second);
    CHECK(info(code.code).name == code.name);
    CHECK(find_code(code.name) == code.code);
    CHECK_FALSE(code.title.empty());
    CHECK_FALSE(code.text.empty());
    const auto lines = std::count(code.text.begin(), code.text.end(), '\n') + 1;
    if (code.name.starts_with("E01")) CHECK(lines <= 10);
  }
  CHECK(find_code("e0101") == Code::E0101);
  CHECK_FALSE(find_code("E9999").has_value());
  CHECK_FALSE(find_code("").has_value());
}

TEST_CASE("lines and columns") {
  const std::string text = "a\r\nbé c\rd\n";
  const auto at = [&](std::uint32_t offset) {
    const LineColumn lc = line_column(text, offset);
    return std::to_string(lc.line) + ':' + std::to_string(lc.column);
  };
  CHECK(at(0) == "1:1");
  CHECK(at(3) == "2:1");
  CHECK(at(7) == "2:4");
  CHECK(at(9) == "3:1");
  CHECK(at(11) == "4:1");
  CHECK(at(99) == "4:1");
}
