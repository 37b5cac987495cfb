// By which plan every rule of the packs is matched: PACK.txt, a line for each rule. So that a change
// that makes a plan fit no longer is seen, and not only by a benchmark.
#include <memory>
#include <string>
#include <vector>

#include "golden.hpp"
#include "rules.hpp"
#include "weir/pattern-lang/rule_file.hpp"

namespace weir::golden {
namespace {

std::string plans_of(const std::filesystem::path& pack, Report& report) {
  lang::Diagnostics diagnostics;
  std::vector<lang::RuleDocument> documents;
  for (const auto& path : files_in(pack, ".yaml")) {
    auto file = std::make_shared<lang::SourceFile>();
    file->path = path.string();
    file->text = read_text(path);
    for (lang::RuleDocument& document : lang::read_rule_file(file, diagnostics)) {
      documents.push_back(std::move(document));
    }
  }
  std::vector<const lang::RuleDocument*> all;
  for (const lang::RuleDocument& document : documents) all.push_back(&document);
  const auto program = cli::compile_rules(all, nullptr, diagnostics);
  if (program == nullptr) {
    report.fail(pack.string(), "the pack does not compile");
    return {};
  }
  std::string out;
  for (nfa::RuleId id = 0; id < program->rules.size(); ++id) {
    out += program->rules[id].id + ": " + program->plan_text(id) + "\n";
  }
  return out;
}

}  // namespace

void plan_cases(const std::filesystem::path& root, const std::filesystem::path& rules,
                Report& report) {
  for (const char* const pack : {"fraud", "monitoring", "security"}) {
    compare_file(report, root / (std::string(pack) + ".txt"), plans_of(rules / pack, report));
  }
}

}  // namespace weir::golden
