// weir check: every error and warning of rule files, their tests and configs, in one go.
#include <fmt/core.h>

#include <filesystem>
#include <set>

#include "commands.hpp"
#include "config/config.hpp"
#include "exit_codes.hpp"
#include "paths.hpp"
#include "rules.hpp"
#include "test_plan.hpp"
#include "weir/pattern-lang/config_file.hpp"

namespace weir::cli {
namespace {

/// What is checked, for the line at the end.
struct Checked {
  std::set<std::string> paths;
  std::size_t rules = 0;
  std::size_t tests = 0;
  std::size_t configs = 0;

  /// A file that several configs name counts once.
  void add(const RuleSet& set) {
    std::set<std::string> known = paths;
    for (const lang::RuleDocument& document : set.documents) {
      paths.insert(document.file->path);
      if (known.contains(document.file->path)) continue;
      rules += document.rules.size();
      tests += document.tests.size();
    }
  }
};

std::string guarantees(const RunConfig& config, Io& io) {
  std::string out;
  for (const SinkConfig& sink : config.sinks) {
    out += fmt::format("{}: {} ({}): {}\n", paint(io.err.color(), Style::kBold, "note"),
                       sink.queue.name, sink.kind, delivery_guarantee(sink));
  }
  return out;
}

/// The config, its rules, and how they fit together. False where a file cannot be read.
bool check_config(const lang::SourceFile& file, const CheckOptions& options, const Schema* schema,
                  Checked& checked, std::string& notes, lang::Diagnostics& diagnostics, Io& io) {
  lang::Diagnostics found;
  RunConfig config = read_config(file, found, {.environment = options.environment});
  ++checked.configs;
  notes += guarantees(config, io);
  const bool whole = !found.has_errors();
  diagnostics.add(std::move(found));
  // What does not exist has been reported at its place.
  std::vector<std::string> paths;
  for (const std::string& path : config.rules) {
    std::vector<std::string> errors;
    expand_rule_paths({path}, errors);
    if (errors.empty()) paths.push_back(path);
  }
  RuleSet rules;
  if (paths.empty()) return true;
  if (!read_rules(paths, rules, diagnostics, io)) return false;
  checked.add(rules);
  check_documents(rules, schema, diagnostics);
  resolve_formats(config, rules, diagnostics);
  lang::Diagnostics again;  // of the rules: given above
  const auto program = compile_rules(rules.all(), schema, again);
  if (whole && program != nullptr && paths.size() == config.rules.size()) {
    check_streams(config, *program, diagnostics);
  }
  return true;
}

/// Takes the configs out of `paths`, and out of what lies in their folders.
bool split_configs(const std::vector<std::string>& paths, std::vector<std::string>& rules,
                   std::vector<lang::SourceFile>& configs, Io& io) {
  std::vector<std::string> errors;
  for (const std::string& path : expand_rule_paths(paths, errors)) {
    lang::SourceFile file{path, {}};
    std::string error;
    std::error_code ignored;
    // What can be read only once (standard input, a pipe) holds rules.
    if (!std::filesystem::is_regular_file(path, ignored)) {
      rules.push_back(path);
    } else if (!read_file(path, lang::kMaxRuleFileBytes, file.text, error)) {
      errors.push_back(error);
    } else if (lang::looks_like_config(file.text)) {
      configs.push_back(std::move(file));
    } else {
      rules.push_back(path);
    }
  }
  for (const std::string& error : errors) print_error(io, error);
  return errors.empty();
}

}  // namespace

int check(const CheckOptions& options, Io& io) {
  lang::Diagnostics diagnostics;
  std::optional<Schema> schema;
  std::string error;
  if (!read_schema(options.schema, schema, error)) {
    print_error(io, error);
    return kUsage;
  }
  const Schema* types = schema ? &*schema : nullptr;
  std::vector<std::string> paths;
  std::vector<lang::SourceFile> configs;
  if (!split_configs(options.paths, paths, configs, io)) return kUsage;
  RuleSet rules;
  Checked checked;
  std::string notes;
  if (!read_rules(paths, rules, diagnostics, io)) return kUsage;
  checked.add(rules);
  check_documents(rules, types, diagnostics);
  for (const lang::SourceFile& config : configs) {
    if (!check_config(config, options, types, checked, notes, diagnostics, io)) return kUsage;
  }

  print_diagnostics(diagnostics, true, io);
  if (diagnostics.has_errors()) return kInvalidRules;
  if (options.deny_warnings && diagnostics.warnings() > 0) {
    print_error(io, "warnings are denied (--deny-warnings)");
    return kInvalidRules;
  }
  if (options.quiet) return kFine;
  io.err.write(notes);
  io.err.write(fmt::format("{}: {} in {}, {}{}\n", paint(io.err.color(), Style::kBoldGreen, "ok"),
                           counted(checked.rules, "rule"), counted(checked.paths.size(), "file"),
                           counted(checked.tests, "test"),
                           checked.configs == 0 ? "" : ", " + counted(checked.configs, "config")));
  return kFine;
}

}  // namespace weir::cli
