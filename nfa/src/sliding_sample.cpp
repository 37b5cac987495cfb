// median and percentile: the window's values in order (order_statistics.hpp). A pane's values are
// put in when it is taken in, and taken out when it is dropped; until then they lie in a queue.
//
// Values of one type are integers there in the order of the values, which is all but what mixed
// logs have (12 beside 12.5); those are kept as they are.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "aggregate.hpp"
#include "order_statistics.hpp"
#include "sliding.hpp"

namespace weir::nfa {
namespace {

/// The values of one key's panes.
template <typename T, typename Less>
class SampleQueue {
 public:
  bool empty() const noexcept { return values_.empty(); }
  const Queue<T>& values() const noexcept { return values_; }
  const OrderStatistics<T, Less>& window() const noexcept { return window_; }

  void push(const T& v) { nfa::push(values_, v); }

  /// The first `n` values that are not in the window. They are in order from now on.
  void take_in(std::size_t n, std::vector<T>& scratch) {
    const auto first = values_.begin() + static_cast<std::ptrdiff_t>(window_.size());
    scratch.assign(first, first + static_cast<std::ptrdiff_t>(n));
    std::sort(scratch.begin(), scratch.end(), Less());
    std::copy(scratch.begin(), scratch.end(), first);
    window_.insert(scratch);
  }

  /// The first `n` values, which are in order pane by pane, without a window yet.
  void restore(std::size_t n, std::vector<T>& scratch) {
    scratch.assign(values_.begin(), values_.begin() + static_cast<std::ptrdiff_t>(n));
    std::sort(scratch.begin(), scratch.end(), Less());
    window_.insert(scratch);
  }

  /// The first `n` values, which were taken in together.
  void drop(std::size_t n, std::vector<T>& scratch) {
    const auto front = values_.array_one();
    if (n <= front.second) {
      window_.erase({front.first, n});
    } else {
      scratch.assign(values_.begin(), values_.begin() + static_cast<std::ptrdiff_t>(n));
      window_.erase(scratch);
    }
    values_.erase_begin(n);
  }

  void clear() {
    nfa::clear(values_);
    window_.clear();
  }

  void prefetch() const noexcept {
    if (values_.empty()) return;
    __builtin_prefetch(&values_.front());
    window_.prefetch();
  }

 private:
  Queue<T> values_;
  OrderStatistics<T, Less> window_;  // of the first window_.size() values
};

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

/// What a value coming in reads stands first, in one line of the cache.
struct alignas(64) SampleState {
  ValueType type = ValueType::kNull;
  std::unique_ptr<SampleQueue<Value, SampleLess>> mixed;  // all values, where types differ
  SampleQueue<std::int64_t, std::less<>> alike;           // all values, where they are of `type`

  void prefetch() const noexcept { alike.prefetch(); }
};

class SlidingSample final : public SlidingOf<SlidingSample, SampleState, SamplePane> {
 public:
  void begin_pane_of(SampleState&, SamplePane&) {}

  void add_to(SampleState& state, SamplePane& pane, const Value& v) {
    if (v.is_null()) return;
    ++pane.values;
    const Value value = sample_of(v);
    if (state.mixed == nullptr) {
      if (state.alike.empty()) state.type = value.type();
      if (state.type == value.type()) return state.alike.push(rank_key(value));
      mix(state);
    }
    state.mixed->push(value);
  }

  void take_into(SampleState& state, const SamplePane& pane) {
    if (state.mixed == nullptr) {
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

  Value result_of(const SampleState& state, Agg agg, double percent, ValueArena&) const {
    const double asked = agg == Agg::kMedian ? 50 : percent;
    if (state.mixed != nullptr) {
      const auto& window = state.mixed->window();
      const std::size_t n = window.size();
      if (n == 0 || !have_distances(window.kth(0), window.kth(n - 1))) return {};
      return percentile_of(n, asked, [&](std::size_t k) { return window.kth(k); });
    }
    const auto& window = state.alike.window();
    if (window.size() == 0) return {};
    const Value any = from_rank_key(state.type, 0);
    if (!have_distances(any, any)) return {};
    return percentile_of(window.size(), asked,
                         [&](std::size_t k) { return from_rank_key(state.type, window.kth(k)); });
  }

  void clear(SampleState& state) {
    state.alike.clear();
    state.mixed.reset();
  }

 private:
  /// A value of another type comes: from now on, and until all are gone, they are kept as they are.
  void mix(SampleState& state) {
    state.mixed = std::make_unique<SampleQueue<Value, SampleLess>>();
    for (const std::int64_t k : state.alike.values()) {
      state.mixed->push(from_rank_key(state.type, k));
    }
    state.mixed->restore(state.alike.window().size(), values_);
    state.alike.clear();
  }

  /// REQUIRES: n > 0.
  template <typename Kth>
  static Value percentile_of(std::size_t n, double percent, Kth kth) {
    if (!(percent >= 0 && percent <= 100)) return {};
    const Rank rank = rank_of(percent, n);
    const Value low = kth(rank.low);
    return rank.share == 0 ? low : percentile_between(low, kth(rank.low + 1), rank.share);
  }

  // Scratch, for values that do not lie in one piece.
  std::vector<std::int64_t> keys_;
  std::vector<Value> values_;
};

}  // namespace

std::unique_ptr<SlidingAggregate> make_sliding_sample() {
  return std::make_unique<SlidingSample>();
}

}  // namespace weir::nfa
