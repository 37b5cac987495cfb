// Who has to see an event of a type: rules by the key that they split it by, and windows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "weir/nfa/program.hpp"

namespace weir::runtime {

/// How the engine matches a rule.
struct RulePlan {
  const nfa::SequencePlan* sequence = nullptr;  // null: run by run
  nfa::KeySpecId key = nfa::kNoKey;             // of its partitions
  /// ns after which nothing of a silent key is left; nfa::kNoSpan: it is held until something
  /// comes.
  std::int64_t span = nfa::kNoSpan;
};

/// The rules that read a type and split it by one key.
struct RuleGroup {
  nfa::KeySpecId key = nfa::kNoKey;
  std::vector<nfa::RuleId> rules;  // ascending
  std::size_t counter = 0;         // of the events with and without the key, see Dispatch

  bool reads(nfa::RuleId rule) const noexcept;
};

struct TypeReaders {
  std::vector<RuleGroup> groups;
  std::vector<nfa::DeriveId> derives;  // ascending
  bool empty() const noexcept { return groups.empty() && derives.empty(); }
};

class Dispatch {
 public:
  /// The program outlives it. `compact`: rules that have a SequencePlan are matched by it.
  Dispatch(const nfa::Program& program, bool compact);

  /// Of events of the sources; of windows' and alerts', which `*` does not read.
  const TypeReaders& of(TypeId type, EventOrigin origin) const noexcept {
    return (origin == EventOrigin::kSource ? sources_ : streams_)[type];
  }
  const RulePlan& plan(nfa::RuleId rule) const noexcept { return plans_[rule]; }
  std::size_t counters() const noexcept { return counters_; }
  /// RuleGroup::counter of every group that the rule is in.
  const std::vector<std::size_t>& counters_of(nfa::RuleId rule) const noexcept {
    return counters_of_[rule];
  }

 private:
  TypeReaders readers(const std::vector<nfa::RuleId>& rules, std::vector<nfa::DeriveId> derives);

  const nfa::Program& program_;
  std::vector<RulePlan> plans_;       // by RuleId
  std::vector<TypeReaders> sources_;  // by TypeId
  std::vector<TypeReaders> streams_;
  std::vector<std::vector<std::size_t>> counters_of_;  // by RuleId
  std::size_t counters_ = 0;
};

}  // namespace weir::runtime
