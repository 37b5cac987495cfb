// The matcher of FamilyPlans.
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
  /// Both outlive the matcher.
  FamilyMatcher(ChunkArena& arena, EvidenceStore& events) : arena_(arena), events_(events) {}

  /// Some rule may wait for the step: what it asks of an event is of interest. O(words).
  bool awaited(const FamilyPlan& plan, std::uint32_t step, const FamilyState& state) const noexcept;

  /// Which rules' conditions at the step hold for the event that `tests` holds: `bits` gets the
  /// step's words. False: none. REQUIRES: the step's type is the event's.
  bool find(const FamilyPlan& plan, std::uint32_t step, EventTests& tests,
            std::vector<std::uint64_t>& bits);

  /// The event and what find() said of it. O(words), amortised. Appends to `completed` the rules
  /// that may have a match; each is to be listed before the next event.
  void step(const FamilyPlan& plan, std::uint32_t step, std::span<const std::uint64_t> bits,
            const Event& event, FamilyState& state, std::vector<std::uint32_t>& completed);

  /// The match of the rule with this place that `event` completes, if there is one, and CONSUMEs.
  /// `names`: by depth. O(nodes since the rule's match before).
  void list(const FamilyPlan& plan, std::uint32_t place, std::span<const NameId> names,
            const Event& event, FamilyState& state, MatchListing& listing);

  /// Drops events that are too old for a match at `now`.
  void expire(const FamilyPlan& plan, FamilyState& state, std::int64_t now);
  static bool empty(const FamilyState& state) noexcept { return state.nodes == 0; }
  void clear(const FamilyPlan& plan, FamilyState& state);

 private:
  /// An event kept. Behind it: the rules that have taken it, and those for which neither it nor
  /// what came before it is of use any more.
  struct Node {
    std::int64_t ts;
    EventRef event;  // one reference
    BlockRef previous;
    BlockRef next;
    std::uint32_t step;
    std::uint64_t* bits() noexcept { return reinterpret_cast<std::uint64_t*>(this + 1); }
    std::uint64_t* done(const FamilyStep& of) noexcept { return bits() + of.words; }
  };

  Node& node(BlockRef ref) const noexcept { return *arena_.as<Node>(ref); }
  static std::size_t node_bytes(const FamilyPlan& plan, std::uint32_t step) noexcept {
    return sizeof(Node) + 2 * plan.steps[step].words * sizeof(std::uint64_t);
  }
  std::uint64_t* waits(const FamilyPlan& plan, const FamilyState& state,
                       std::uint32_t step) const noexcept {
    return arena_.as<std::uint64_t>(state.waits) + plan.steps[step].waits_at;
  }
  BlockRef first_of(const FamilyPlan& plan, const FamilyState& state,
                    std::uint32_t place) const noexcept;
  void append(const FamilyPlan& plan, FamilyState& state, std::uint32_t step, const Event& event,
              std::span<const std::uint64_t> bits);
  void pop(const FamilyPlan& plan, FamilyState& state);

  ChunkArena& arena_;
  EvidenceStore& events_;
  std::vector<std::uint64_t> column_;
  std::vector<std::uint64_t> moved_;
  std::vector<BoundEvent> path_;
  std::vector<BlockRef> last_of_;  // by depth
};

}  // namespace weir::nfa
