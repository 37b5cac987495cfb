// The matcher of FamilyPlans.
//
// What a partition keeps is a history: which event each step's rules have taken, and where a NOT
// has ended the wait of some. An event that a rule waits for moves all of its runs that wait, so
// that the history tells the runs of one rule: that of a first event goes on with the first event
// of the next step behind it, and so on.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "weir/nfa/arena.hpp"
#include "weir/nfa/event_tests.hpp"
#include "weir/nfa/evidence.hpp"
#include "weir/nfa/family_plan.hpp"
#include "weir/nfa/match.hpp"

namespace weir::nfa {

/// What all rules of a family hold in one partition: the events kept, the first first, and for each
/// step that is not the last of all its rules those that may have a run waiting behind it (runs
/// expire unseen).
struct FamilyState {
  BlockRef first = 0;
  BlockRef last = 0;
  BlockRef waits = 0;  // FamilyPlan::wait_words
  std::uint32_t nodes = 0;
};

class FamilyMatcher {
 public:
  using Bits = std::vector<std::uint64_t>;

  /// Both outlive the matcher.
  FamilyMatcher(ChunkArena& arena, EvidenceStore& events) : arena_(arena), events_(events) {}

  /// Some rule may wait for the step: what it asks of an event is of interest. O(words).
  bool awaited(const FamilyPlan& plan, std::uint32_t step, const FamilyState& state) const noexcept;

  /// Which rules' conditions hold for the event that `tests` holds: `bits` gets the test's words.
  /// `members`: words of the rules that count; empty: all do. False: none. REQUIRES: the test's
  /// type is the event's.
  bool find(const FamilyTest& test, EventTests& tests, const Bits& members, Bits& bits);

  /// The event and what find() said of it at the step; leaves in `bits` who takes it. O(words),
  /// amortised. Appends to `completed` the rules that may have a match; each is to be listed before
  /// the next event.
  void step(const FamilyPlan& plan, std::uint32_t step, Bits& bits, const Event& event,
            FamilyState& state, std::vector<std::uint32_t>& completed);

  /// The event, and for which rules it is what a NOT before the step forbids; `took`: those that
  /// take it for the step. An event's steps come from the deepest on.
  void end_waits(const FamilyPlan& plan, std::uint32_t step, std::span<const std::uint64_t> bits,
                 std::span<const std::uint64_t> took, const Event& event, FamilyState& state);

  /// The matches of the rule with this place that `event` completes, and what AFTER MATCH says.
  /// O(nodes since the rule's match before, within its WITHIN).
  void list(const FamilyPlan& plan, std::uint32_t place, const Event& event, FamilyState& state,
            MatchListing& listing);

  /// Drops events that are too old for a match at `now`.
  void expire(const FamilyPlan& plan, FamilyState& state, std::int64_t now);
  static bool empty(const FamilyState& state) noexcept { return state.nodes == 0; }
  void clear(const FamilyPlan& plan, FamilyState& state);

 private:
  /// An event kept for a step, or the end of the wait for it. Behind it: the rules; of a first step
  /// also those for which neither it nor a first event before it is of use any more.
  struct Node {
    std::int64_t ts;
    EventRef event;  // one reference; 0: the wait for the step ends
    BlockRef previous;
    BlockRef next;
    std::uint32_t step;
    std::uint64_t* bits() noexcept { return reinterpret_cast<std::uint64_t*>(this + 1); }
    std::uint64_t* done(const FamilyStep& of) noexcept { return bits() + of.words; }
  };
  /// A node that has the rule's bit, and its place among those looked at.
  struct Place {
    BlockRef node = 0;
    std::uint32_t order = 0;
  };
  /// Of one rule, by depth: the nodes, the first first, the ends of waits behind them, and how far
  /// a walk over its runs has come in both.
  struct Depth {
    std::vector<Place> nodes;
    std::vector<Place> ends;
    std::size_t at = 0;
    std::size_t end_at = 0;
  };
  /// What becomes of a run.
  enum class Fate : std::uint8_t { kWaits, kEnded, kComplete };

  Node& node(BlockRef ref) const noexcept { return *arena_.as<Node>(ref); }
  static std::size_t node_bytes(const FamilyPlan& plan, std::uint32_t step) noexcept {
    const FamilyStep& s = plan.steps[step];
    return sizeof(Node) + (s.parent == kNoStep ? 2 : 1) * s.words * sizeof(std::uint64_t);
  }
  std::uint64_t* waits(const FamilyPlan& plan, const FamilyState& state,
                       std::uint32_t step) const noexcept {
    return arena_.as<std::uint64_t>(state.waits) + plan.steps[step].waits_at;
  }
  BlockRef first_of(const FamilyPlan& plan, const FamilyState& state, std::uint32_t place,
                    std::int64_t now) const noexcept;
  void collect(const FamilyPlan& plan, std::uint32_t place, BlockRef first);
  Fate follow(const FamilyMember& member, std::size_t start, const Event& event);
  void forget(const FamilyPlan& plan, std::uint32_t place, std::size_t starts, FamilyState& state);
  void append(const FamilyPlan& plan, FamilyState& state, std::uint32_t step, std::int64_t ts,
              EventRef event, std::span<const std::uint64_t> bits);
  void pop(const FamilyPlan& plan, FamilyState& state);

  ChunkArena& arena_;
  EvidenceStore& events_;
  Bits column_;
  Bits moved_;
  std::vector<Depth> depths_;  // at least as many as the rule under way has steps to keep
  std::vector<Place> run_;     // its nodes, by depth
  std::vector<BoundEvent> path_;
};

}  // namespace weir::nfa
