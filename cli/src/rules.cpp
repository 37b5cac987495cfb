#include "rules.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <thread>

#include "exit_codes.hpp"
#include "logging.hpp"
#include "paths.hpp"
#include "pattern_cache.hpp"
#include "weir/connectors/codec.hpp"
#include "weir/connectors/schema_io.hpp"
#include "weir/connectors/table.hpp"
#include "weir/pattern-lang/config_file.hpp"

namespace weir::cli {

std::vector<const lang::RuleDocument*> RuleSet::all() const {
  std::vector<const lang::RuleDocument*> out;
  for (const lang::RuleDocument& document : documents) out.push_back(&document);
  return out;
}

bool read_rules(const std::vector<std::string>& paths, RuleSet& rules,
                lang::Diagnostics& diagnostics, Io& io) {
  std::vector<std::string> errors;
  std::vector<std::shared_ptr<const lang::SourceFile>> files;
  for (const std::string& path : expand_rule_paths(paths, errors)) {
    auto file = std::make_shared<lang::SourceFile>();
    file->path = path == "-" ? "<stdin>" : path;
    std::string error;
    if (read_file(path, lang::kMaxRuleFileBytes, file->text, error) &&
        !is_config(path, file->text, paths, error)) {
      files.push_back(std::move(file));
    } else if (!error.empty()) {
      errors.push_back(error);
    }
  }
  rules.files += files.size();
  std::ranges::move(lang::read_rule_files(files, diagnostics, std::thread::hardware_concurrency()),
                    std::back_inserter(rules.documents));
  for (const std::string& error : errors) print_error(io, error);
  return errors.empty();
}

bool is_config(const std::string& path, const std::string& text,
               const std::vector<std::string>& named, std::string& error) {
  if (!lang::looks_like_config(text)) return false;
  if (std::ranges::find(named, path) != named.end()) {
    error = fmt::format("{} is a config of `weir run`, not a rule file", path);
  }
  return true;
}

bool read_schema(const std::string& path, std::optional<Schema>& schema, std::string& error) {
  if (path.empty()) return true;
  schema = connectors::load_schema(path, error);
  return schema.has_value();
}

namespace {

nfa::TablePtr load_table(const lang::TableDef& definition, std::vector<std::string>& errors) {
  connectors::TableSpec spec;
  spec.ndjson = definition.ndjson;
  for (const lang::Text& column : definition.key) spec.key.push_back(column.value);
  for (const auto& [column, type] : definition.types) {
    spec.types.emplace_back(column.value,
                            connectors::parse_group_type(type.value).value_or(ValueType::kString));
  }
  connectors::TableResult result = connectors::load_table(definition.full_path, spec);
  for (const connectors::TableError& error : result.errors) {
    errors.push_back(error.line == 0 ? error.message
                                     : fmt::format("line {}: {}", error.line, error.message));
  }
  return result.table;
}

}  // namespace

std::shared_ptr<nfa::Program> compile_rules(const std::vector<const lang::RuleDocument*>& documents,
                                            const Schema* schema, lang::Diagnostics& diagnostics) {
  return compiler::compile(documents, {.schema = schema, .load_table = load_table}, diagnostics);
}

void print_diagnostics(const lang::Diagnostics& diagnostics, bool warnings, Io& io) {
  const std::vector<lang::Diagnostic> sorted = diagnostics.sorted();
  std::size_t shown = 0;
  std::size_t errors = 0;
  std::size_t warned = 0;
  std::string first_code;
  for (const lang::Diagnostic& d : sorted) {
    const bool error = d.severity() == lang::Severity::kError;
    ++(error ? errors : warned);
    if (error && first_code.empty()) first_code = lang::info(d.code).name;
    if (!error && !warnings) continue;
    if (shown++ < kMaxShownDiagnostics) io.err.write(lang::render(d, io.err.color()) + "\n");
  }
  if (shown > kMaxShownDiagnostics) {
    io.err.write(fmt::format("... and {} more\n\n", shown - kMaxShownDiagnostics));
  }
  if (errors > 0) {
    print_error(io, fmt::format("aborting due to {}{}", counted(errors, "error"),
                                warned == 0 ? "" : "; " + counted(warned, "warning")));
    io.err.write(fmt::format("  = help: `weir explain {}` says more about it\n", first_code));
  } else if (warned > 0 && warnings) {
    print_warning(io, counted(warned, "warning"));
  }
}

LoadedRules load_program(const std::vector<std::string>& paths, const std::string& schema_path,
                         bool quiet, Io& io) {
  LoadedRules loaded;
  lang::Diagnostics diagnostics;
  std::string error;
  if (!read_schema(schema_path, loaded.schema, error)) {
    print_error(io, error);
    loaded.code = kUsage;
    return loaded;
  }
  if (!read_rules(paths, loaded.rules, diagnostics, io)) {
    loaded.code = kUsage;
    return loaded;
  }
  // Also where a document could not be read in full, so that one run shows every error.
  auto program =
      compile_rules(loaded.rules.all(), loaded.schema ? &*loaded.schema : nullptr, diagnostics);
  if (diagnostics.has_errors() || program == nullptr) {
    print_diagnostics(diagnostics, true, io);
    loaded.code = kInvalidRules;
    return loaded;
  }
  const std::size_t warned = diagnostics.warnings();
  if (warned > 0 && !quiet) {
    print_warning(io, fmt::format("the rules have {}; `weir check` shows {}",
                                  counted(warned, "warning"), warned == 1 ? "it" : "them"));
  }
  loaded.program = std::move(program);
  return loaded;
}

void build_patterns(const nfa::Program& program, const std::string& cache) {
  PatternCache store(cache);
  const nfa::StringBuildStats stats =
      program.exprs.build_string_sets(cache.empty() ? nullptr : &store);
  if (stats.patterns == 0) return;
  log_detail(
      fmt::format("{} text patterns: {} databases compiled, {} read from {}, {} stored, {} "
                  "failures of the cache",
                  stats.patterns, stats.compiled, stats.loaded, cache.empty() ? "no cache" : cache,
                  stats.stored, store.failures()));
}

std::optional<nfa::RuleId> find_rule(const nfa::Program& program, const std::string& id, Io& io) {
  std::vector<std::string> ids;
  for (nfa::RuleId r = 0; r < program.rules.size(); ++r) {
    if (program.rules[r].id == id) return r;
    ids.push_back(program.rules[r].id);
  }
  print_error(io, fmt::format("there is no rule \"{}\"", id));
  const std::string near = lang::nearest(id, ids);
  if (!near.empty()) {
    io.err.write(fmt::format("  = help: did you mean \"{}\"?\n", near));
  } else if (ids.empty()) {
    io.err.write("  = note: the files hold no rule that is enabled\n");
  } else {
    std::string list;
    for (std::size_t i = 0; i < std::min<std::size_t>(ids.size(), 20); ++i) {
      list += (i == 0 ? "" : ", ") + ids[i];
    }
    if (ids.size() > 20) list += ", ...";
    io.err.write(fmt::format("  = note: there are {}\n", list));
  }
  return std::nullopt;
}

}  // namespace weir::cli
