// Rules of one key that begin alike, matched as one.
//
// SEQ(a WHERE x > 1, b), SEQ(a WHERE x > 2, b) and SEQ(a WHERE y == 3, c, d), of one key and one
// WITHIN, wait for the same types where they begin. Their steps form a tree, in which a step that
// several rules have in common is one. A key keeps each event once for a step, with a bit for every
// rule that has taken it; what an event does to a thousand rules is an AND of sixteen words, and
// what one rule CONSUMEs is there for the others. (Engines that run each rule by itself fall by two
// orders of magnitude from 1 rule to 100.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "weir/nfa/automaton.hpp"
#include "weir/nfa/predicate_index.hpp"

namespace weir::nfa {

/// Fewer rules are matched one by one: that is faster.
inline constexpr std::size_t kLeastFamily = 8;
inline constexpr std::uint32_t kNoStep = 0xffffffff;

/// A step of the tree. The rules that have it stand side by side: their bits are `words` words from
/// `first_word` on, and all bitsets of the step are of these.
struct FamilyStep {
  /// Conjunct j of the rules' conditions.
  struct Column {
    PredicateIndex index;                // by bit
    std::vector<std::uint64_t> without;  // rules that have fewer conjuncts; empty: there are none
  };

  TypeId type = kOtherType;
  std::uint32_t parent = kNoStep;  // before it in FamilyPlan::steps; kNoStep: rules begin with it
  std::uint32_t depth = 0;
  std::uint32_t first_word = 0;
  std::uint32_t words = 0;
  std::uint32_t waits_at = 0;  // word of a state where those begin that wait behind the step
  std::vector<std::uint64_t> rules;
  std::vector<std::uint64_t> last;  // of them, those that it completes
  std::vector<Column> columns;
};

/// A family's patterns are SEQs of two or more single events, each rule's of different types, under
/// skip-till-next, with one WITHIN, consumed. Every step but a rule's last is that of kLeastFamily
/// rules or more. Immutable.
struct FamilyPlan {
  KeySpecId key = kNoKey;
  std::int64_t within = 0;    // ns
  std::vector<RuleId> rules;  // the place is the rule's bit; by their steps, so no order of ids
  std::vector<std::vector<std::uint32_t>> paths;  // by place: its steps, the first first
  std::vector<FamilyStep> steps;
  std::uint32_t wait_words = 0;  // of a state

  /// Every rule has every one of its steps in common with every other.
  bool alike() const noexcept { return steps.size() == paths.front().size(); }
};

}  // namespace weir::nfa
