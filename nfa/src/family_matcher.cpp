// Of one rule the nodes with its bit tell everything: an event moves all of its runs that wait, so
// that the run of a first event goes on with the first event of the next step behind it, and so on.
#include "weir/nfa/family_matcher.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

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
  const std::uint32_t parent = plan.steps[step].parent;
  if (parent == kNoStep) return true;
  return state.waits != 0 && any({waits(plan, state, parent), plan.steps[parent].words});
}

bool FamilyMatcher::find(const FamilyPlan& plan, std::uint32_t step, EventTests& tests,
                         std::vector<std::uint64_t>& bits) {
  const FamilyStep& s = plan.steps[step];
  bits = s.rules;
  for (const FamilyStep::Column& column : s.columns) {
    if (column.without.empty()) {
      column_.assign(s.words, 0);
    } else {
      column_ = column.without;
    }
    column.index.match_bits(tests, column_);
    for (std::size_t w = 0; w < s.words; ++w) bits[w] &= column_[w];
  }
  return any(bits);
}

void FamilyMatcher::step(const FamilyPlan& plan, std::uint32_t step,
                         std::span<const std::uint64_t> bits, const Event& event,
                         FamilyState& state, std::vector<std::uint32_t>& completed) {
  const FamilyStep& s = plan.steps[step];
  expire(plan, state, event.ts.ns);
  if (state.waits == 0) {
    if (s.parent != kNoStep) return;
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
    const std::uint64_t takes = before == nullptr ? bits[w] : before[w] & bits[w];
    for (std::uint64_t m = takes & s.last[w]; m != 0; m &= m - 1) {
      const auto bit = static_cast<unsigned>(std::countr_zero(m));
      completed.push_back(static_cast<std::uint32_t>((s.first_word + w) * 64 + bit));
    }
    moved_[w] = takes & ~s.last[w];
    if (before != nullptr) before[w] &= ~moved_[w];
  }
  if (!any(moved_)) return;
  std::uint64_t* const after = waits(plan, state, step);
  for (std::size_t w = 0; w < s.words; ++w) after[w] |= moved_[w];
  append(plan, state, step, event, moved_);
}

void FamilyMatcher::append(const FamilyPlan& plan, FamilyState& state, std::uint32_t step,
                           const Event& event, std::span<const std::uint64_t> bits) {
  const BlockRef ref = arena_.allocate(node_bytes(plan, step));
  Node& n = *new (arena_.at(ref)) Node{.ts = event.ts.ns,
                                       .event = events_.put(event),
                                       .previous = state.nodes == 0 ? 0 : state.last,
                                       .next = 0,
                                       .step = step};
  std::ranges::copy(bits, n.bits());
  std::fill_n(n.done(plan.steps[step]), bits.size(), 0);
  (state.nodes == 0 ? state.first : node(state.last).next) = ref;
  state.last = ref;
  ++state.nodes;
}

void FamilyMatcher::pop(const FamilyPlan& plan, FamilyState& state) {
  const BlockRef ref = state.first;
  state.first = node(ref).next;
  --state.nodes;
  if (state.nodes > 0) node(state.first).previous = 0;
  events_.release(node(ref).event);
  arena_.free(ref, node_bytes(plan, node(ref).step));
}

void FamilyMatcher::expire(const FamilyPlan& plan, FamilyState& state, std::int64_t now) {
  if (state.nodes == 0) return;
  while (state.nodes > 0 && now > (Timestamp{node(state.first).ts} + Duration{plan.within}).ns) {
    pop(plan, state);
  }
  if (state.nodes > 0) return;
  std::memset(arena_.at(state.waits), 0, plan.wait_words * sizeof(std::uint64_t));
}

/// The first node that may have the rule's bit; 0: none has.
BlockRef FamilyMatcher::first_of(const FamilyPlan& plan, const FamilyState& state,
                                 std::uint32_t place) const noexcept {
  BlockRef first = 0;
  for (BlockRef ref = state.nodes == 0 ? 0 : state.last; ref != 0; ref = node(ref).previous) {
    const FamilyStep& step = plan.steps[node(ref).step];
    if (has(step, node(ref).done(step), place)) break;
    first = ref;
  }
  return first;
}

void FamilyMatcher::list(const FamilyPlan& plan, std::uint32_t place, std::span<const NameId> names,
                         const Event& event, FamilyState& state, MatchListing& listing) {
  const std::vector<std::uint32_t>& way = plan.paths[place];
  const std::size_t kept = way.size() - 1;
  const auto of_rule = [&](Node& n) { return has(plan.steps[n.step], n.bits(), place); };
  const BlockRef first = first_of(plan, state, place);
  path_.clear();
  for (BlockRef ref = first; ref != 0 && path_.size() < kept; ref = node(ref).next) {
    Node& n = node(ref);
    if (n.step != way[path_.size()] || !of_rule(n)) continue;
    path_.push_back({names[path_.size()], &events_.get(n.event)});
  }
  remove(plan.steps[way[kept - 1]], waits(plan, state, way[kept - 1]), place);
  if (path_.size() < kept) return;  // what waited has expired
  path_.push_back({names[kept], &event});
  if (listing.wanted() > 0) {
    listing.on_match(path_);
  } else {
    listing.on_more(1);
  }

  // All runs that waited share the event, and go with it: their events of each step are those up to
  // the last one that the last of the next step took along.
  last_of_.assign(kept, 0);
  for (BlockRef ref = first; ref != 0; ref = node(ref).next) {
    if (node(ref).step == way[kept - 1] && of_rule(node(ref))) last_of_[kept - 1] = ref;
  }
  for (std::size_t s = kept - 1; s-- > 0;) {
    for (BlockRef ref = first; ref != last_of_[s + 1]; ref = node(ref).next) {
      if (node(ref).step == way[s] && of_rule(node(ref))) last_of_[s] = ref;
    }
  }
  for (std::size_t s = 0; s < kept; ++s) {
    for (BlockRef ref = first; ref != 0; ref = node(ref).next) {
      if (node(ref).step == way[s]) remove(plan.steps[way[s]], node(ref).bits(), place);
      if (ref == last_of_[s]) break;
    }
  }
  const FamilyStep& begin = plan.steps[way.front()];
  set(begin, node(last_of_.front()).done(begin), place);
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
