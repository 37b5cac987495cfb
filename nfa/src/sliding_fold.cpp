// stddev, distinct and count_distinct: folded from the window's first value to its last when it
// closes. A fold of stddev goes over all values (Welford's method has one order, and its result
// depends on it), one of distinct over what is distinct in each pane.
#include <cstdint>
#include <vector>

#include "aggregate.hpp"
#include "sliding.hpp"
#include "value_queue.hpp"

namespace weir::nfa {
namespace {

struct DeviationPane {
  std::uint32_t values = 0;
};

struct DeviationState {
  ValueQueue values;
  std::size_t in_window = 0;
};

class SlidingDeviation final : public SlidingOf<SlidingDeviation, DeviationState, DeviationPane> {
 public:
  void begin_pane_of(DeviationState&, DeviationPane&) {}

  void add_to(DeviationState& state, DeviationPane& pane, const Value& v) {
    if (v.is_null()) return;
    ++pane.values;
    // Text has no deviation, whatever it says.
    const bool text = v.type() == ValueType::kString || v.type() == ValueType::kList;
    state.values.push(text ? Value::boolean(true) : v);
  }

  void take_into(DeviationState& state, const DeviationPane& pane) {
    state.in_window += pane.values;
  }

  void drop_from(DeviationState& state, const DeviationPane& pane) {
    state.in_window -= pane.values;
    state.values.pop_front(pane.values);
  }

  Value result_of(const DeviationState& state, Agg, double, ValueArena&) const {
    Welford fold;
    for (std::size_t i = 0; i < state.in_window; ++i) fold.add(state.values.at(i));
    return fold.deviation();
  }

  void clear(DeviationState& state) { state.values.clear(); }
};

struct DistinctState {
  Queue<std::unique_ptr<Distinct>> sets;  // of each pane
  std::size_t in_window = 0;              // panes
};

class SlidingDistinct final : public SlidingOf<SlidingDistinct, DistinctState, NoPart> {
 public:
  void begin_pane_of(DistinctState& state, NoPart&) { push(state.sets, take_set()); }
  void add_to(DistinctState& state, NoPart&, const Value& v) { state.sets.back()->add(v); }
  void take_into(DistinctState& state, const NoPart&) { ++state.in_window; }

  void drop_from(DistinctState& state, const NoPart&) {
    state.sets.front()->clear();
    free_.push_back(std::move(state.sets.front()));
    state.sets.pop_front();
    --state.in_window;
  }

  Value result_of(const DistinctState& state, Agg agg, double, ValueArena& scratch) const {
    Distinct all;
    for (std::size_t i = 0; i < state.in_window; ++i) {
      for (const Value& v : state.sets[i]->values()) all.add(v);
    }
    if (agg == Agg::kDistinct) return scratch.copy(Value::list(all.values()));
    return Value::integer(static_cast<std::int64_t>(all.values().size()));
  }

  void clear(DistinctState& state) { nfa::clear(state.sets); }

 private:
  std::unique_ptr<Distinct> take_set() {
    if (free_.empty()) return std::make_unique<Distinct>();
    std::unique_ptr<Distinct> set = std::move(free_.back());
    free_.pop_back();
    return set;
  }

  std::vector<std::unique_ptr<Distinct>> free_;
};

}  // namespace

std::unique_ptr<SlidingAggregate> make_sliding_deviation() {
  return std::make_unique<SlidingDeviation>();
}

std::unique_ptr<SlidingAggregate> make_sliding_distinct() {
  return std::make_unique<SlidingDistinct>();
}

}  // namespace weir::nfa
