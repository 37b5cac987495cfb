// Files read side by side: the same documents and diagnostics for any number of threads.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "weir/pattern-lang/rule_file.hpp"

namespace weir::lang {
namespace {

using Files = std::vector<std::shared_ptr<const SourceFile>>;

Files many_files() {
  Files files;
  for (int i = 0; i < 60; ++i) {
    auto file = std::make_shared<SourceFile>();
    const std::string n = std::to_string(i);
    file->path = "rules/" + n + ".yaml";
    file->text = "rules:\n  - id: r-" + n + "\n    severity: low\n    pattern: |\n      SEQ(a, b" +
                 n + " WHERE x > " + n + ") WITHIN 1m\n";
    if (i % 5 == 1) file->text += "    colour: red\n";      // an unknown key
    if (i % 5 == 2) file->text += "    key: [user\n";       // no YAML
    if (i % 5 == 3) file->text += "---\nrules: []\n---\n";  // several documents
    if (i % 7 == 4) file->text = "";                        // empty
    for (int rule = 0; rule < i; ++rule) file->text += "# longer and longer\n";
    files.push_back(std::move(file));
  }
  return files;
}

std::string all_of(const Files& files, unsigned threads) {
  Diagnostics diagnostics;
  std::string text;
  for (const RuleDocument& document : read_rule_files(files, diagnostics, threads)) {
    text += document.file->path + ' ' + std::to_string(document.index) + '\n' + dump(document);
  }
  for (const Diagnostic& d : diagnostics.sorted()) text += render(d);
  return text;
}

TEST_CASE("documents and diagnostics do not depend on the number of threads") {
  const Files files = many_files();
  Diagnostics diagnostics;
  std::string one_by_one;
  for (const auto& file : files) {
    for (const RuleDocument& document : read_rule_file(file, diagnostics)) {
      one_by_one +=
          document.file->path + ' ' + std::to_string(document.index) + '\n' + dump(document);
    }
  }
  for (const Diagnostic& d : diagnostics.sorted()) one_by_one += render(d);
  CHECK(one_by_one.find("unknown key `colour`") != std::string::npos);
  for (const unsigned threads : {0U, 1U, 2U, 5U, 100U}) {
    CHECK(all_of(files, threads) == one_by_one);
  }
}

TEST_CASE("no files, no documents") {
  Diagnostics diagnostics;
  CHECK(read_rule_files({}, diagnostics, 4).empty());
  CHECK(diagnostics.empty());
}

}  // namespace
}  // namespace weir::lang
