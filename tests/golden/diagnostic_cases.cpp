// Diagnostics as people see them: CODE.yaml, or CODE-what.yaml, and what `weir check` says of it in
// CODE.txt. A file CODE.schema.json beside it is the schema that it is checked against. One with a
// config's keys is a config of `weir run`. Every code of the catalogue has a case.

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "config/config.hpp"
#include "golden.hpp"
#include "rules.hpp"
#include "test_plan.hpp"
#include "weir/connectors/schema_io.hpp"
#include "weir/pattern-lang/config_file.hpp"
#include "weir/pattern-lang/rule_file.hpp"

namespace weir::golden {
namespace {

/// Said only where weir itself is at fault, so that no input has it.
const std::set<std::string> kOwnFaults = {"E0299"};

struct Checked {
  std::string text;
  std::set<std::string> codes;
};

void check_config(const lang::SourceFile& file, lang::Diagnostics& diagnostics) {
  cli::RunConfig config = cli::read_config(file, diagnostics);
  cli::Io io(cli::ColorMode::kNever);
  cli::RuleSet rules;
  if (diagnostics.has_errors() || !cli::read_rules(config.rules, rules, diagnostics, io)) return;
  cli::resolve_formats(config, rules, diagnostics);
  lang::Diagnostics of_rules;
  if (const auto program = cli::compile_rules(rules.all(), nullptr, of_rules)) {
    cli::check_streams(config, *program, diagnostics);
  }
}

Checked check(const std::filesystem::path& path, Report& report) {
  auto file = std::make_shared<lang::SourceFile>();
  file->path = path.filename().string();
  file->text = expand(read_text(path));
  auto schema_path = path;
  schema_path.replace_extension(".schema.json");
  std::optional<Schema> schema;
  if (std::filesystem::exists(schema_path)) {
    std::string error;
    schema = connectors::load_schema(schema_path.string(), error);
    if (!schema) report.fail(schema_path.string(), error);
  }
  lang::Diagnostics diagnostics;
  if (lang::looks_like_config(file->text)) {
    check_config(*file, diagnostics);
  } else {
    cli::RuleSet rules;
    rules.documents = lang::read_rule_file(file, diagnostics);
    rules.files = 1;
    cli::check_documents(rules, schema ? &*schema : nullptr, diagnostics);
  }
  Checked checked;
  for (const lang::Diagnostic& d : diagnostics.sorted()) {
    checked.text += lang::render(d) + "\n";
    checked.codes.emplace(lang::info(d.code).name);
  }
  return checked;
}

}  // namespace

void diagnostic_cases(const std::filesystem::path& root, Report& report) {
  std::filesystem::current_path(root);
  std::set<std::string> shown;
  for (const auto& path : files_in(root, ".yaml")) {
    const std::string stem = path.stem().string();
    const std::string code = stem.substr(0, stem.find('-'));
    const Checked checked = check(path, report);
    shown.insert(code);
    if (!checked.codes.contains(code)) {
      report.fail(stem, "does not draw " + code + "\n" + checked.text);
    }
    auto expected = path;
    compare_file(report, expected.replace_extension(".txt"), checked.text);
  }
  for (const lang::CodeInfo& info : lang::all_codes()) {
    const std::string code(info.name);
    if (kOwnFaults.contains(code)) continue;
    if (shown.contains(code)) {
      report.pass();
    } else {
      report.fail(code, "the catalogue has it, and no case shows it");
    }
  }
}

}  // namespace weir::golden
