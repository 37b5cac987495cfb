// first, last, min and max: of each pane at most one value can be a window's.
//
// The candidates of a window's panes stand in a queue; one that is taken in takes the place of
// those before it that it beats for good, so that the result is always the first: the monotonic
// queue of sliding minima. Each is put in once and taken out once.
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "aggregate.hpp"
#include "kept_value.hpp"
#include "sliding.hpp"

namespace weir::nfa {
namespace {

using Pane = std::uint64_t;  // 1 for a key's first, 2 for the next ...
constexpr std::size_t kTypes = 8;

/// What a pane has to offer.
struct Candidate {
  Pane pane = 0;
  std::uint8_t types = 0;  // min, max: a bit for each type of its values
  KeptValue value;         // min, max: null where it has lists alone
};

struct KeptState {
  Pane oldest = 1;
  Pane in_window = 0;  // the last pane taken in
  Pane newest = 0;
  Queue<Candidate> window;
  Queue<Candidate> outside;         // of panes not taken in
  std::array<Pane, kTypes> last{};  // min, max: the last pane taken in with values of the type
  Queue<Candidate> lists;           // min, max: every list
};

class SlidingKept final : public SlidingOf<SlidingKept, KeptState, NoPart> {
 public:
  explicit SlidingKept(Agg agg) : agg_(agg) {}

  void begin_pane_of(KeptState& state, NoPart&) { ++state.newest; }
  void add_to(KeptState& state, NoPart&, const Value& v);
  void take_into(KeptState& state, NoPart&);
  void drop_from(KeptState& state, NoPart&);
  Value result_of(const KeptState& state, Agg agg, double percent, ValueArena& scratch) const;
  void clear(KeptState& state);

 private:
  bool extreme() const noexcept { return agg_ == Agg::kMin || agg_ == Agg::kMax; }
  /// The later value is the result where both are in the window. False where they have no order.
  bool beats(const Value& later, const Value& earlier) const noexcept;
  /// Whether lists have an order among them depends on what is compared with what: as with
  /// Accumulator, each is held against the best so far.
  Value best_list(const KeptState& state) const noexcept;

  Agg agg_;
};

/// Numbers are of one type here: they have an order.
std::size_t type_of(const Value& v) noexcept {
  return static_cast<std::size_t>(v.is_number() ? ValueType::kInt : v.type());
}

bool SlidingKept::beats(const Value& later, const Value& earlier) const noexcept {
  if (agg_ == Agg::kFirst) return false;
  if (agg_ == Agg::kLast) return true;
  const auto order = compare(later, earlier);
  return order && (agg_ == Agg::kMin ? *order < 0 : *order > 0);
}

void SlidingKept::add_to(KeptState& state, NoPart&, const Value& v) {
  if (extreme() && v.is_null()) return;
  const bool new_candidate = state.outside.empty() || state.outside.back().pane != state.newest;
  if (new_candidate) push(state.outside, Candidate{state.newest, 0, KeptValue()});
  Candidate& candidate = state.outside.back();
  candidate.types |= static_cast<std::uint8_t>(1U << type_of(v));
  if (extreme() && v.type() == ValueType::kList) {
    push(state.lists, Candidate{state.newest, 0, KeptValue(v)});
    return;
  }
  const Value kept = candidate.value.get();
  if (new_candidate || (extreme() && kept.is_null()) || beats(v, kept)) candidate.value.assign(v);
}

void SlidingKept::take_into(KeptState& state, NoPart&) {
  ++state.in_window;
  if (state.outside.empty() || state.outside.front().pane != state.in_window) return;
  Candidate& taken = state.outside.front();
  for (std::size_t type = 0; type < kTypes; ++type) {
    if ((taken.types >> type & 1U) != 0) state.last[type] = taken.pane;
  }
  const Value value = taken.value.get();
  while (!state.window.empty() && beats(value, state.window.back().value.get())) {
    state.window.pop_back();
  }
  push(state.window, std::move(taken));
  state.outside.pop_front();
}

void SlidingKept::drop_from(KeptState& state, NoPart&) {
  if (!state.window.empty() && state.window.front().pane == state.oldest) state.window.pop_front();
  while (!state.lists.empty() && state.lists.front().pane == state.oldest) state.lists.pop_front();
  ++state.oldest;
}

Value SlidingKept::best_list(const KeptState& state) const noexcept {
  Value best;
  for (const Candidate& list : state.lists) {
    if (list.pane > state.in_window) break;
    const Value v = list.value.get();
    if (!best.is_null() && !compare(v, best)) return {};
    if (best.is_null() || beats(v, best)) best = v;
  }
  return best;
}

Value SlidingKept::result_of(const KeptState& state, Agg, double, ValueArena& scratch) const {
  if (state.window.empty()) return {};
  if (extreme()) {
    const auto types = std::count_if(state.last.begin(), state.last.end(),
                                     [&](Pane last) { return last >= state.oldest; });
    if (types > 1) return {};
    if (state.last[static_cast<std::size_t>(ValueType::kList)] >= state.oldest) {
      return scratch.copy(best_list(state));
    }
  }
  return scratch.copy(state.window.front().value.get());
}

void SlidingKept::clear(KeptState& state) {
  nfa::clear(state.window);
  nfa::clear(state.outside);
  nfa::clear(state.lists);
  state.oldest = 1;
  state.in_window = 0;
  state.newest = 0;
  state.last = {};
}

}  // namespace

std::unique_ptr<SlidingAggregate> make_sliding_kept(Agg agg) {
  return std::make_unique<SlidingKept>(agg);
}

}  // namespace weir::nfa
