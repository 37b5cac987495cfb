// Of one rule the nodes with its bit tell everything: an event moves all of its runs that wait, so
// that the run of a first event goes on with the first event of the next step behind it, and so on.
#include "weir/nfa/family_matcher.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace weir::nfa {
namespace {

bool has(const std::uint64_t* bits, std::uint32_t place) noexcept {
  return (bits[place / 64] >> (place % 64) & 1) != 0;
}
void remove(std::uint64_t* bits, std::uint32_t place) noexcept {
  bits[place / 64] &= ~(std::uint64_t{1} << (place % 64));
}

}  // namespace

bool FamilyMatcher::find(const FamilyPlan& plan, std::size_t step, EventTests& tests,
                         std::vector<std::uint64_t>& bits) {
  const std::vector<PredicateIndex>& columns = plan.steps[step].columns;
  const std::size_t words = plan.words();
  if (columns.empty()) {
    bits.assign(words, ~std::uint64_t{0});
    if (plan.rules.size() % 64 != 0) bits.back() >>= 64 - plan.rules.size() % 64;
    return true;
  }
  bits.assign(words, 0);
  columns.front().match_bits(tests, bits);
  for (std::size_t c = 1; c < columns.size(); ++c) {
    column_.assign(words, 0);
    columns[c].match_bits(tests, column_);
    for (std::size_t w = 0; w < words; ++w) bits[w] &= column_[w];
  }
  std::uint64_t any = 0;
  for (const std::uint64_t word : bits) any |= word;
  return any != 0;
}

void FamilyMatcher::step(const FamilyPlan& plan, std::size_t step,
                         std::span<const std::uint64_t> bits, const Event& event,
                         FamilyState& state, std::vector<std::uint32_t>& completed) {
  const std::size_t words = plan.words();
  expire(plan, state, event.ts.ns);
  if (step == 0) {
    if (state.waits == 0) {
      const std::size_t bytes = (plan.steps.size() - 1) * words * sizeof(std::uint64_t);
      state.waits = arena_.allocate(bytes);
      std::memset(arena_.at(state.waits), 0, bytes);
    }
    std::uint64_t* const waiting = waits(plan, state, 0);
    for (std::size_t w = 0; w < words; ++w) waiting[w] |= bits[w];
    append(plan, state, step, event, bits);
    return;
  }
  if (state.waits == 0) return;
  std::uint64_t* const before = waits(plan, state, step - 1);
  if (step + 1 == plan.steps.size()) {
    for (std::size_t w = 0; w < words; ++w) {
      for (std::uint64_t m = before[w] & bits[w]; m != 0; m &= m - 1) {
        completed.push_back(
            static_cast<std::uint32_t>(w * 64 + static_cast<unsigned>(std::countr_zero(m))));
      }
    }
    return;
  }
  std::uint64_t* const after = waits(plan, state, step);
  moved_.resize(words);
  std::uint64_t any = 0;
  for (std::size_t w = 0; w < words; ++w) {
    moved_[w] = before[w] & bits[w];
    before[w] &= ~moved_[w];
    after[w] |= moved_[w];
    any |= moved_[w];
  }
  if (any != 0) append(plan, state, step, event, moved_);
}

void FamilyMatcher::append(const FamilyPlan& plan, FamilyState& state, std::size_t step,
                           const Event& event, std::span<const std::uint64_t> bits) {
  const BlockRef ref = arena_.allocate(node_bytes(plan));
  Node& n = *new (arena_.at(ref)) Node{.ts = event.ts.ns,
                                       .event = events_.put(event),
                                       .next = 0,
                                       .step = static_cast<std::uint32_t>(step),
                                       .unused = 0};
  std::ranges::copy(bits, n.bits());
  (state.nodes == 0 ? state.first : node(state.last).next) = ref;
  state.last = ref;
  ++state.nodes;
}

void FamilyMatcher::pop(const FamilyPlan& plan, FamilyState& state) {
  const BlockRef ref = state.first;
  state.first = node(ref).next;
  --state.nodes;
  events_.release(node(ref).event);
  arena_.free(ref, node_bytes(plan));
}

void FamilyMatcher::expire(const FamilyPlan& plan, FamilyState& state, std::int64_t now) {
  if (state.nodes == 0) return;
  while (state.nodes > 0 && now > (Timestamp{node(state.first).ts} + Duration{plan.within}).ns) {
    pop(plan, state);
  }
  if (state.nodes > 0) return;
  std::memset(arena_.at(state.waits), 0,
              (plan.steps.size() - 1) * plan.words() * sizeof(std::uint64_t));
}

void FamilyMatcher::list(const FamilyPlan& plan, std::uint32_t place, std::span<const NameId> names,
                         const Event& event, FamilyState& state, MatchListing& listing) {
  const std::size_t kept = plan.steps.size() - 1;
  path_.clear();
  for (BlockRef ref = state.first; ref != 0 && path_.size() < kept; ref = node(ref).next) {
    Node& n = node(ref);
    if (n.step != path_.size() || !has(n.bits(), place)) continue;
    path_.push_back({names[n.step], &events_.get(n.event)});
  }
  remove(waits(plan, state, kept - 1), place);
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
  for (BlockRef ref = state.first; ref != 0; ref = node(ref).next) {
    Node& n = node(ref);
    if (!has(n.bits(), place) || n.step + 1 != kept) continue;
    last_of_[n.step] = ref;
  }
  for (std::size_t s = kept - 1; s-- > 0;) {
    for (BlockRef ref = state.first; ref != last_of_[s + 1]; ref = node(ref).next) {
      Node& n = node(ref);
      if (n.step == s && has(n.bits(), place)) last_of_[s] = ref;
    }
  }
  for (std::size_t s = 0; s < kept; ++s) {
    for (BlockRef ref = state.first; ref != 0; ref = node(ref).next) {
      if (node(ref).step == s) remove(node(ref).bits(), place);
      if (ref == last_of_[s]) break;
    }
  }
  while (state.nodes > 0) {
    const std::uint64_t* bits = node(state.first).bits();
    if (std::any_of(bits, bits + plan.words(), [](std::uint64_t w) { return w != 0; })) break;
    pop(plan, state);
  }
}

void FamilyMatcher::clear(const FamilyPlan& plan, FamilyState& state) {
  while (state.nodes > 0) pop(plan, state);
  if (state.waits == 0) return;
  arena_.free(state.waits, (plan.steps.size() - 1) * plan.words() * sizeof(std::uint64_t));
  state.waits = 0;
}

}  // namespace weir::nfa
