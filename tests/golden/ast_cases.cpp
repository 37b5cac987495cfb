// Trees of patterns and expressions with their spans, and the one text that each is laid out as.
//
// A file holds cases:
//   === pattern: name      (or expression: name)
//   the input, in as many lines as it takes
//   --- tree               its dump
//   --- text               its canonical text
//   --- narrow             of a pattern: the same in kNarrow columns, where that is another text
// Lines before the first case are a comment.

#include <string>
#include <string_view>
#include <vector>

#include "golden.hpp"
#include "weir/pattern-lang/parse.hpp"
#include "weir/pattern-lang/print.hpp"

namespace weir::golden {
namespace {

constexpr std::size_t kNarrow = 40;

struct Case {
  std::string head;  // "pattern: name"
  std::string input;
  std::string expected;  // from "--- tree" on
};

struct CaseFile {
  std::string comment;
  std::vector<Case> cases;
};

CaseFile split(std::string_view text) {
  CaseFile file;
  bool in_expected = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("=== ")) {
      file.cases.push_back({std::string(line.substr(4)), {}, {}});
      in_expected = false;
      continue;
    }
    in_expected = in_expected || line.starts_with("--- ");
    std::string& to = file.cases.empty() ? file.comment
                      : in_expected      ? file.cases.back().expected
                                         : file.cases.back().input;
    to.append(line) += '\n';
  }
  return file;
}

/// The input's last line feed is the file's, not the pattern's.
lang::SnippetPtr snippet_of(const Case& c) {
  std::string text = c.input;
  while (text.ends_with('\n')) text.pop_back();
  return lang::make_snippet(c.head, std::move(text));
}

std::string errors_of(const lang::Diagnostics& diagnostics) {
  std::string out;
  for (const lang::Diagnostic& d : diagnostics.sorted()) out += lang::render(d);
  return out;
}

std::string made_of_pattern(const Case& c) {
  lang::Diagnostics diagnostics;
  const auto pattern = lang::parse_pattern(snippet_of(c), diagnostics);
  if (!pattern) return errors_of(diagnostics);
  const std::string text = lang::print_pattern(*pattern);
  const std::string narrow = lang::print_pattern(*pattern, kNarrow);
  std::string out = "--- tree\n" + lang::dump(*pattern, true) + "--- text\n" + text + "\n";
  if (narrow != text) out += "--- narrow\n" + narrow + "\n";
  for (const std::string& printed : {text, narrow}) {
    const auto again = lang::parse_pattern(lang::make_snippet("<printed>", printed), diagnostics);
    if (!again || !lang::same(*again, *pattern)) return out + "--- the text reads otherwise\n";
  }
  return out;
}

std::string made_of_expression(const Case& c) {
  lang::Diagnostics diagnostics;
  const lang::ExprText parsed = lang::parse_expression(snippet_of(c), diagnostics);
  if (!parsed.root) return errors_of(diagnostics);
  const std::string text = lang::print_expression(*parsed.root);
  std::string out = "--- tree\n" + lang::dump(*parsed.root, true) + "--- text\n" + text + "\n";
  const lang::ExprText again =
      lang::parse_expression(lang::make_snippet("<printed>", text), diagnostics);
  if (!again.root || !lang::same(*again.root, *parsed.root))
    out += "--- the text reads otherwise\n";
  return out;
}

}  // namespace

void ast_cases(const std::filesystem::path& root, Report& report) {
  const auto files = files_in(root, ".txt");
  if (files.empty()) report.fail(root.string(), "there are no cases");
  for (const auto& path : files) {
    CaseFile file = split(read_text(path));
    std::string rewritten = file.comment;
    for (Case& c : file.cases) {
      std::string made =
          c.head.starts_with("expression") ? made_of_expression(c) : made_of_pattern(c);
      made += '\n';
      while (c.input.ends_with("\n\n")) c.input.pop_back();
      rewritten += "=== " + c.head + '\n' + c.input + made;
      if (&c == &file.cases.back()) made.pop_back();
      if (!report.update()) {
        report.compare(path.filename().string() + ": " + c.head, c.expected, made);
      }
    }
    if (!report.update()) continue;
    rewritten.pop_back();
    write_text(path, rewritten);
    report.pass();
  }
}

}  // namespace weir::golden
