// count, sum and avg: what panes come to is added as they are taken in and subtracted as they are
// dropped, which is exact for integers and durations.
//
// Sums of floats are folded from the first to the last and cannot be put together from parts. From
// a key's first float on its values are kept, in order, until all floats are gone; a window that
// holds one is folded when it closes. What came before is integers, of which the exact sum is
// enough.
#include <cstdint>
#include <vector>

#include "aggregate.hpp"
#include "functions.hpp"
#include "sliding.hpp"
#include "value_queue.hpp"

namespace weir::nfa {
namespace {

class SlidingCount final : public SlidingAggregate {
 public:
  void reserve_keys(Key n) override {
    if (states_.size() < n) states_.resize(n);
  }
  void begin_pane(Key key) override { push(states_[key].panes, std::uint64_t{0}); }
  void add(Key key, const Value& v) override { states_[key].panes.back() += v.is_null() ? 0 : 1; }
  void take_in(Key key) override {
    State& state = states_[key];
    state.window += state.panes[state.taken_in++];
  }
  void drop(Key key) override {
    State& state = states_[key];
    state.window -= state.panes.front();
    state.panes.pop_front();
    --state.taken_in;
  }
  Value result(Key key, Agg, double, ValueArena&) const override {
    return Value::integer(static_cast<std::int64_t>(states_[key].window));
  }
  void close(Key key) override { clear(states_[key].panes); }

 private:
  struct State {
    Queue<std::uint64_t> panes;
    std::uint64_t window = 0;
    std::uint32_t taken_in = 0;  // panes
  };
  std::vector<State> states_;  // by key
};

/// Values by kind, and the sum of integers and durations.
struct Tally {
  Wide exact = 0;
  std::uint64_t ints = 0;
  std::uint64_t floats = 0;
  std::uint64_t durations = 0;
  std::uint64_t others = 0;

  std::uint64_t count() const noexcept { return ints + floats + durations + others; }

  void add(const Value& v) noexcept {
    switch (v.type()) {
      case ValueType::kInt:
        ++ints;
        exact += v.as_int();
        return;
      case ValueType::kDuration:
        ++durations;
        exact += v.as_duration().ns;
        return;
      case ValueType::kFloat:
        ++floats;
        return;
      default:
        ++others;
    }
  }
  Tally& operator+=(const Tally& t) noexcept {
    exact += t.exact;
    ints += t.ints;
    floats += t.floats;
    durations += t.durations;
    others += t.others;
    return *this;
  }
  Tally& operator-=(const Tally& t) noexcept {
    exact -= t.exact;
    ints -= t.ints;
    floats -= t.floats;
    durations -= t.durations;
    others -= t.others;
    return *this;
  }
};

class SlidingSum final : public SlidingAggregate {
 public:
  void reserve_keys(Key n) override {
    if (states_.size() < n) states_.resize(n);
  }
  void begin_pane(Key key) override { push(states_[key].panes, Pane{}); }

  void add(Key key, const Value& v) override {
    if (v.is_null()) return;
    State& state = states_[key];
    Pane& pane = state.panes.back();
    pane.tally.add(v);
    if (v.type() == ValueType::kFloat) {
      ++state.floats;
      if (state.kept == nullptr) state.kept = std::make_unique<ValueQueue>();
    }
    if (state.kept != nullptr) {
      state.kept->push(sample_of(v));
      ++pane.kept;
    }
  }

  void take_in(Key key) override {
    State& state = states_[key];
    const Pane& pane = state.panes[state.taken_in++];
    state.window += pane.tally;
    state.kept_in_window += pane.kept;
  }

  void drop(Key key) override {
    State& state = states_[key];
    const Pane& pane = state.panes.front();
    state.window -= pane.tally;
    if (state.kept != nullptr) {
      state.kept->pop_front(pane.kept);
      state.kept_in_window -= pane.kept;
      state.floats -= pane.tally.floats;
    }
    state.panes.pop_front();
    --state.taken_in;
    if (state.kept != nullptr && state.floats == 0) keep_no_more(state);
  }

  Value result(Key key, Agg agg, double, ValueArena&) const override {
    const State& state = states_[key];
    const Value sum = sum_of(state);
    if (agg == Agg::kSum) return sum;
    const std::uint64_t count = state.window.count();
    return count == 0 ? Value{} : divide(sum, Value::integer(static_cast<std::int64_t>(count)));
  }

  void close(Key key) override {
    State& state = states_[key];
    clear(state.panes);
    state.kept.reset();
  }

 private:
  struct Pane {
    Tally tally;
    std::uint64_t kept = 0;  // of its values, the last
  };
  struct State {
    Tally window;
    Queue<Pane> panes;
    std::uint32_t taken_in = 0;        // panes
    std::uint64_t floats = 0;          // in all panes
    std::unique_ptr<ValueQueue> kept;  // of all panes; none before the first float
    std::uint64_t kept_in_window = 0;
  };

  static void keep_no_more(State& state) {
    for (Pane& pane : state.panes) pane.kept = 0;
    state.kept_in_window = 0;
    state.kept.reset();
  }

  static Value sum_of(const State& state) {
    const Tally& window = state.window;
    const bool numbers = window.ints + window.floats > 0;
    if (window.others > 0 || (window.durations > 0 && numbers)) return {};
    if (window.floats > 0) return fold(state);
    return (numbers ? Sum::of_integers(window.exact, window.ints)
                    : Sum::of_durations(window.exact, window.durations))
        .result();
  }

  static Value fold(const State& state) {
    Wide before = state.window.exact;
    std::uint64_t ints_before = state.window.ints;
    for (std::size_t i = 0; i < state.kept_in_window; ++i) {
      const Value v = state.kept->at(i);
      if (v.type() != ValueType::kInt) continue;
      before -= v.as_int();
      --ints_before;
    }
    Sum sum = Sum::of_integers(before, ints_before);
    for (std::size_t i = 0; i < state.kept_in_window; ++i) sum.add(state.kept->at(i));
    return sum.result();
  }

  std::vector<State> states_;  // by key
};

}  // namespace

std::unique_ptr<SlidingAggregate> make_sliding_count() {
  return std::make_unique<SlidingCount>();
}

std::unique_ptr<SlidingAggregate> make_sliding_sum() {
  return std::make_unique<SlidingSum>();
}

}  // namespace weir::nfa
