// The rules of a generated rule file, as the reference matcher takes them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "draft.hpp"
#include "matcher.hpp"

namespace weir::reference {

/// Owns the AST that its trees read.
class ParsedRules {
 public:
  /// Nothing where the text does not parse; `error` then says why.
  static std::optional<ParsedRules> parse(const std::string& rule_yaml,
                                          std::string* error = nullptr);

  MatchResult run(const Log& log, std::size_t max_runs = kMaxRuns) const;
  const std::vector<lang::RuleDocument>& documents() const { return documents_; }
  const std::vector<Tree>& trees() const { return trees_; }

 private:
  std::vector<lang::RuleDocument> documents_;
  std::vector<Tree> trees_;
};

/// Invariants that every result of the reference has to satisfy by itself: a match binds an event,
/// events stand in the order of time and within the pattern's WITHIN, none is bound twice, no match
/// is reported twice, matches stand in the order of detection. Empty, or what is broken.
std::string broken_invariant(const ParsedRules& rules, const Log& log, const MatchResult& result);

}  // namespace weir::reference
