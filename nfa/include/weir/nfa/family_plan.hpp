// Rules of one key that begin alike, matched as one.
//
// SEQ(a WHERE x > 1, b) WITHIN 5m, SEQ(a WHERE x > 2, b) WITHIN 1h and SEQ(a WHERE y == 3, NOT e,
// c, d) WITHIN 1d AFTER MATCH KEEP, of one key, wait for the same types where they begin. Their
// steps form a tree, in which a step that several rules have in common is one. A key keeps each
// event once for a step, with a bit for every rule that has taken it; what an event does to a
// thousand rules is an AND of sixteen words, and what one rule CONSUMEs is there for the others.
// Each rule reads what is kept through its own WITHIN. (Engines that run each rule by itself fall
// by two orders of magnitude from 1 rule to 100.)
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "weir/nfa/automaton.hpp"
#include "weir/nfa/predicate_index.hpp"

namespace weir::nfa {

/// Two rules cost what they would cost alone (bench: many-rules/prefixes/2), but hold events once.
inline constexpr std::size_t kLeastFamily = 2;
inline constexpr std::uint32_t kNoStep = 0xffffffff;

/// What some of a family's rules ask of an event of one type. The rules that have one step in
/// common stand side by side: their bits are `words` words from `first_word` on, and all bitsets of
/// the step are of these.
struct FamilyTest {
  /// Conjunct j of the rules' conditions.
  struct Column {
    PredicateIndex index;                // by bit
    std::vector<std::uint64_t> without;  // rules that have fewer conjuncts; empty: there are none
  };

  TypeId type = kOtherType;
  std::uint32_t first_word = 0;
  std::uint32_t words = 0;
  std::vector<std::uint64_t> rules;
  std::vector<Column> columns;
};

/// A step of the tree.
struct FamilyStep : FamilyTest {
  std::uint32_t parent = kNoStep;  // before it in FamilyPlan::steps; kNoStep: rules begin with it
  std::uint32_t depth = 0;
  std::uint32_t waits_at = 0;       // word of a state where those begin that wait behind the step
  std::int64_t within = 0;          // ns: the longest of its rules', so long its events are held
  std::vector<std::uint64_t> last;  // rules that it completes
  std::vector<FamilyTest> guards;   // NOTs before it
};

/// A rule of a family. What AFTER MATCH leaves of its runs differs little: one event completes all
/// that wait for it, and whether they are reported or not, none of them is left.
struct FamilyMember {
  struct At {
    std::int64_t reach;  // SequenceStep::reach
    std::uint32_t step;  // of FamilyPlan::steps
    NameId name;         // of the event
  };
  RuleId rule = 0;
  std::int64_t within = 0;  // ns
  std::vector<At> path;     // by depth
  /// Matches are reported that begin at or behind the event at this step of the one reported before
  /// (0: every match is; the last: nothing that has begun by then is left). kNoStep: one alone.
  std::uint32_t skip_to = kNoStep;
};

/// A family's patterns are SEQs of two or more single events, each rule's of different types, under
/// skip-till-next, with a WITHIN. Every step but a rule's last is that of kLeastFamily rules or
/// more. Immutable.
struct FamilyPlan {
  KeySpecId key = kNoKey;
  std::vector<FamilyMember> members;  // the place is the rule's bit; by their steps, not by id
  std::vector<FamilyStep> steps;      // the first: all rules'
  std::uint32_t wait_words = 0;       // of a state

  /// Every rule has every one of its steps in common with every other.
  bool alike() const noexcept { return steps.size() == members.front().path.size(); }
  bool has(RuleId rule) const noexcept {
    return std::ranges::find(members, rule, &FamilyMember::rule) != members.end();
  }
};

}  // namespace weir::nfa
