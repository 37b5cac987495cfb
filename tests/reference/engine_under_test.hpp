// The engine as the differential test sees it: rule documents and a log in, matches out.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "log.hpp"
#include "weir/nfa/program.hpp"
#include "weir/nfa/run.hpp"
#include "weir/pattern-lang/rule_file.hpp"

namespace weir::reference {

/// How the engine runs: none of it may change what is reported.
struct EngineVariant {
  std::size_t shards = 1;  // that the keys are spread over
  bool compact = true;     // sequences by their compact plan
  bool families = true;    // rules that begin alike by one
  bool running = true;     // aggregates over loops kept from event to event
  bool ahead = false;      // all events are pushed together, and looked ahead to
  /// From so many rules on an index says which of them an event concerns.
  std::size_t index_from = 8;
  std::size_t few_runs = nfa::kFewRuns;  // of a key: more have an index
};

struct EngineResult {
  bool accepted = false;  // the compiler found no error
  std::string errors;     // rendered, where it did
  /// In the order in which they were reported. by_event and completing_seq are not told.
  std::vector<RefMatch> matches;
};

/// Rules compiled by the engine. Immutable; may be run any number of times.
class CompiledRules;
using CompiledRulesPtr = std::shared_ptr<const CompiledRules>;

/// Null where the compiler reports an error; `errors` then has them, rendered. Warnings do not
/// count.
CompiledRulesPtr compile_rules(const std::vector<const lang::RuleDocument*>& documents,
                               std::string* errors = nullptr);

/// One of the rules has a compact plan.
bool has_compact_plan(const CompiledRules& rules);

/// Some of the rules are matched together with others.
bool has_families(const CompiledRules& rules);
/// One of the rules reads the alerts of another, which the reference knows nothing of.
bool has_chains(const CompiledRules& rules);

/// The same as run_engine() below, without compiling anew.
EngineResult run_engine(const CompiledRules& rules, const std::vector<std::string>& only,
                        const Log& log, EngineVariant variant = {});

/// The same rules and all alerts, by several engines that share the keys: so many workers, threads,
/// and events handed over at a time.
EngineResult run_parallel_engine(const CompiledRules& rules, const Log& log, std::size_t workers,
                                 std::size_t threads, std::size_t batch);

/// Alerts of the rules in `only` (empty: of all).
EngineResult run_engine(const std::vector<const lang::RuleDocument*>& documents,
                        const std::vector<std::string>& only, const Log& log,
                        EngineVariant variant = {});

}  // namespace weir::reference
