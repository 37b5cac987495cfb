// median and percentile: of the window's values those around the ranks that are asked for stand in
// order (sample_window.hpp).
//
// Values of one type are integers there in the order of the values, which is all but what mixed
// logs have (12 beside 12.5); those are kept as they are.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "aggregate.hpp"
#include "sample_window.hpp"
#include "sliding.hpp"

namespace weir::nfa {
namespace {

struct SampleLess {
  bool operator()(const Value& a, const Value& b) const noexcept { return sample_less(a, b); }
};

/// In the order of sample_less() among values of one type.
std::int64_t rank_key(const Value& v) noexcept {
  if (v.type() != ValueType::kFloat) return v.as_int();
  const auto bits = std::bit_cast<std::int64_t>(v.as_float());
  return bits < 0 ? bits ^ std::numeric_limits<std::int64_t>::max() : bits;
}

Value from_rank_key(ValueType type, std::int64_t key) noexcept {
  switch (type) {
    case ValueType::kBool:
      return Value::boolean(key != 0);
    case ValueType::kInt:
      return Value::integer(key);
    case ValueType::kFloat:
      return Value::real(
          std::bit_cast<double>(key < 0 ? key ^ std::numeric_limits<std::int64_t>::max() : key));
    case ValueType::kTimestamp:
      return Value::timestamp({key});
    case ValueType::kDuration:
      return Value::duration({key});
    case ValueType::kNull:
    case ValueType::kString:
    case ValueType::kList:
      break;
  }
  return {};
}

struct SamplePane {
  std::uint32_t values = 0;
};

/// What a value coming in reads and writes stands first, in one line of the cache.
struct alignas(64) SampleState {
  ValueType type = ValueType::kNull;
  std::uint8_t latest_count = 0;
  std::unique_ptr<SampleWindow<Value, SampleLess>> mixed;  // all values, where types differ
  std::array<std::int64_t, 6> latest;
  /// All values, where they are of `type`; but for the latest, which come there together.
  SampleWindow<std::int64_t, std::less<>> alike;

  bool empty() const noexcept { return latest_count == 0 && alike.empty(); }
  void push(std::int64_t key) {
    if (latest_count == latest.size()) settle();
    latest[latest_count++] = key;
  }
  void settle() {
    for (std::uint8_t i = 0; i < latest_count; ++i) alike.push(latest[i]);
    latest_count = 0;
  }

  void prefetch() const noexcept { alike.prefetch(); }
  void prefetch_add() const noexcept {
    if (latest_count == latest.size()) __builtin_prefetch(&alike);
  }
};

class SlidingSample final : public SlidingOf<SlidingSample, SampleState, SamplePane> {
 public:
  void expect(Agg agg, double percent) override {
    const double asked = asked_by(agg, percent);
    if (!is_percent(asked)) return;
    lowest_ = std::min(lowest_, asked);
    highest_ = std::max(highest_, asked);
  }

  void begin_pane_of(SampleState&, SamplePane&) {}

  void add_to(SampleState& state, SamplePane& pane, const Value& v) {
    if (v.is_null()) return;
    ++pane.values;
    const Value value = sample_of(v);
    if (state.mixed == nullptr) {
      if (state.empty()) state.type = value.type();
      if (state.type == value.type()) return state.push(rank_key(value));
      mix(state);
    }
    state.mixed->push(value);
  }

  void take_into(SampleState& state, const SamplePane& pane) {
    if (state.mixed == nullptr) {
      state.settle();
      state.alike.take_in(pane.values, keys_);
    } else {
      state.mixed->take_in(pane.values, values_);
    }
  }

  void drop_from(SampleState& state, const SamplePane& pane) {
    if (state.mixed == nullptr) return state.alike.drop(pane.values, keys_);
    state.mixed->drop(pane.values, values_);
    if (state.mixed->empty()) state.mixed.reset();
  }

  Value result_of(SampleState& state, Agg agg, double percent, ValueArena&) {
    const double asked = asked_by(agg, percent);
    if (state.mixed != nullptr) {
      auto& window = *state.mixed;
      const std::size_t n = window.size();
      if (n == 0) return {};
      window.focus(0, n - 1, values_);
      if (!have_distances(window.kth(0), window.kth(n - 1))) return {};
      return percentile_of(n, asked, [&](std::size_t k) { return window.kth(k); });
    }
    auto& window = state.alike;
    const std::size_t n = window.size();
    if (n == 0) return {};
    const Value any = from_rank_key(state.type, 0);
    if (!have_distances(any, any)) return {};
    // All that are expected, so that one does not move the bounds away from another.
    if (is_percent(asked)) {
      window.focus(rank_of(lowest_, n).low, std::min(rank_of(highest_, n).low + 1, n - 1), keys_);
    }
    return percentile_of(n, asked,
                         [&](std::size_t k) { return from_rank_key(state.type, window.kth(k)); });
  }

  void clear(SampleState& state) {
    state.latest_count = 0;
    state.alike.clear();
    state.mixed.reset();
  }

 private:
  /// A value of another type comes: from now on, and until all are gone, they are kept as they are.
  void mix(SampleState& state) {
    state.settle();
    state.mixed = std::make_unique<SampleWindow<Value, SampleLess>>();
    for (const std::int64_t k : state.alike.members()) {
      state.mixed->push(from_rank_key(state.type, k));
    }
    state.mixed->take_in(state.alike.size(), values_);
    state.alike.clear();
  }

  static double asked_by(Agg agg, double percent) noexcept {
    return agg == Agg::kMedian ? 50 : percent;
  }
  static bool is_percent(double percent) noexcept { return percent >= 0 && percent <= 100; }

  /// REQUIRES: n > 0.
  template <typename Kth>
  static Value percentile_of(std::size_t n, double percent, Kth kth) {
    if (!is_percent(percent)) return {};
    const Rank rank = rank_of(percent, n);
    const Value low = kth(rank.low);
    return rank.share == 0 ? low : percentile_between(low, kth(rank.low + 1), rank.share);
  }

  double lowest_ = 100;  // percent, of those expected
  double highest_ = 0;
  // Scratch.
  std::vector<std::int64_t> keys_;
  std::vector<Value> values_;
};

}  // namespace

std::unique_ptr<SlidingAggregate> make_sliding_sample() {
  return std::make_unique<SlidingSample>();
}

}  // namespace weir::nfa
