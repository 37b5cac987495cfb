// What an event does to the nodes of a sequence. Steps are gone through from the last to the first,
// so that an event is not taken twice by one run.
#include "weir/nfa/sequence_matcher.hpp"

#include <algorithm>
#include <new>

#include "sequence_listing.hpp"

namespace weir::nfa {
namespace {

constexpr int kNone = SequenceMatcher::kNoTest;

bool holds(const Test& test, EventTests& tests) {
  for (const ExprId predicate : test.one_event) {
    if (!tests.holds(predicate)) return false;
  }
  return true;
}

int first_held(const std::vector<std::uint8_t>& which, const std::vector<Test>& all,
               EventTests& tests) {
  for (const std::uint8_t i : which) {
    if (holds(all[i], tests)) return i;
  }
  return kNone;
}

}  // namespace

void SequenceMatcher::begin(const SequencePlan& plan, SequenceState& state) noexcept {
  new (&state) SequenceState();
  std::fill_n(state.leading(), plan.leading.size(), kNoTime);
}

std::size_t SequenceMatcher::held(const SequencePlan& plan,
                                  const SequenceState& state) const noexcept {
  const std::int64_t* const last = state.leading();
  const std::size_t leading = plan.leading.size();
  return starts(state) + leading -
         static_cast<std::size_t>(std::count(last, last + leading, kNoTime));
}

int SequenceMatcher::first_test(const SequencePlan& plan, const SequenceType& type,
                                EventTests& tests) {
  if (type.roles.empty() || type.roles.back().step != 0) return kNone;
  return first_held(type.roles.back().tests, plan.steps.front().tests, tests);
}

bool SequenceMatcher::leads(const SequencePlan& plan, const SequenceType& type, EventTests& tests) {
  return std::ranges::any_of(type.leading, [&](const NotRole& role) {
    return first_held(role.tests, plan.leading[role.place].tests, tests) != kNone;
  });
}

SequenceMatcher::SequenceMatcher(ChunkArena& arena, EvidenceStore& events)
    : arena_(arena),
      events_(events),
      spread_(std::make_unique<SequenceRing[]>(kMaxSequenceSteps)) {}
SequenceMatcher::~SequenceMatcher() = default;

void SequenceMatcher::list(const SequencePlan& plan, SequenceState& state,
                           const SequenceCompletion& completion, const Event* event,
                           const EventTests& tests, MatchListing& listing) {
  if (state.lone != 0) {
    // What a match causes may step other states meanwhile.
    spread(state);
    put_in_block(plan, state);
    spread_[0] = {};
  }
  if (listing_ == listings_.size()) {
    listings_.push_back(std::make_unique<SequenceListing>(*this));
  }
  SequenceListing& with = *listings_[listing_++];
  with.run(plan, spread(state), completion, event, tests, listing);
  --listing_;
}

inline SequenceRings SequenceMatcher::spread(SequenceState& state) noexcept {
  if (state.lone == 0 && state.ref != 0) {
    return {arena_.as<SequenceRing>(state.ref), state.leading()};
  }
  if (state.lone != 0) {
    SequenceRing& starts = spread_[0];
    starts.count = 1;
    starts.one.ts = events_.ts(state.ref);
    starts.one.event = state.ref;
  }
  return {spread_.get(), state.leading()};
}

/// A state that has no block of its own, as it is spread out.
void SequenceMatcher::put_in_block(const SequencePlan& plan, SequenceState& state) {
  const BlockRef block = arena_.allocate(plan.kept() * sizeof(SequenceRing));
  std::copy_n(spread_.get(), plan.kept(), arena_.as<SequenceRing>(block));
  state.ref = block & 0x7fffffffU;
  state.lone = 0;
}

/// What was spread out in the matcher's memory is the state again, in as little as it takes.
inline void SequenceMatcher::pack(const SequencePlan& plan, SequenceState& state,
                                  const SequenceRings& spread) {
  if (spread.rings != spread_.get()) return;
  SequenceRing& starts = spread_[0];
  SequenceRing& second = spread_[1];
  const SequenceNode& one = starts.one;
  const bool alone = second.end() == 0 && starts.block == 0;
  if (alone && starts.count == 0) {
    state = {};
  } else if (alone && starts.end() == 1 && starts.waits == 0 && starts.iterates == 0 &&
             one.test == 0 && one.event != 0 && one.event >> 31U == 0) {
    state.ref = one.event & 0x7fffffffU;
    state.lone = 1;
  } else {
    put_in_block(plan, state);
  }
  starts = {};
  second = {};
}

/// The event that was alone has gone with its WITHIN.
inline bool SequenceMatcher::dropped_lone(const SequencePlan& plan, SequenceState& state,
                                          std::int64_t now) noexcept {
  if (state.lone == 0 || plan.within == kNoSpan) return false;
  if (!too_late(events_.ts(state.ref), plan.within, now)) return false;
  events_.release(state.ref);
  state = {};
  return true;
}

[[gnu::always_inline]] inline SequenceCompletion SequenceMatcher::step_rings(
    const SequencePlan& plan, const SequenceType& type, const SequenceRings& state,
    EventTests& tests) {
  stored_ = 0;
  moved_ = false;
  started_ = false;
  now_ = tests.event().ts.ns;
  SequenceCompletion completion;
  if (plan.within != kNoSpan) drop_expired(plan, state);
  bool until = false;
  if (type.ends) {
    if (first_held(type.silence, plan.silence_tests, tests) != kNone) {
      moved_ = state.rings[0].waits != state.rings[0].end();
      state.rings[0].waits = state.rings[0].end();
    }
    until = first_held(type.until, plan.until, tests) != kNone;
  }
  auto passed = static_cast<std::uint32_t>(plan.steps.size());  // steps from it on are done
  for (const SequenceRole& role : type.roles) {
    if (plan.strict) {
      while (--passed > role.step) pass_over(plan, passed, state);
    }
    if (until && role.step == 0) {
      // Not the run that begins now.
      give_up(plan, state);
      until = false;
    }
    step_at(plan, role.step, role, state, tests, completion);
  }
  if (until) give_up(plan, state);
  while (plan.strict && passed > 0) pass_over(plan, --passed, state);
  // Not before: what the event begins is not forbidden by the event itself.
  for (const NotRole& role : type.leading) {
    const bool held = first_held(role.tests, plan.leading[role.place].tests, tests) != kNone;
    if (held) state.leading[role.place] = now_;
  }
  if (moved_ && !completion.any()) drop_unreached(plan, state);
  return completion;
}

SequenceCompletion SequenceMatcher::step(const SequencePlan& plan, const SequenceType& type,
                                         SequenceState& state, EventTests& tests) {
  const bool in_block = state.lone == 0 && state.ref != 0;
  if (!in_block) dropped_lone(plan, state, tests.event().ts.ns);
  const SequenceRings rings = spread(state);
  const SequenceCompletion completion = step_rings(plan, type, rings, tests);
  if (!in_block) pack(plan, state, rings);
  return completion;
}

SequenceCompletion SequenceMatcher::start(const SequencePlan& plan, const SequenceType& type,
                                          int test, SequenceState& state, EventTests& tests) {
  const SequenceStep& first = plan.steps.front();
  const bool completes = plan.steps.size() == 1 && plan.silence == Silence::kNone &&
                         (first.any_loop() || first.min < 2);
  if (test != 0 || completes || !plan.leading.empty()) return step(plan, type, state, tests);
  const EventRef event = events_.put(tests.event());
  if (event >> 31U != 0) {
    events_.release(event);
    return step(plan, type, state, tests);
  }
  state.ref = event & 0x7fffffffU;
  state.lone = 1;
  started_ = true;
  return {};
}

/// No run takes another event into the loop as the very next one.
inline void SequenceMatcher::break_loop(SequenceRing& ring) noexcept {
  moved_ = moved_ || ring.iterates != ring.end();
  ring.iterates = ring.end();
}

/// Nothing goes on of what has begun.
[[gnu::noinline]] void SequenceMatcher::give_up(const SequencePlan& plan,
                                                const SequenceRings& state) noexcept {
  for (std::uint32_t s = 0; s < plan.kept(); ++s) {
    state.rings[s].waits = state.rings[s].end();
    state.rings[s].iterates = state.rings[s].end();
  }
  moved_ = true;
}

/// An event that is nothing to the step: it breaks NEXT.
inline void SequenceMatcher::pass_over(const SequencePlan& plan, std::uint32_t s,
                                       const SequenceRings& state) noexcept {
  const SequenceStep& step = plan.steps[s];
  if (s > 0 && step.contiguity == Contiguity::kNext) {
    SequenceRing& waiting = state.rings[s - 1];
    const std::uint32_t hi = step.pauses.empty() ? waiting.end() : paused_from(step, waiting);
    moved_ = moved_ || waiting.waits != hi;
    waiting.waits = hi;
  }
  if (step.loop() && step.between == Contiguity::kNext) break_loop(state.rings[s]);
}

/// An event before forbids that a run begins now.
bool SequenceMatcher::forbidden(const SequencePlan& plan,
                                const SequenceRings& state) const noexcept {
  for (std::size_t i = 0; i < plan.leading.size(); ++i) {
    const std::int64_t last = state.leading[i];
    if (last != kNoTime && !too_late(last, plan.leading[i].span, now_)) return true;
  }
  return false;
}

void SequenceMatcher::step_at(const SequencePlan& plan, std::uint32_t s, const SequenceRole& role,
                              const SequenceRings& state, EventTests& tests,
                              SequenceCompletion& completion) {
  const SequenceStep& step = plan.steps[s];
  const Event& event = tests.event();
  const int test = first_held(role.tests, step.tests, tests);
  bool first = test != kNone;  // the event is the step's first, for some run
  if (s == 0 && !plan.leading.empty() && first) first = !forbidden(plan, state);
  SequenceNode made{.ts = event.ts.ns, .test = static_cast<std::uint8_t>(test)};
  std::uint32_t hi = 0;
  if (s > 0) {
    SequenceRing& waiting = state.rings[s - 1];
    if (step.reach != kNoSpan) end_waits(step, waiting);
    if (!role.pauses.empty()) break_pauses(plan, s, role, state, tests);
    hi = step.pauses.empty() ? waiting.end() : paused_from(step, waiting);
    made.lo = waiting.waits;
    first = first && has_run(plan, state, s - 1, made, hi);
    const bool over = (first && step.contiguity == Contiguity::kSkipTillNext) ||
                      step.contiguity == Contiguity::kNext ||
                      (made.lo != hi && first_held(role.guards, step.guards, tests) != kNone);
    if (over && waiting.waits != hi) {
      waiting.waits = hi;
      moved_ = true;
    }
  }
  if (s == plan.kept()) {
    if (first) completion = {.lo = made.lo, .hi = s == 0 ? 1 : hi, .test = made.test};
    return;
  }
  SequenceRing& ring = state.rings[s];
  if (step.loop()) {
    if (!first) made.lo = hi;
    const bool took = test != kNone && take_loop(step, ring, first || s == 0, made);
    if (!took) {
      if (step.between == Contiguity::kNext) break_loop(ring);
      return;
    }
  } else if (!first) {
    return;
  }
  if (plan.first_alone && someone_waits(ring)) {
    // Who waits here already is preferred for good. What waited before is of no use either: it came
    // last, and nothing links to it.
    if (s > 0 && made.lo != hi) pop_back_to(state, s - 1, made.lo);
    return;
  }
  if (stored_ == 0) {
    stored_ = events_.put(event);
  } else {
    events_.retain(stored_);
  }
  made.event = stored_;
  if (s > 0) {
    // Runs that began with what is gone end here no more.
    while (ring.count > 0 && index_before(node(ring, ring.begin).best, state.rings[0].begin))
      pop(ring);
  }
  // A step of few nodes stays one: what nobody waits at any more makes room.
  if (ring.count > ring.mask && moved_ && !step.loop() && !completion.any()) {
    drop_unreached(plan, s, state);
  }
  if (s == 0) {
    made.best = ring.end();
    started_ = true;
  }
  append(plan, state, s, made);
  if (!step.loop() || s + 1 != plan.steps.size()) return;
  const std::uint32_t index = ring.end() - 1;
  if (step.any_loop() || index - made.row + 1 >= step.min) {
    completion = {.lo = index, .hi = index + 1, .test = 0, .whole_step = true};
  }
}

/// Whether some run takes the event as an iteration, its first or a later one; fills `row` and
/// `best`.
bool SequenceMatcher::take_loop(const SequenceStep& step, SequenceRing& ring, bool first,
                                SequenceNode& made) {
  made.row = ring.end();
  std::uint32_t last = ring.end();
  bool iterates = false;
  if (step.any_loop()) {
    while (last != ring.begin && !iterates) iterates = node(ring, --last).event != 0;
  } else if (ring.count > 0) {
    --last;
    const SequenceNode& n = node(ring, last);
    iterates = n.event != 0 && ring.iterates == last &&
               (step.within == kNoSpan || !too_late(n.ts, step.within, made.ts));
    if (iterates) made.row = n.row;
  }
  if (iterates) {
    const std::uint32_t best = node(ring, last).best;
    if (!first || index_before(made.best, best)) made.best = best;
  }
  ring.iterates = ring.end();  // the node to be appended
  return first || iterates;
}

/// Some node of the step in [made.lo, hi) ends a run, as far as its first event tells; `made.best`
/// is the latest of these.
bool SequenceMatcher::has_run(const SequencePlan& plan, const SequenceRings& state, std::uint32_t s,
                              SequenceNode& made, std::uint32_t hi) const {
  const SequenceRing& ring = state.rings[s];
  const SequenceStep& step = plan.steps[s];
  for (std::uint32_t i = hi; i != made.lo;) {
    const SequenceNode& n = node(ring, --i);
    if (n.event == 0) continue;
    if (step.min > 1 && i - n.row + 1 < step.min) {
      if (!index_before(made.lo, n.row)) return false;
      i = n.row;  // nodes of one row that came before are even shorter
      continue;
    }
    made.best = s == 0 ? i - (step.min - 1) : n.best;
    return !index_before(made.best, state.rings[0].begin);
  }
  return false;
}

/// Where first_alone holds: at most one node does, behind those that matches have used.
bool SequenceMatcher::someone_waits(SequenceRing& ring) const {
  while (ring.waits != ring.end() && node(ring, ring.waits).event == 0) ++ring.waits;
  return ring.waits != ring.end();
}

void SequenceMatcher::append(const SequencePlan& plan, const SequenceRings& state, std::uint32_t s,
                             const SequenceNode& made) {
  SequenceRing& ring = state.rings[s];
  if (ring.count > ring.mask) grow(ring);
  ++ring.count;
  SequenceNode& n = node(ring, ring.end() - 1);
  n = made;
  n.after = s + 1 < plan.kept() ? state.rings[s + 1].end() : 0;
}

void SequenceMatcher::grow(SequenceRing& ring) {
  constexpr std::uint32_t kFirstBlock = 4;
  SequenceRing larger = ring;
  larger.mask = ring.block == 0 ? kFirstBlock - 1 : ring.mask * 2 + 1;
  larger.block = arena_.allocate(larger.block_bytes());
  for (std::uint32_t i = ring.begin; i != ring.end(); ++i) node(larger, i) = node(ring, i);
  if (ring.block != 0) arena_.free(ring.block, ring.block_bytes());
  ring = larger;
}

void SequenceMatcher::pop(SequenceRing& ring) {
  drop(node(ring, ring.begin));
  if (ring.waits == ring.begin) ++ring.waits;
  ++ring.begin;
  --ring.count;
}

/// Takes away the nodes from `end` on. REQUIRES: nothing links to them.
void SequenceMatcher::pop_back_to(const SequenceRings& state, std::uint32_t s, std::uint32_t end) {
  SequenceRing& ring = state.rings[s];
  while (ring.end() != end) {
    drop(node(ring, ring.end() - 1));
    --ring.count;
  }
  if (index_before(end, ring.waits)) ring.waits = end;
  if (s == 0) return;
  // What came since then waits for the nodes to come in their places. Amortised O(1): of those that
  // are left none goes this way, so that no node is corrected twice.
  SequenceRing& before = state.rings[s - 1];
  for (std::uint32_t i = before.end(); i != before.begin;) {
    SequenceNode& n = node(before, --i);
    if (!index_before(end, n.after)) break;
    n.after = end;
  }
}

/// Behind the nodes that wait for the step: the pauses of those from there on are not over.
[[gnu::noinline]] std::uint32_t SequenceMatcher::paused_from(const SequenceStep& next,
                                                             const SequenceRing& ring) const {
  const std::uint32_t end = ring.begin + count_first(ring, [&](const SequenceNode& n) {
                              return too_late(n.ts, next.pause, now_);
                            });
  return index_before(end, ring.waits) ? ring.waits : end;  // some wait no more, for a WITHIN
}

/// An event that a pause before the step forbids: the pauses that are not over are broken.
[[gnu::noinline]] void SequenceMatcher::break_pauses(const SequencePlan& plan, std::uint32_t s,
                                                     const SequenceRole& role,
                                                     const SequenceRings& state,
                                                     EventTests& tests) {
  std::int64_t span = -1;
  for (const NotRole& of : role.pauses) {
    const SequenceNot& pause = plan.steps[s].pauses[of.place];
    if (pause.span > span && first_held(of.tests, pause.tests, tests) != kNone) span = pause.span;
  }
  if (span < 0) return;
  SequenceRing& ring = state.rings[s - 1];
  std::uint32_t end = ring.end();
  while (end != ring.waits && !too_late(node(ring, end - 1).ts, span, now_)) --end;
  if (end == ring.end()) return;
  moved_ = true;
  pop_back_to(state, s - 1, end);
}

void SequenceMatcher::release(SequenceRing& ring) {
  while (ring.count > 0) pop(ring);
  if (ring.block != 0) arena_.free(ring.block, ring.block_bytes());
  ring.block = 0;
  ring.mask = 0;
}

void SequenceMatcher::clear(const SequencePlan& plan, SequenceState& state) {
  if (state.lone != 0) {
    events_.release(state.ref);
  } else if (state.ref != 0) {
    auto* const rings = arena_.as<SequenceRing>(state.ref);
    for (std::uint32_t s = 0; s < plan.kept(); ++s) release(rings[s]);
    arena_.free(state.ref, plan.kept() * sizeof(SequenceRing));
  }
  state = {};
}

void SequenceMatcher::drop_expired(const SequencePlan& plan, const SequenceRings& state) {
  SequenceRing& starts = state.rings[0];
  while (starts.count > 0 && too_late(node(starts, starts.begin).ts, plan.within, now_))
    pop(starts);
}

/// Nodes that are too old for the step after them are no longer waited at.
void SequenceMatcher::end_waits(const SequenceStep& next, SequenceRing& ring) {
  while (ring.waits != ring.end() && too_late(node(ring, ring.waits).ts, next.reach, now_)) {
    ++ring.waits;
    moved_ = true;
  }
}

void SequenceMatcher::expire(const SequencePlan& plan, SequenceState& state, std::int64_t now) {
  if (plan.kept() > 0 && !dropped_lone(plan, state, now)) {
    now_ = now;
    const SequenceRings rings = spread(state);
    if (plan.within != kNoSpan) drop_expired(plan, rings);
    for (std::uint32_t s = 1; s < plan.steps.size(); ++s) {
      if (plan.steps[s].reach != kNoSpan) end_waits(plan.steps[s], rings.rings[s - 1]);
    }
    drop_unreached(plan, rings);
    pack(plan, state, rings);
  }
  for (std::size_t i = 0; i < plan.leading.size(); ++i) {
    std::int64_t& last = state.leading()[i];
    if (last != kNoTime && too_late(last, plan.leading[i].span, now)) last = kNoTime;
  }
}

void SequenceMatcher::drop_unreached(const SequencePlan& plan, const SequenceRings& state) {
  for (std::uint32_t s = plan.kept(); s-- > 0;) {
    if (state.rings[s].count > 0) drop_unreached(plan, s, state);
  }
}

/// Nodes at either end that no run goes through: used by a match, without a first event that is
/// left, or no longer waited at and not linked to.
void SequenceMatcher::drop_unreached(const SequencePlan& plan, std::uint32_t s,
                                     const SequenceRings& state) {
  const SequenceRing& starts = state.rings[0];
  SequenceRing& ring = state.rings[s];
  const SequenceStep& step = plan.steps[s];
  const auto gone = [&](const SequenceNode& n) {
    return n.event == 0 || (s > 0 && index_before(n.best, starts.begin));
  };
  while (ring.count > 0 && gone(node(ring, ring.begin))) pop(ring);
  if (ring.count == 0 || step.any_loop()) return;
  // The first node that is still waited at, linked to, or iterated from.
  std::uint32_t needed = ring.waits;
  if (s + 1 == plan.steps.size() && step.loop()) needed = ring.end();
  if (s + 1 < plan.kept() && state.rings[s + 1].count > 0) {
    const SequenceRing& next = state.rings[s + 1];
    const std::uint32_t lo = node(next, next.begin).lo;
    if (index_before(lo, needed)) needed = index_before(lo, ring.begin) ? ring.begin : lo;
  }
  if (step.loop()) {
    // A row is needed from its first node on, but no more of it than the loop may take.
    const auto row_to = [&](std::uint32_t of, std::uint32_t end) {
      const std::uint32_t row = node(ring, of).row;
      if (step.max == kNoLimit || end - ring.begin < step.max) return row;
      const std::uint32_t first = end + 1 - step.max;
      return index_before(row, first) ? first : row;
    };
    const std::uint32_t last = ring.end() - 1;
    if (needed != ring.end()) needed = row_to(needed, needed);
    const bool in_time =
        step.within == kNoSpan || !too_late(node(ring, last).ts, step.within, now_);
    if (in_time && ring.iterates == last) {
      const std::uint32_t row = row_to(last, ring.end());
      if (index_before(row, needed)) needed = row;
    }
  }
  while (ring.count > 0 && index_before(ring.begin, needed)) pop(ring);
  if (ring.count < 2 || step.loop() || s + 1 >= plan.kept()) return;
  // Where nobody waits, what came after the last node of the next step. A run that waits further on
  // would keep all of these behind its own.
  std::uint32_t end = ring.end();
  while (end != ring.begin && index_before(end - 1, ring.waits) &&
         node(ring, end - 1).after == state.rings[s + 1].end()) {
    --end;
  }
  if (end != ring.end()) pop_back_to(state, s, end);
}

bool SequenceMatcher::waits(const SequenceState& state, std::uint32_t index,
                            std::uint64_t seq) const noexcept {
  if (state.lone != 0) return index == 0 && events_.seq(state.ref) == seq;
  if (state.ref == 0) return false;
  const SequenceRing& ring = *arena_.as<SequenceRing>(state.ref);
  if (!index_before(index, ring.end()) || index_before(index, ring.waits)) return false;
  const EventRef event = node(ring, index).event;
  return event != 0 && events_.seq(event) == seq;
}

/// The event is part of a match: no run goes through it any more, at whatever step it was kept.
void SequenceMatcher::consume(const SequencePlan& plan, const SequenceRings& state, std::int64_t ts,
                              std::uint64_t seq) {
  for (std::uint32_t s = 0; s < plan.kept(); ++s) {
    SequenceRing& ring = state.rings[s];
    std::uint32_t from = count_first(ring, [&](const SequenceNode& n) { return n.ts < ts; });
    for (; from < ring.count; ++from) {
      SequenceNode& n = node(ring, ring.begin + from);
      if (n.ts != ts) break;
      if (n.event != 0 && events_.seq(n.event) == seq) drop(n);
    }
  }
}

}  // namespace weir::nfa
