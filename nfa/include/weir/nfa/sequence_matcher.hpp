// The matcher of SequencePlans: what one rule holds in one partition are the events kept for each
// step, in order of time, not the runs that they make up.
//
// A node of step s links to the nodes of step s - 1 with index in [lo, index at its own arrival):
// the runs that waited for it. Links are intervals, because what ends a wait (an event taken under
// skip-till-next, a NOT, NEXT, a step's WITHIN) always ends it for a prefix of those that wait. A
// pause splits them: the wait has begun for a prefix, and what breaks the pause takes away those
// behind it, which nothing links to. A run is a path along the links; a match is a path to the
// event that completes it. Paths in lexicographic order from the front are the contract's list
// order. (Structures that link backwards, as in Bucchi et al., "CORE: a Complex Event Recognition
// Engine", VLDB 2022, list them from the back.) Work per event is O(steps that the event fits),
// amortised, however many runs there are; listing k matches is O(k * steps) where every node is on
// some path, as it is under ANY.
//
// Most keys never have more than one event, at the first step: of these the event's handle is all
// that is kept. To be stepped it is spread out into the matcher's own memory, and most often it is
// a handle again, or nothing, when the event has been dealt with.
//
// The state of a shard belongs to its thread. An event that is kept is copied to the evidence
// store; the event that completes a match is not.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "weir/nfa/arena.hpp"
#include "weir/nfa/event_tests.hpp"
#include "weir/nfa/evidence.hpp"
#include "weir/nfa/match.hpp"
#include "weir/nfa/sequence_plan.hpp"

namespace weir::nfa {

/// Indices count the nodes of a step since the state began, and wrap: a comes before b.
inline bool index_before(std::uint32_t a, std::uint32_t b) noexcept {
  return static_cast<std::int32_t>(a - b) < 0;
}

/// `now` is more than `span` after `from`.
inline bool too_late(std::int64_t from, std::int64_t span, std::int64_t now) noexcept {
  return now > (Timestamp{from} + Duration{span}).ns;
}

/// One event kept for one step.
struct SequenceNode {
  std::int64_t ts = 0;
  EventRef event = 0;       // one reference; 0: used by a match, no run goes through it any more
  std::uint32_t lo = 0;     // first node of the step before that it links to
  std::uint32_t after = 0;  // index of the next node of the step after, when this one came
  std::uint32_t best = 0;   // the latest first event of a run that ends here
  std::uint32_t row = 0;    // of a loop: the first node of the unbroken row that this one is in
  std::uint8_t test = 0;    // which test of the step it satisfied
};

/// The nodes of one step: a ring of a power of two of them, or, most often, one right here.
struct SequenceRing {
  BlockRef block = 0;       // 0: `one`
  std::uint32_t begin = 0;  // index of the first
  std::uint32_t count = 0;
  std::uint32_t waits = 0;     // nodes from this index on (not before begin) wait for the next step
  std::uint32_t iterates = 0;  // of a loop: the node whose runs may take another; end(): none
  std::uint32_t mask = 0;      // capacity less 1
  SequenceNode one;
  std::uint32_t end() const noexcept { return begin + count; }
  std::size_t block_bytes() const noexcept {
    return (std::size_t{mask} + 1) * sizeof(SequenceNode);
  }
};

/// What one rule holds in one partition. Behind it, for each leading NOT, the time of the last
/// event that satisfied it (kNoTime: none that matters). Handles below 2^31 reach 16 GiB of a
/// shard's nodes.
struct SequenceState {
  /// 0: no event. The event, where it is alone: at the first step, waited at, nothing else has
  /// been. Else a block with the rings of SequencePlan::kept() steps.
  std::uint32_t ref : 31 = 0;
  std::uint32_t lone : 1 = 0;

  static std::size_t bytes(const SequencePlan& plan) noexcept {
    return plan.leading.empty() ? sizeof(SequenceState)
                                : kLeading + plan.leading.size() * sizeof(std::int64_t);
  }
  std::int64_t* leading() noexcept {
    return reinterpret_cast<std::int64_t*>(reinterpret_cast<std::byte*>(this) + kLeading);
  }
  const std::int64_t* leading() const noexcept {
    return reinterpret_cast<const std::int64_t*>(reinterpret_cast<const std::byte*>(this) +
                                                 kLeading);
  }

 private:
  static constexpr std::size_t kLeading = sizeof(std::int64_t);
};
static_assert(sizeof(SequenceState) == 4);

/// A state spread out.
struct SequenceRings {
  SequenceRing* rings;    // of kept() steps
  std::int64_t* leading;  // times
};

/// Matches that an event completes or a deadline, not listed yet: those that end at a node in
/// [lo, hi) of the last step before it.
struct SequenceCompletion {
  std::uint32_t lo = 0;
  std::uint32_t hi = 0;
  std::uint8_t test = 0;    // of the last step, where the event completes it
  bool whole_step = false;  // the node itself completes: a loop at the end, or a deadline
  bool any() const noexcept { return lo != hi; }
};

class SequenceListing;

class SequenceMatcher {
 public:
  /// All outlive the matcher.
  SequenceMatcher(ChunkArena& arena, EvidenceStore& events);
  ~SequenceMatcher();

  /// An empty state in raw memory of SequenceState::bytes(), aligned to 8.
  static void begin(const SequencePlan& plan, SequenceState& state) noexcept;

  /// Which of the first step's tests the event satisfies, so that it could begin a run; kNoTest:
  /// none.
  static constexpr int kNoTest = -1;
  static int first_test(const SequencePlan& plan, const SequenceType& type, EventTests& tests);
  /// The event satisfies a leading NOT.
  static bool leads(const SequencePlan& plan, const SequenceType& type, EventTests& tests);

  /// The event that `tests` holds. What it completes is to be listed before the next step; where
  /// no step is kept the event alone is the match.
  SequenceCompletion step(const SequencePlan& plan, const SequenceType& type, SequenceState& state,
                          EventTests& tests);
  /// The same for an empty state, of the event for which first_test() says `test`.
  SequenceCompletion start(const SequencePlan& plan, const SequenceType& type, int test,
                           SequenceState& state, EventTests& tests);
  /// The last step kept the event at the first of the sequence: runs begin with it.
  bool started() const noexcept { return started_; }

  /// Lists the matches in the order of the contract, and does what AFTER MATCH says. `event`: the
  /// one that completes them; null at a deadline. `tests`: of any event, for what WHERE needs.
  void list(const SequencePlan& plan, SequenceState& state, const SequenceCompletion& completion,
            const Event* event, const EventTests& tests, MatchListing& listing);

  /// The silence after node `index`, the event that arrived as `seq`, has held so far. False where
  /// it was broken, or the node is gone (another may have its index: states come and go).
  bool waits(const SequenceState& state, std::uint32_t index, std::uint64_t seq) const noexcept;

  /// Asks for the memory of the first steps' rings, or of the event that is alone; and then of the
  /// events that the last ones keep.
  void prefetch_nodes(const SequenceState& state) const noexcept {
    if (state.lone != 0) return events_.prefetch(state.ref);
    constexpr std::size_t kLines = 2;
    if (state.ref != 0) arena_.prefetch(state.ref, kLines);
  }
  void prefetch_events(const SequencePlan& plan, const SequenceState& state) const noexcept {
    if (state.lone != 0 || state.ref == 0) return;
    const SequenceRing* const rings = arena_.as<SequenceRing>(state.ref);
    for (std::uint32_t s = 0; s < plan.kept() && s < kFollowed; ++s) {
      if (rings[s].count > 0) events_.prefetch(node(rings[s], rings[s].end() - 1).event);
    }
  }

  /// Drops what can no longer be part of a match at or after `now`.
  void expire(const SequencePlan& plan, SequenceState& state, std::int64_t now);
  /// First events of runs, and times of leading NOTs.
  std::size_t held(const SequencePlan& plan, const SequenceState& state) const noexcept;
  /// No run is open, and no event that is gone forbids one.
  bool empty(const SequencePlan& plan, const SequenceState& state) const noexcept {
    return plan.leading.empty() ? starts(state) == 0 : held(plan, state) == 0;
  }
  /// Gives everything back.
  void clear(const SequencePlan& plan, SequenceState& state);
  /// Of the first step: index of the node that came last. REQUIRES: there is one.
  std::uint32_t last_start(const SequenceState& state) const noexcept {
    return state.lone != 0 ? 0 : arena_.as<SequenceRing>(state.ref)->end() - 1;
  }

 private:
  friend class SequenceListing;
  static constexpr std::uint32_t kFollowed = 2;

  /// Events of the first step.
  std::uint32_t starts(const SequenceState& state) const noexcept {
    if (state.lone != 0 || state.ref == 0) return state.lone;
    return arena_.as<SequenceRing>(state.ref)->count;
  }
  /// Until pack() it may be in the matcher's own memory: one state at a time.
  SequenceRings spread(SequenceState& state) noexcept;
  void put_in_block(const SequencePlan& plan, SequenceState& state);
  void pack(const SequencePlan& plan, SequenceState& state, const SequenceRings& spread);
  bool dropped_lone(const SequencePlan& plan, SequenceState& state, std::int64_t now) noexcept;

  SequenceNode& node(SequenceRing& ring, std::uint32_t index) const noexcept {
    return ring.block == 0 ? ring.one : arena_.as<SequenceNode>(ring.block)[index & ring.mask];
  }
  const SequenceNode& node(const SequenceRing& ring, std::uint32_t index) const noexcept {
    return ring.block == 0 ? ring.one : arena_.as<SequenceNode>(ring.block)[index & ring.mask];
  }
  /// A ring's nodes by index, for those who look at many. Valid until the next node is appended.
  struct Nodes {
    const SequenceNode* first;
    std::uint32_t mask;
    const SequenceNode& operator[](std::uint32_t index) const noexcept {
      return first[index & mask];
    }
  };
  Nodes nodes(const SequenceRing& ring) const noexcept {
    return {ring.block == 0 ? &ring.one : arena_.as<SequenceNode>(ring.block), ring.mask};
  }
  /// How many nodes at the ring's front, in order of index, have the property that only the first
  /// so many have.
  template <typename Has>
  std::uint32_t count_first(const SequenceRing& ring, Has&& has) const {
    std::uint32_t from = 0;
    for (std::uint32_t n = ring.count; n > 0;) {
      const std::uint32_t half = n / 2;
      const bool first = has(node(ring, ring.begin + from + half));
      if (first) from += half + 1;
      n = first ? n - half - 1 : half;
    }
    return from;
  }
  /// No run goes through the node any more.
  void drop(SequenceNode& n) noexcept {
    if (n.event != 0) events_.release(n.event);
    n.event = 0;
  }
  void break_loop(SequenceRing& ring) noexcept;
  SequenceCompletion step_rings(const SequencePlan& plan, const SequenceType& type,
                                const SequenceRings& state, EventTests& tests);
  void give_up(const SequencePlan& plan, const SequenceRings& state) noexcept;
  void pass_over(const SequencePlan& plan, std::uint32_t step, const SequenceRings& state) noexcept;
  void append(const SequencePlan& plan, const SequenceRings& state, std::uint32_t step,
              const SequenceNode& made);
  void grow(SequenceRing& ring);
  void pop(SequenceRing& ring);
  bool someone_waits(SequenceRing& ring) const;
  void pop_back_to(const SequenceRings& state, std::uint32_t step, std::uint32_t end);
  std::uint32_t paused_from(const SequenceStep& next, const SequenceRing& ring) const;
  void break_pauses(const SequencePlan& plan, std::uint32_t step, const SequenceRole& role,
                    const SequenceRings& state, EventTests& tests);
  void release(SequenceRing& ring);
  bool forbidden(const SequencePlan& plan, const SequenceRings& state) const noexcept;
  void step_at(const SequencePlan& plan, std::uint32_t step, const SequenceRole& role,
               const SequenceRings& state, EventTests& tests, SequenceCompletion& completion);
  bool take_loop(const SequenceStep& step, SequenceRing& ring, bool first, SequenceNode& made);
  bool has_run(const SequencePlan& plan, const SequenceRings& state, std::uint32_t step,
               SequenceNode& made, std::uint32_t hi) const;
  void drop_expired(const SequencePlan& plan, const SequenceRings& state);
  void end_waits(const SequenceStep& next, SequenceRing& ring);
  void drop_unreached(const SequencePlan& plan, const SequenceRings& state);
  void drop_unreached(const SequencePlan& plan, std::uint32_t step, const SequenceRings& state);
  void consume(const SequencePlan& plan, const SequenceRings& state, std::int64_t ts,
               std::uint64_t seq);

  ChunkArena& arena_;
  EvidenceStore& events_;
  /// By depth: where a match is listed, its alert may be an event that completes others.
  std::vector<std::unique_ptr<SequenceListing>> listings_;
  std::size_t listing_ = 0;  // the next free one
  std::unique_ptr<SequenceRing[]> spread_;  // by step: empty, but while a state is spread out here
  // Of the step under way:
  EventRef stored_ = 0;
  std::int64_t now_ = 0;
  bool moved_ = false;    // a wait has ended: nodes may be unreachable
  bool started_ = false;  // the event begins runs
};

}  // namespace weir::nfa
