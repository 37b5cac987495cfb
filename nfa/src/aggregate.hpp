// What an aggregate keeps between values. Accumulator's state, and used without it where an
// aggregate is computed in one go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "hash_index.hpp"
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
  Sum() = default;
  /// Of `count` integers that come to `exact`.
  static Sum of_integers(Wide exact, std::uint64_t count) noexcept;
  static Sum of_durations(Wide exact, std::uint64_t count) noexcept;

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

/// The values in order of first appearance, each once by identical(). Owns them.
class Distinct {
 public:
  /// False where it was there already, or is null.
  bool add(const Value& v);
  std::span<const Value> values() const noexcept { return values_; }
  /// As new; memory for a few values is kept.
  void clear();

 private:
  std::vector<Value> values_;
  HashIndex index_;  // of values_
  ValueArena arena_;
};

class AggregateState {
 public:
  explicit AggregateState(Agg agg);
  void add(const Value& v);
  void add_event() noexcept { ++count_; }
  Value result(ValueArena& scratch, double percent) const;
  /// As new; memory for a few values is kept.
  void clear();

 private:
  struct Kept {  // min, max, first, last
    OwnedValue value;
    bool has = false;
    bool unlike = false;  // min, max: values that have no order among them
  };
  using Sample = std::vector<Value>;  // median, percentile: numbers and times, which own nothing

  void keep_extreme(Kept& kept, const Value& v) const;

  Agg agg_;
  std::uint64_t count_ = 0;  // of values that are not null
  std::variant<std::monostate, Sum, Welford, Kept, Sample, std::unique_ptr<Distinct>> state_;
};

/// What percentiles take of a value: strings and lists, which have no distances, become null, which
/// makes the result null. Owns nothing.
Value sample_of(const Value& v) noexcept;

/// The order in which percentiles count values: by compare(), equal numbers integers first and -0.0
/// before 0.0, values of unlike types by type. Total: what is equal is the same to the last bit.
bool sample_less(const Value& a, const Value& b) noexcept;

/// Where the percentile of n values lies among them.
struct Rank {
  std::size_t low = 0;
  double share = 0;  // of the way from there to the next
};
/// REQUIRES: n > 0, percent in 0..100.
Rank rank_of(double percent, std::size_t n) noexcept;
/// Linear interpolation between the element at the rank and the next one (any where share is 0).
/// Null for what has no distances. REQUIRES: both come from one sample in the order of
/// sample_less().
Value percentile_between(const Value& low, const Value& high, double share) noexcept;
/// These two have a distance, and so has all that stands between them in the order of
/// sample_less().
bool have_distances(const Value& a, const Value& b) noexcept;

/// The value below which `percent` of `sample` lies, linearly interpolated between the two nearest;
/// an element itself where one is met exactly. Null over nothing, for values of unlike types, for
/// what has no distances and for percents outside of 0..100. Reorders `sample`. O(n).
Value percentile(std::span<Value> sample, double percent) noexcept;

}  // namespace weir::nfa
