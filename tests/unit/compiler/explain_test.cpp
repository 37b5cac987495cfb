// What `weir explain` says of predicates: how each is found among those of all rules.
#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "weir/compiler/compile.hpp"
#include "weir/pattern-lang/rule_file.hpp"

namespace weir::compiler {
namespace {

std::shared_ptr<nfa::Program> compiled(const std::string& text) {
  auto file = std::make_shared<lang::SourceFile>();
  file->path = "rules.yaml";
  file->text = text;
  lang::Diagnostics diagnostics;
  const auto documents = lang::read_rule_file(file, diagnostics);
  std::vector<const lang::RuleDocument*> all;
  for (const lang::RuleDocument& document : documents) all.push_back(&document);
  return compile(all, {}, diagnostics);
}

/// The lines of the section, without its heading.
std::string predicates_of(const std::string& explained) {
  const std::size_t heading = explained.find("\npredicates (");
  REQUIRE(heading != std::string::npos);
  const std::size_t begin = explained.find('\n', heading + 1) + 1;
  return explained.substr(begin, explained.find("\n\n", begin) + 1 - begin);
}

TEST_CASE("how each predicate is answered") {
  const auto condition = [](int i) {
    const std::string n = std::to_string(i);
    return "user == \"u" + n + "\" and amount > " + n + " and path startswith \"/" + n +
           "\" and name endswith \"." + n + "\" and text contains \"word" + n + "\"";
  };
  std::string rules = "rules:\n";
  for (int i = 0; i < 5; ++i) {
    rules +=
        "  - id: r" + std::to_string(i) + "\n    pattern: |\n      SEQ(a WHERE " + condition(i);
    if (i == 0) {
      rules += " and text matches /w.rd/ and length(name) == hour(ts) and kind == \"k\"";
      rules += ", b AS x WHERE x.amount > a.amount) WITHIN 1m\n";
    } else {
      rules += ", b) WITHIN 1m\n";
    }
  }
  const auto program = compiled(rules);
  REQUIRE(program != nullptr);
  CHECK(predicates_of(explain_text(*program, 0)) ==
        "     4  finds runs, sorted  (amount > a.amount)\n"
        "     2  hash                (user == \"u0\")\n"
        "     2  threshold rank      (amount > 0)\n"
        "     7  sorted prefixes     startswith(path, \"/0\")\n"
        "     7  sorted suffixes     endswith(name, \".0\")\n"
        "     7  string set          contains(text, \"word0\")\n"
        "    31  string set          matches(text, \"w.rd\")\n"
        "    10  asked (flat)        (length(name) == hour(ts))\n"
        "     2  asked (flat)        (kind == \"k\")\n");
  // A rule alone has nothing to share.
  const auto alone = compiled("rules:\n  - id: r\n    pattern: SEQ(a WHERE v > 1, b) WITHIN 1m\n");
  REQUIRE(alone != nullptr);
  CHECK(predicates_of(explain_text(*alone, 0)) == "     2  asked (flat)        (v > 1)\n");
}

}  // namespace
}  // namespace weir::compiler
