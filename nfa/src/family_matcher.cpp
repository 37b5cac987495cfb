#include "weir/nfa/family_matcher.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <new>

#include "weir/nfa/sequence_matcher.hpp"

namespace weir::nfa {
namespace {

/// Whether the rule with this place has the step, and its bit is set.
bool has(const FamilyStep& step, const std::uint64_t* bits, std::uint32_t place) noexcept {
  const std::uint32_t word = place / 64 - step.first_word;  // large where it stands before
  return word < step.words && (bits[word] >> (place % 64) & 1) != 0;
}
void set(const FamilyStep& step, std::uint64_t* bits, std::uint32_t place) noexcept {
  bits[place / 64 - step.first_word] |= std::uint64_t{1} << (place % 64);
}
void remove(const FamilyStep& step, std::uint64_t* bits, std::uint32_t place) noexcept {
  bits[place / 64 - step.first_word] &= ~(std::uint64_t{1} << (place % 64));
}
bool any(std::span<const std::uint64_t> bits) noexcept {
  return std::ranges::any_of(bits, [](std::uint64_t word) { return word != 0; });
}

}  // namespace

bool FamilyMatcher::awaited(const FamilyPlan& plan, std::uint32_t step,
                            const FamilyState& state) const noexcept {
  const FamilyStep& s = plan.steps[step];
  if (s.parent == kNoStep) return true;
  if (state.waits == 0) return false;
  const FamilyStep& parent = plan.steps[s.parent];
  return any({waits(plan, state, s.parent) + (s.first_word - parent.first_word), s.words});
}

bool FamilyMatcher::find(const FamilyTest& test, EventTests& tests, const Bits& members,
                         Bits& bits) {
  bits = test.rules;
  for (std::size_t w = 0; w < test.words && !members.empty(); ++w) {
    bits[w] &= members[test.first_word + w];
  }
  for (const FamilyTest::Column& column : test.columns) {
    if (column.without.empty()) {
      column_.assign(test.words, 0);
    } else {
      column_ = column.without;
    }
    column.index.match_bits(tests, column_);
    for (std::size_t w = 0; w < test.words; ++w) bits[w] &= column_[w];
  }
  return any(bits);
}

void FamilyMatcher::step(const FamilyPlan& plan, std::uint32_t step, Bits& bits, const Event& event,
                         FamilyState& state, std::vector<std::uint32_t>& completed) {
  const FamilyStep& s = plan.steps[step];
  expire(plan, state, event.ts.ns);
  if (state.waits == 0) {
    if (s.parent != kNoStep) return bits.assign(s.words, 0);
    const std::size_t bytes = plan.wait_words * sizeof(std::uint64_t);
    state.waits = arena_.allocate(bytes);
    std::memset(arena_.at(state.waits), 0, bytes);
  }
  std::uint64_t* before = nullptr;
  if (s.parent != kNoStep) {
    before = waits(plan, state, s.parent) + (s.first_word - plan.steps[s.parent].first_word);
  }
  moved_.resize(s.words);
  for (std::size_t w = 0; w < s.words; ++w) {
    if (before != nullptr) bits[w] &= before[w];
    for (std::uint64_t m = bits[w] & s.last[w]; m != 0; m &= m - 1) {
      const auto bit = static_cast<unsigned>(std::countr_zero(m));
      completed.push_back(static_cast<std::uint32_t>((s.first_word + w) * 64 + bit));
    }
    moved_[w] = bits[w] & ~s.last[w];
    if (before != nullptr) before[w] &= ~moved_[w];
  }
  if (!any(moved_)) return;
  std::uint64_t* const after = waits(plan, state, step);
  for (std::size_t w = 0; w < s.words; ++w) after[w] |= moved_[w];
  append(plan, state, step, event.ts.ns, events_.put(event), moved_);
}

void FamilyMatcher::end_waits(const FamilyPlan& plan, std::uint32_t step,
                              std::span<const std::uint64_t> bits,
                              std::span<const std::uint64_t> took, const Event& event,
                              FamilyState& state) {
  const FamilyStep& s = plan.steps[step];
  expire(plan, state, event.ts.ns);
  std::uint64_t* const before =
      waits(plan, state, s.parent) + (s.first_word - plan.steps[s.parent].first_word);
  moved_.resize(s.words);
  for (std::size_t w = 0; w < s.words; ++w) {
    moved_[w] = before[w] & bits[w] & ~took[w];
    before[w] &= ~moved_[w];
  }
  if (any(moved_)) append(plan, state, step, event.ts.ns, 0, moved_);
}

void FamilyMatcher::append(const FamilyPlan& plan, FamilyState& state, std::uint32_t step,
                           std::int64_t ts, EventRef event, std::span<const std::uint64_t> bits) {
  const BlockRef ref = arena_.allocate(node_bytes(plan, step));
  Node& n = *new (arena_.at(ref)) Node{.ts = ts,
                                       .event = event,
                                       .previous = state.nodes == 0 ? 0 : state.last,
                                       .next = 0,
                                       .step = step};
  std::ranges::copy(bits, n.bits());
  const FamilyStep& s = plan.steps[step];
  if (s.parent == kNoStep) std::fill_n(n.done(s), s.words, 0);
  (state.nodes == 0 ? state.first : node(state.last).next) = ref;
  state.last = ref;
  ++state.nodes;
}

void FamilyMatcher::pop(const FamilyPlan& plan, FamilyState& state) {
  const BlockRef ref = state.first;
  state.first = node(ref).next;
  --state.nodes;
  if (state.nodes > 0) node(state.first).previous = 0;
  if (node(ref).event != 0) events_.release(node(ref).event);
  arena_.free(ref, node_bytes(plan, node(ref).step));
}

void FamilyMatcher::expire(const FamilyPlan& plan, FamilyState& state, std::int64_t now) {
  if (state.nodes == 0) return;
  while (state.nodes > 0) {
    const Node& oldest = node(state.first);
    if (!too_late(oldest.ts, plan.steps[oldest.step].within, now)) return;
    pop(plan, state);
  }
  std::memset(arena_.at(state.waits), 0, plan.wait_words * sizeof(std::uint64_t));
}

/// The first node that may be of one of the rule's runs that are left; 0: there is none.
BlockRef FamilyMatcher::first_of(const FamilyPlan& plan, const FamilyState& state,
                                 std::uint32_t place, std::int64_t now) const noexcept {
  const FamilyStep& begin = plan.steps.front();
  const std::int64_t within = plan.members[place].within;
  BlockRef first = 0;
  for (BlockRef ref = state.nodes == 0 ? 0 : state.last; ref != 0; ref = node(ref).previous) {
    Node& n = node(ref);
    if (too_late(n.ts, within, now) || (n.step == 0 && has(begin, n.done(begin), place))) break;
    first = ref;
  }
  return first;
}

/// Fills depths_ with the rule's nodes from `first` on.
void FamilyMatcher::collect(const FamilyPlan& plan, std::uint32_t place, BlockRef first) {
  const std::vector<FamilyMember::At>& path = plan.members[place].path;
  if (depths_.size() < path.size()) depths_.resize(path.size());
  for (std::size_t d = 0; d < path.size(); ++d) {
    Depth& depth = depths_[d];
    depth.nodes.clear();
    depth.ends.clear();
    depth.at = depth.end_at = 0;
  }
  std::uint32_t order = 0;
  for (BlockRef ref = first; ref != 0; ref = node(ref).next, ++order) {
    Node& n = node(ref);
    const FamilyStep& s = plan.steps[n.step];
    if (s.depth >= path.size() || path[s.depth].step != n.step || !has(s, n.bits(), place))
      continue;
    (n.event != 0 ? depths_[s.depth].nodes : depths_[s.depth - 1].ends).push_back({ref, order});
  }
}

/// The run of a first event, up to `event`, which those that wait for the last step take. REQUIRES:
/// starts ascend from one collect() on.
FamilyMatcher::Fate FamilyMatcher::follow(const FamilyMember& member, std::size_t start,
                                          const Event& event) {
  const std::size_t kept = member.path.size() - 1;
  run_.assign(1, depths_.front().nodes[start]);
  for (std::size_t d = 1; d <= kept; ++d) {
    const Place from = run_.back();
    Depth& before = depths_[d - 1];
    while (before.end_at < before.ends.size() && before.ends[before.end_at].order < from.order) {
      ++before.end_at;
    }
    const bool ends = before.end_at < before.ends.size();
    std::int64_t ts = event.ts.ns;
    if (d == kept) {
      if (ends) return Fate::kEnded;
    } else {
      Depth& to = depths_[d];
      while (to.at < to.nodes.size() && to.nodes[to.at].order < from.order) ++to.at;
      if (to.at == to.nodes.size()) return ends ? Fate::kEnded : Fate::kWaits;
      if (ends && before.ends[before.end_at].order < to.nodes[to.at].order) return Fate::kEnded;
      ts = node(to.nodes[to.at].node).ts;
      run_.push_back(to.nodes[to.at]);
    }
    const std::int64_t reach = member.path[d].reach;
    if (reach != kNoSpan && too_late(node(from.node).ts, reach, ts)) return Fate::kEnded;
  }
  return Fate::kComplete;
}

void FamilyMatcher::list(const FamilyPlan& plan, std::uint32_t place, const Event& event,
                         FamilyState& state, MatchListing& listing) {
  const FamilyMember& member = plan.members[place];
  const std::size_t kept = member.path.size() - 1;
  const std::uint32_t last_step = member.path[kept - 1].step;
  remove(plan.steps[last_step], waits(plan, state, last_step), place);
  const BlockRef first = first_of(plan, state, place, event.ts.ns);
  if (first == 0) return;  // what waited has expired
  collect(plan, place, first);
  const std::vector<Place>& starts = depths_.front().nodes;
  std::uint64_t wanted = listing.wanted();
  std::uint32_t behind = 0;  // matches that begin there are reported
  std::size_t gone = 0;      // starts of which no run is left
  for (; gone < starts.size(); ++gone) {
    const Fate fate = follow(member, gone, event);
    if (fate == Fate::kWaits) break;
    if (fate == Fate::kEnded || starts[gone].order < behind) continue;
    if (wanted > 0) {
      --wanted;
      path_.clear();
      for (std::size_t d = 0; d < kept; ++d) {
        path_.push_back({member.path[d].name, &events_.get(node(run_[d].node).event)});
      }
      path_.push_back({member.path[kept].name, &event});
      listing.on_match(path_);
    } else {
      listing.on_more(1);
    }
    behind = member.skip_to < kept ? run_[member.skip_to].order
                                   : std::numeric_limits<std::uint32_t>::max();
  }
  if (member.skip_to != kNoStep) {
    while (gone < starts.size() && starts[gone].order < behind) ++gone;
  }
  forget(plan, place, gone, state);
}

/// The rule's runs of so many first events are over.
void FamilyMatcher::forget(const FamilyPlan& plan, std::uint32_t place, std::size_t starts,
                           FamilyState& state) {
  if (starts == 0) return;
  const std::vector<Place>& first = depths_.front().nodes;
  const FamilyStep& begin = plan.steps.front();
  set(begin, node(first[starts - 1].node).done(begin), place);
  // What came before the first one that is left is of no use to the rule.
  const std::uint32_t end =
      starts < first.size() ? first[starts].order : std::numeric_limits<std::uint32_t>::max();
  const auto drop = [&](const std::vector<Place>& places) {
    for (const Place& at : places) {
      if (at.order >= end) break;
      Node& n = node(at.node);
      remove(plan.steps[n.step], n.bits(), place);
    }
  };
  for (std::size_t d = 0; d < plan.members[place].path.size(); ++d) {
    drop(depths_[d].nodes);
    drop(depths_[d].ends);
  }
  while (state.nodes > 0) {
    Node& oldest = node(state.first);
    if (any({oldest.bits(), plan.steps[oldest.step].words})) break;
    pop(plan, state);
  }
}

void FamilyMatcher::clear(const FamilyPlan& plan, FamilyState& state) {
  while (state.nodes > 0) pop(plan, state);
  if (state.waits == 0) return;
  arena_.free(state.waits, plan.wait_words * sizeof(std::uint64_t));
  state.waits = 0;
}

}  // namespace weir::nfa
