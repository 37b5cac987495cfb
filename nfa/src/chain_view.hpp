// A chain as expressions read it, and the values of aggregates that its nodes carry.
#pragma once

#include <cstdint>
#include <span>

#include "weir/nfa/automaton.hpp"
#include "weir/nfa/bindings.hpp"
#include "weir/nfa/event_tests.hpp"

namespace weir::nfa {

/// Of one run of an automaton, with the registers that mark where iterations began. All that it is
/// made of outlives it.
class ChainView final : public BoundEvents {
 public:
  ChainView(const Automaton& automaton, const BindingPool& pool, EventTests& tests, ChainRef chain,
            std::span<const std::int64_t> registers)
      : automaton_(automaton), pool_(pool), tests_(tests), chain_(chain), registers_(registers) {}

  const Event* last(NameId name, RegId scope) const override;
  /// O(length of the chain).
  std::span<const Event* const> all(NameId name, RegId scope, ValueArena& scratch) const override;
  /// Of those in Automaton::running. O(1).
  bool aggregate(ExprId aggregate, Value& value) const override;

 private:
  std::uint32_t mark(RegId scope) const noexcept {
    return scope == kNoReg ? 0 : static_cast<std::uint32_t>(registers_[scope]);
  }
  const Automaton& automaton_;
  const BindingPool& pool_;
  EventTests& tests_;
  ChainRef chain_;
  std::span<const std::int64_t> registers_;
};

/// A new end behind `previous`, as BindingPool::append, which carries the values of
/// Automaton::running: those of the node before, and what the event adds to them.
ChainRef append_running(const Automaton& automaton, BindingPool& pool, EventTests& tests,
                        ChainRef previous, NameId name, EventRef event);

}  // namespace weir::nfa
