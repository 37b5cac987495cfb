// count, sum and avg: what panes come to is added as they are taken in and subtracted as they are
// dropped, which is exact for integers and durations.
//
// Sums of floats are folded from the first to the last and cannot be put together from parts. From
// a key's first float on its values are kept, in order, until the panes with floats are gone; a
// window that holds one is folded when it closes. Of the integers before its first float the exact
// sum is enough.
#include <cstdint>

#include "aggregate.hpp"
#include "functions.hpp"
#include "sliding.hpp"
#include "value_queue.hpp"

namespace weir::nfa {
namespace {

struct Counted {
  std::uint64_t values = 0;
};

class SlidingCount final : public SlidingOf<SlidingCount, Counted, Counted> {
 public:
  static constexpr bool kAddsToPart = true;

  void begin_pane_of(Counted&, Counted&) {}
  void add_to(Counted&, Counted& pane, const Value& v) { pane.values += v.is_null() ? 0 : 1; }
  void take_into(Counted& window, const Counted& pane) { window.values += pane.values; }
  void drop_from(Counted& window, const Counted& pane) { window.values -= pane.values; }
  Value result_of(const Counted& window, Agg, double, ValueArena&) const {
    return Value::integer(static_cast<std::int64_t>(window.values));
  }
  void clear(Counted& window) { window = {}; }
};

enum SumType : std::uint8_t { kInts, kFloats, kDurations, kOthers, kSumTypes };

SumType sum_type(ValueType type) noexcept {
  switch (type) {
    case ValueType::kInt:
      return kInts;
    case ValueType::kFloat:
      return kFloats;
    case ValueType::kDuration:
      return kDurations;
    default:
      return kOthers;
  }
}

/// Of one pane.
struct Tally {
  Wide exact = 0;  // sum of integers and durations
  std::uint64_t values = 0;
  std::uint32_t kept = 0;  // of its values, the last
  std::uint8_t types = 0;  // a bit for each SumType
  bool keep = false;       // what comes next

  bool has(unsigned type) const noexcept { return (types >> type & 1U) != 0; }
};

/// The panes of a key are numbered from 1.
struct SumWindow {
  using Pane = std::uint64_t;
  Wide exact = 0;
  std::uint64_t values = 0;
  std::uint64_t kept_values = 0;  // in the window
  Pane oldest = 1;
  Pane taken_in = 0;  // the last pane in the window
  Pane newest = 0;
  Pane last_float = 0;               // the last pane with a float, also outside of the window
  Pane last[kSumTypes] = {};         // the last pane in the window, or before it, with the type
  std::unique_ptr<ValueQueue> kept;  // of all panes

  bool has(SumType type) const noexcept { return last[type] >= oldest; }
};

class SlidingSum final : public SlidingOf<SlidingSum, SumWindow, Tally> {
 public:
  static constexpr bool kAddsToPart = true;

  void begin_pane_of(SumWindow& window, Tally& pane) {
    ++window.newest;
    pane.keep = window.last_float >= window.oldest;
  }

  void add_to(SumWindow& window, Tally& pane, const Value& v) {
    if (v.is_null()) return;
    const SumType type = sum_type(v.type());
    pane.types |= static_cast<std::uint8_t>(1U << type);
    ++pane.values;
    if (type == kInts) pane.exact += v.as_int();
    if (type == kDurations) pane.exact += v.as_duration().ns;
    if (type == kFloats) {
      window.last_float = window.newest;
      pane.keep = true;
    }
    if (!pane.keep) return;
    if (window.kept == nullptr) window.kept = std::make_unique<ValueQueue>();
    window.kept->push(sample_of(v));
    ++pane.kept;
  }

  void take_into(SumWindow& window, const Tally& pane) {
    ++window.taken_in;
    window.exact += pane.exact;
    window.values += pane.values;
    window.kept_values += pane.kept;
    for (unsigned type = 0; type < kSumTypes; ++type) {
      if (pane.has(type)) window.last[type] = window.taken_in;
    }
  }

  void drop_from(SumWindow& window, const Tally& pane) {
    ++window.oldest;
    window.exact -= pane.exact;
    window.values -= pane.values;
    if (pane.kept == 0) return;
    window.kept_values -= pane.kept;
    window.kept->pop_front(pane.kept);
    if (window.kept->size() == 0) window.kept.reset();
  }

  Value result_of(const SumWindow& window, Agg agg, double, ValueArena&) const {
    const Value sum = sum_of(window);
    if (agg == Agg::kSum) return sum;
    return window.values == 0
               ? Value{}
               : divide(sum, Value::integer(static_cast<std::int64_t>(window.values)));
  }

  void clear(SumWindow& window) { window = {}; }

 private:
  static Value sum_of(const SumWindow& window) {
    const bool numbers = window.has(kInts) || window.has(kFloats);
    if (window.has(kOthers) || (window.has(kDurations) && numbers)) return {};
    if (window.has(kFloats)) return fold(window);
    return (numbers ? Sum::of_integers(window.exact, window.values)
                    : Sum::of_durations(window.exact, window.values))
        .result();
  }

  /// From the window's first float on all is kept; before it there are integers only.
  static Value fold(const SumWindow& window) {
    const ValueQueue& kept = *window.kept;
    std::size_t first = 0;
    while (kept.at(first).type() != ValueType::kFloat) ++first;
    Wide before = window.exact;
    for (std::size_t i = first; i < window.kept_values; ++i) {
      if (const Value v = kept.at(i); v.type() == ValueType::kInt) before -= v.as_int();
    }
    Sum sum = Sum::of_integers(before, window.values - (window.kept_values - first));
    for (std::size_t i = first; i < window.kept_values; ++i) sum.add(kept.at(i));
    return sum.result();
  }
};

}  // namespace

std::unique_ptr<SlidingAggregate> make_sliding_count() {
  return std::make_unique<SlidingCount>();
}

std::unique_ptr<SlidingAggregate> make_sliding_sum() {
  return std::make_unique<SlidingSum>();
}

}  // namespace weir::nfa
