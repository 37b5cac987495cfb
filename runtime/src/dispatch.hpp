// Who has to see an event of a type: rules by the key that they split it by, and windows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "keys.hpp"
#include "weir/nfa/program.hpp"
#include "weir/runtime/engine_part.hpp"

namespace weir::runtime {

/// How the engine matches a rule, or a family of them: what a partition holds of either is one
/// state, that of the PlanId. Those of families come after those of rules.
using PlanId = std::uint32_t;
struct RulePlan {
  const nfa::SequencePlan* sequence = nullptr;  // null: run by run, or as part of a family
  const nfa::FamilyPlan* family = nullptr;      // of a family; of a rule: that it belongs to
  const nfa::Automaton* automaton = nullptr;    // of a rule
  PlanId state = 0;                             // whose state it has: its own or its family's
  nfa::KeySpecId key = nfa::kNoKey;             // of its partitions
  /// ns after which nothing of a silent key is left; nfa::kNoSpan: it is held until something
  /// comes.
  std::int64_t span = nfa::kNoSpan;
};

/// A rule that reads a type, and what an event of that type can do to it.
struct RuleReader {
  nfa::RuleId rule = 0;
  const nfa::SequencePlan* sequence = nullptr;  // as RulePlan::sequence
  const nfa::SequenceType* type = nullptr;      // of a sequence; null: nothing
  /// Of a sequence: its matches are listed when it has seen the event. An alert may come to it
  /// before they are reported.
  bool lists_at_once = false;
};

/// A family that reads a type.
struct FamilyReader {
  /// What an event of the type can do to those that wait for a step.
  struct Step {
    std::uint32_t step = 0;
    bool takes = false;                          // be taken
    std::vector<const nfa::FamilyTest*> guards;  // of FamilyStep::guards: end their wait
  };
  PlanId id = 0;
  const nfa::FamilyPlan* plan = nullptr;
  std::vector<std::uint64_t> members;  // words of its rules that are one owner's; empty: all are
  std::vector<Step> steps;             // the deepest first
};

/// Which rules of a group an event could begin something for, or do anything to, without asking
/// each.
struct ReaderIndex {
  nfa::PredicateIndex index;
  /// By predicate of the index: places in RuleGroup::readers that have it as the first of a
  /// condition.
  std::vector<std::vector<std::uint32_t>> readers;
  std::vector<std::uint32_t> always;  // that some condition lets every event through
};

/// The rules that read a type and split it by one key.
struct RuleGroup : KeySlots {
  /// The rules' own, without the field that ties a sequence's steps: who lacks that has the key all
  /// the same, though nothing comes of it.
  nfa::KeySpecId own_key = nfa::kNoKey;
  std::vector<RuleReader> readers;       // by ascending rule; of families' rules none
  std::vector<std::uint32_t> beginners;  // places of those that an event of the type may begin
  std::vector<FamilyReader> families;
  std::unique_ptr<ReaderIndex> starts;  // null: each beginner is asked
  /// Asked where a key has many states; null: all of them are stepped.
  std::unique_ptr<ReaderIndex> touches;
  std::uint8_t owner = 0;   // EnginePart::rule_bit of all of them
  std::size_t counter = 0;  // of the events with and without the key, see Dispatch

  /// Null where the rule is not of the group. O(log readers).
  const RuleReader* find(nfa::RuleId rule) const noexcept {
    if (readers.size() == 1) return readers.front().rule == rule ? &readers.front() : nullptr;
    const auto at = std::ranges::lower_bound(readers, rule, {}, &RuleReader::rule);
    return at != readers.end() && at->rule == rule ? &*at : nullptr;
  }
};

/// A derived stream that reads a type, and whose windows somebody reads.
struct WindowReader : KeySlots {
  nfa::DeriveId derive = 0;
  std::vector<const nfa::Test*> tests;  // of Derive::input, those that take the type
  bool all = false;                     // each event of the type takes part
  std::uint8_t owner = 0;               // EnginePart::derive_bit
};

struct TypeReaders {
  std::vector<RuleGroup> groups;
  std::vector<WindowReader> windows;  // by ascending derived stream
  bool empty() const noexcept { return groups.empty() && windows.empty(); }
};

class Dispatch {
 public:
  /// The program outlives it. `compact`: rules that have a SequencePlan are matched by it;
  /// `families`: those of a FamilyPlan together. `part` may be null. `index_from`: see
  /// EngineOptions.
  Dispatch(const nfa::Program& program, bool compact, bool families, const EnginePart* part,
           std::size_t index_from);

  /// Of events of the sources; of windows' and alerts', which `*` does not read.
  const TypeReaders& of(TypeId type, EventOrigin origin) const noexcept {
    return (origin == EventOrigin::kSource ? sources_ : streams_)[type];
  }
  const RulePlan& plan(PlanId id) const noexcept { return plans_[id]; }
  std::size_t plans() const noexcept { return plans_.size(); }
  std::size_t counters() const noexcept { return counters_; }
  /// Of one type.
  std::size_t most_groups() const noexcept { return most_groups_; }
  /// RuleGroup::counter of every group that the rule is in.
  const std::vector<std::size_t>& counters_of(nfa::RuleId rule) const noexcept {
    return counters_of_[rule];
  }

 private:
  TypeReaders readers(TypeId type, EventOrigin origin, const std::vector<nfa::RuleId>& rules,
                      const std::vector<nfa::DeriveId>& derives);
  WindowReader window_reader(TypeId type, nfa::DeriveId id) const;
  void find_slots(TypeId type, KeySlots& of) const;
  void plan_family(const nfa::FamilyPlan& family);
  void add_family(TypeId type, const RulePlan& plan, RuleGroup& group) const;
  void find_beginners(TypeId type, RuleGroup& group) const;
  void index_starts(TypeId type, RuleGroup& group) const;
  void index_touches(TypeId type, RuleGroup& group) const;

  const nfa::Program& program_;
  const EnginePart* part_;
  bool compact_;
  std::size_t index_from_;
  std::vector<std::vector<const nfa::Test*>> firsts_;  // by RuleId: what its first event satisfies
  std::vector<std::vector<const nfa::Test*>> asked_;   // by RuleId: all that it asks of any event
  std::vector<bool> sees_all_;                         // by RuleId: any event may break a run
  std::vector<RulePlan> plans_;                        // by PlanId
  std::vector<std::vector<std::uint64_t>> members_;    // of families, by PlanId behind the rules'
  std::vector<TypeReaders> sources_;                   // by TypeId
  std::vector<TypeReaders> streams_;
  std::vector<std::vector<std::size_t>> counters_of_;  // by RuleId
  std::size_t counters_ = 0;
  std::size_t most_groups_ = 0;
};

}  // namespace weir::runtime
