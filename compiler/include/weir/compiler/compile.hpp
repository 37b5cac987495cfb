// Rule documents -> Program.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "weir/event/schema.hpp"
#include "weir/nfa/program.hpp"
#include "weir/pattern-lang/rule_file.hpp"

namespace weir::compiler {

/// Reads a table's file; a null table with the reasons in `errors` where it cannot be read.
using TableLoader = std::function<nfa::TablePtr(const lang::TableDef& definition,
                                                std::vector<std::string>& errors)>;

struct CompileOptions {
  const Schema* schema = nullptr;
  TableLoader load_table;
  nfa::FinishOptions finish = {};
  /// Aggregates over a loop are kept from event to event (Automaton::running); off: they are
  /// computed from the loop's events, with the same results.
  bool running = true;
};

/// All documents together, in the order given. Reports every error and warning it finds; null where
/// there was an error. Disabled rules (`enabled: false`) are checked and left out.
std::shared_ptr<nfa::Program> compile(const std::vector<const lang::RuleDocument*>& documents,
                                      const CompileOptions& options,
                                      lang::Diagnostics& diagnostics);

/// What `weir explain` prints for one rule, and the drawings.
std::string explain_text(const nfa::Program& program, nfa::RuleId rule);
std::string explain_dot(const nfa::Program& program, nfa::RuleId rule);

}  // namespace weir::compiler
