// What an aggregate keeps between values. Accumulator's state, and used without it where an
// aggregate is computed in one go.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "weir/event/value.hpp"
#include "weir/nfa/expr.hpp"

namespace weir::nfa {

/// As rules write it: "count_distinct".
std::string_view text_of(Agg agg) noexcept;

__extension__ using Wide = __int128;

/// A running sum. Integers and durations are exact in 128 bits; from the first float on it is
/// folded in binary64. What cannot be added makes it null for good.
class Sum {
 public:
  void add(const Value& v) noexcept;
  /// 0 over nothing.
  Value result() const noexcept;

 private:
  enum class Kind : std::uint8_t { kNothing, kInts, kFloats, kDurations, kNone };
  Kind kind_ = Kind::kNothing;
  Wide exact_ = 0;
  double folded_ = 0;
};

/// Mean and sum of squared distances from it, one value at a time (B. P. Welford, 1962).
class Welford {
 public:
  void add(const Value& v) noexcept;
  /// The population's standard deviation; null over nothing. Of durations a duration.
  Value deviation() const noexcept;

 private:
  ValueType type_ = ValueType::kNull;
  bool unlike_ = false;
  std::uint64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

/// The values in order of first appearance, each once by identical().
class Distinct {
 public:
  void add(const Value& v);
  std::span<const Value> values() const noexcept { return values_; }

 private:
  std::vector<Value> values_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> index_;
  ValueArena arena_;
};

class AggregateState {
 public:
  explicit AggregateState(Agg agg) : agg_(agg) {}
  void add(const Value& v);
  void add_event() noexcept { ++count_; }
  Value result(ValueArena& scratch, double percent) const;

 private:
  void keep_extreme(const Value& v);

  Agg agg_;
  bool unlike_ = false;      // min, max: values that have no order among them
  std::uint64_t count_ = 0;  // of values that are not null
  Sum sum_;
  Welford welford_;
  OwnedValue kept_;  // min, max, first, last
  bool has_first_ = false;
  std::vector<Value> sample_;  // median, percentile: numbers and times, which own nothing
  Distinct distinct_;
};

/// The value below which `percent` of `sample` lies, linearly interpolated between the two nearest;
/// an element itself where one is met exactly. Null over nothing, for values of unlike types, for
/// what has no distances and for percents outside of 0..100. Reorders `sample`. O(n).
Value percentile(std::span<Value> sample, double percent) noexcept;

}  // namespace weir::nfa
