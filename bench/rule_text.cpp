#include "rule_text.hpp"

#include <fmt/core.h>

#include <cstdio>
#include <cstdlib>

#include "weir/compiler/compile.hpp"
#include "weir/pattern-lang/rule_file.hpp"

namespace weir::bench {

nfa::ProgramPtr compile_texts(const std::vector<std::string>& files) {
  lang::Diagnostics diagnostics;
  std::vector<lang::RuleDocument> documents;
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto file = std::make_shared<lang::SourceFile>();
    file->path = fmt::format("benchmark-{}.yaml", i);
    file->text = files[i];
    for (lang::RuleDocument& document : lang::read_rule_file(file, diagnostics)) {
      documents.push_back(std::move(document));
    }
  }
  std::vector<const lang::RuleDocument*> all;
  for (const lang::RuleDocument& document : documents) all.push_back(&document);
  nfa::ProgramPtr program = compiler::compile(all, {}, diagnostics);
  if (program != nullptr && !diagnostics.has_errors()) return program;
  for (const lang::Diagnostic& d : diagnostics.sorted()) {
    if (d.severity() != lang::Severity::kError) continue;
    fmt::print(stderr, "{}\n", lang::render(d));  // the first says enough
    break;
  }
  std::exit(2);
}

nfa::ProgramPtr compile_text(std::string_view yaml) {
  return compile_texts({std::string(yaml)});
}

std::string rule_text(std::string_view id, std::string_view key, std::string_view pattern) {
  std::string text = fmt::format("  - id: {}\n    severity: low\n", id);
  if (!key.empty()) text += fmt::format("    key: {}\n", key);
  return text + fmt::format("    pattern: |\n      {}\n", pattern);
}

}  // namespace weir::bench
