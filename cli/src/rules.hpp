// Rule files from disk to documents and Programs, and what is wrong with them to the terminal.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "output.hpp"
#include "weir/compiler/compile.hpp"
#include "weir/pattern-lang/rule_file.hpp"

namespace weir::cli {

/// So many diagnostics are shown; the rest is counted.
inline constexpr std::size_t kMaxShownDiagnostics = 50;

/// The documents of all files given, in order.
struct RuleSet {
  std::vector<lang::RuleDocument> documents;
  std::size_t files = 0;

  std::vector<const lang::RuleDocument*> all() const;
};

/// Reads every file. False where one cannot be read at all (said on standard error). A config of
/// `weir run` that lies in a folder is passed over; one that is named itself is refused.
bool read_rules(const std::vector<std::string>& paths, RuleSet& rules,
                lang::Diagnostics& diagnostics, Io& io);

/// The text of `path` is a config, no rules; `error` says so where `path` is among those `named`.
bool is_config(const std::string& path, const std::string& text,
               const std::vector<std::string>& named, std::string& error);

/// As `weir schema infer` prints it. False with `error` where the file is none. An empty path is no
/// schema.
bool read_schema(const std::string& path, std::optional<Schema>& schema, std::string& error);

/// compile() with tables read from disk.
std::shared_ptr<nfa::Program> compile_rules(const std::vector<const lang::RuleDocument*>& documents,
                                            const Schema* schema, lang::Diagnostics& diagnostics);

/// Renders them on standard error, errors and, if asked, warnings; then the line that counts them.
void print_diagnostics(const lang::Diagnostics& diagnostics, bool warnings, Io& io);

/// Rules, ready to run; null after everything that is wrong has been said. `code` is then the exit
/// code. Warnings are only counted: `weir check` shows them.
struct LoadedRules {
  RuleSet rules;
  std::optional<Schema> schema;
  std::shared_ptr<nfa::Program> program;
  int code = 0;
};
LoadedRules load_program(const std::vector<std::string>& paths, const std::string& schema_path,
                         bool quiet, Io& io);

/// Compiles what the rules look for in texts ahead of the first event; what takes long is kept in
/// `cache`, a folder (none where it is empty).
void build_patterns(const nfa::Program& program, const std::string& cache);

/// The rule of that id; else nothing, after saying which id is nearest.
std::optional<nfa::RuleId> find_rule(const nfa::Program& program, const std::string& id, Io& io);

}  // namespace weir::cli
