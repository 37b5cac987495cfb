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

class SlidingDeviation final : public SlidingAggregate {
 public:
  void reserve_keys(Key n) override {
    if (states_.size() < n) states_.resize(n);
  }
  void begin_pane(Key key) override { push(states_[key].panes, std::uint32_t{0}); }

  void add(Key key, const Value& v) override {
    if (v.is_null()) return;
    State& state = states_[key];
    ++state.panes.back();
    // Text has no deviation, whatever it says.
    const bool text = v.type() == ValueType::kString || v.type() == ValueType::kList;
    state.values.push(text ? Value::boolean(true) : v);
  }

  void take_in(Key key) override {
    State& state = states_[key];
    state.in_window += state.panes[state.taken_in++];
  }

  void drop(Key key) override {
    State& state = states_[key];
    state.in_window -= state.panes.front();
    state.values.pop_front(state.panes.front());
    state.panes.pop_front();
    --state.taken_in;
  }

  Value result(Key key, Agg, double, ValueArena&) const override {
    const State& state = states_[key];
    Welford fold;
    for (std::size_t i = 0; i < state.in_window; ++i) fold.add(state.values.at(i));
    return fold.deviation();
  }

  void close(Key key) override {
    clear(states_[key].panes);
    states_[key].values.clear();
  }

 private:
  struct State {
    Queue<std::uint32_t> panes;  // values of each
    std::uint32_t taken_in = 0;  // panes
    std::size_t in_window = 0;   // values
    ValueQueue values;
  };
  std::vector<State> states_;  // by key
};

class SlidingDistinct final : public SlidingAggregate {
 public:
  void reserve_keys(Key n) override {
    if (states_.size() < n) states_.resize(n);
  }
  void begin_pane(Key key) override { push(states_[key].panes, take_set()); }
  void add(Key key, const Value& v) override { states_[key].panes.back()->add(v); }
  void take_in(Key key) override { ++states_[key].taken_in; }

  void drop(Key key) override {
    State& state = states_[key];
    state.panes.front()->clear();
    free_.push_back(std::move(state.panes.front()));
    state.panes.pop_front();
    --state.taken_in;
  }

  Value result(Key key, Agg agg, double, ValueArena& scratch) const override {
    const State& state = states_[key];
    Distinct all;
    for (std::uint32_t i = 0; i < state.taken_in; ++i) {
      for (const Value& v : state.panes[i]->values()) all.add(v);
    }
    if (agg == Agg::kDistinct) return scratch.copy(Value::list(all.values()));
    return Value::integer(static_cast<std::int64_t>(all.values().size()));
  }

  void close(Key key) override { clear(states_[key].panes); }

 private:
  using Set = std::unique_ptr<Distinct>;
  struct State {
    Queue<Set> panes;
    std::uint32_t taken_in = 0;  // panes
  };

  Set take_set() {
    if (free_.empty()) return std::make_unique<Distinct>();
    Set set = std::move(free_.back());
    free_.pop_back();
    return set;
  }

  std::vector<State> states_;  // by key
  std::vector<Set> free_;
};

}  // namespace

std::unique_ptr<SlidingAggregate> make_sliding_deviation() {
  return std::make_unique<SlidingDeviation>();
}

std::unique_ptr<SlidingAggregate> make_sliding_distinct() {
  return std::make_unique<SlidingDistinct>();
}

}  // namespace weir::nfa
