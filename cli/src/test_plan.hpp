// Which rules each test runs with (language contract, sections 2 and 6), compiled once for all
// tests that run with the same documents.
//
// A test runs with its own document, the documents of the rules that it names, and those that feed
// them: whose derived streams, alert streams or rules they read, where they have none of that name
// themselves. A document of tests alone runs with all that is loaded. So the tests of a file say
// the same whether it is run alone or with a folder.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "rules.hpp"

namespace weir::cli {

/// Rules as a test sees them.
struct TestScope {
  std::shared_ptr<const nfa::Program> program;  // null: they are faulty (reported)
  std::vector<nfa::RuleId> only;                // whose alerts are expected
  std::string label;                            // of them, for people
};

class TestPlan {
 public:
  /// All outlive it. Faults of rules and of tests go to `diagnostics`, those of rules once for
  /// every set of documents.
  TestPlan(const RuleSet& rules, const Schema* schema, lang::Diagnostics& diagnostics);

  /// Compiles every document with what feeds it, so that faults show whether or not a test runs it.
  void compile_all();

  /// `test` is one of `document`'s. Rules that it names and that are not loaded go to `faults`.
  TestScope scope(const lang::RuleDocument& document, const lang::TestDef& test,
                  lang::Diagnostics& faults);

 private:
  using Documents = std::set<std::size_t>;  // by place in the RuleSet
  struct Unit {
    std::shared_ptr<const nfa::Program> program;
    /// By document, the rules that run: their ids and what the Program calls them.
    std::map<std::size_t, std::vector<std::pair<std::string, nfa::RuleId>>> rules;
  };

  void find_names(std::size_t document);
  Documents with_feeders(Documents documents) const;
  const Unit& unit(const Documents& documents);
  std::vector<std::string> names_of(const lang::TestDef& test) const;
  void report_unknown(const lang::Text& name, lang::Diagnostics& faults) const;

  const RuleSet& rules_;
  const Schema* schema_;
  lang::Diagnostics& diagnostics_;
  std::vector<std::set<std::string>> defines_;  // event types that a document's rules make
  std::vector<std::set<std::string>> reads_;
  std::map<std::string, Documents> definers_;
  std::map<std::string, Documents> rule_documents_;  // by id
  std::map<Documents, Unit> units_;
};

/// Reports what a test expects and its rules never have: names, fields, rules.
void check_test(const lang::TestDef& test, const TestScope& scope, lang::Diagnostics& diagnostics);

/// Everything that `weir check` checks, after the files have been read.
void check_documents(const RuleSet& rules, const Schema* schema, lang::Diagnostics& diagnostics);

}  // namespace weir::cli
