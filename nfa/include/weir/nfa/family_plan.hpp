// Rules that differ in their constants alone, matched as one.
//
// SEQ(a WHERE x > 1, b) and SEQ(a WHERE x > 2, b) of one key and one WITHIN wait for the same types
// at the same steps. A key keeps each event once, with a bit for every rule that has taken it; what
// an event does to a thousand rules is an AND of sixteen words. (Engines that run each rule by
// itself fall by two orders of magnitude from 1 rule to 100.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "weir/nfa/automaton.hpp"
#include "weir/nfa/predicate_index.hpp"

namespace weir::nfa {

/// Fewer rules are matched one by one: that is faster.
inline constexpr std::size_t kLeastFamily = 8;

struct FamilyStep {
  TypeId type = kOtherType;
  /// Conjunct j of every rule, by place in FamilyPlan::rules; all of them have as many.
  std::vector<PredicateIndex> columns;
};

/// A family's patterns are SEQs of two or more single events of different types under
/// skip-till-next, with one WITHIN, consumed. Immutable.
struct FamilyPlan {
  KeySpecId key = kNoKey;
  std::vector<RuleId> rules;  // ascending; the place is the rule's bit
  std::int64_t within = 0;    // ns
  std::vector<FamilyStep> steps;

  /// Of a bitset over the rules.
  std::size_t words() const noexcept { return (rules.size() + 63) / 64; }
};

}  // namespace weir::nfa
