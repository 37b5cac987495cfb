// Rule files and the Programs that the compiler makes of them: NAME.yaml and NAME.dump.

#include <memory>
#include <string>
#include <vector>

#include "golden.hpp"
#include "rules.hpp"
#include "weir/pattern-lang/rule_file.hpp"

namespace weir::golden {
namespace {

/// The dump; the diagnostics where the rules are refused.
std::string made_of(const std::filesystem::path& path) {
  auto file = std::make_shared<lang::SourceFile>();
  file->path = path.filename().string();
  file->text = read_text(path);
  lang::Diagnostics diagnostics;
  const auto documents = lang::read_rule_file(file, diagnostics);
  std::vector<const lang::RuleDocument*> all;
  for (const lang::RuleDocument& document : documents) all.push_back(&document);
  const auto program = cli::compile_rules(all, nullptr, diagnostics);
  std::string errors;
  for (const lang::Diagnostic& d : diagnostics.sorted()) {
    if (d.severity() == lang::Severity::kError) errors += lang::render(d) + "\n";
  }
  if (!program || !errors.empty()) return errors;
  return program->dump();
}

}  // namespace

void program_cases(const std::filesystem::path& root, Report& report) {
  // Tables lie beside the rules, whose paths are short.
  std::filesystem::current_path(root);
  const auto files = files_in(root, ".yaml");
  if (files.empty()) report.fail(root.string(), "there are no cases");
  for (const auto& path : files) {
    const std::string made = made_of(path);
    // Twice the same: the dump depends on nothing but the rules.
    if (made != made_of(path)) report.fail(path.string(), "another dump on the second run");
    auto expected = path;
    compare_file(report, expected.replace_extension(".dump"), made);
  }
}

}  // namespace weir::golden
