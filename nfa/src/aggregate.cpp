// Aggregates, value by value.
#include "aggregate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "functions.hpp"

namespace weir::nfa {

void Sum::add(const Value& v) noexcept {
  if (v.is_null() || kind_ == Kind::kNone) return;
  if (v.type() == ValueType::kDuration && (kind_ == Kind::kNothing || kind_ == Kind::kDurations)) {
    kind_ = Kind::kDurations;
    exact_ += v.as_duration().ns;
    return;
  }
  if (!v.is_number() || kind_ == Kind::kDurations) {
    kind_ = Kind::kNone;
    return;
  }
  if (kind_ == Kind::kFloats) {
    folded_ += v.number();
  } else if (v.type() == ValueType::kInt) {
    kind_ = Kind::kInts;
    exact_ += v.as_int();
  } else {
    // A lone float keeps its sign of zero.
    folded_ = kind_ == Kind::kInts ? static_cast<double>(exact_) + v.as_float() : v.as_float();
    kind_ = Kind::kFloats;
  }
}

Value Sum::result() const noexcept {
  const bool fits = exact_ >= std::numeric_limits<std::int64_t>::min() &&
                    exact_ <= std::numeric_limits<std::int64_t>::max();
  switch (kind_) {
    case Kind::kNothing:
      return Value::integer(0);
    case Kind::kInts:
      return fits ? Value::integer(static_cast<std::int64_t>(exact_)) : Value{};
    case Kind::kDurations:
      return fits ? Value::duration({static_cast<std::int64_t>(exact_)}) : Value{};
    case Kind::kFloats:
      return finite(folded_);
    case Kind::kNone:
      return {};
  }
  return {};
}

void Welford::add(const Value& v) noexcept {
  double x = 0;
  ValueType type = ValueType::kFloat;  // any number
  if (v.is_number()) {
    x = v.number();
  } else if (v.type() == ValueType::kDuration) {
    x = static_cast<double>(v.as_duration().ns);
    type = ValueType::kDuration;
  } else {
    unlike_ = unlike_ || !v.is_null();
    return;
  }
  unlike_ = unlike_ || (count_ > 0 && type != type_);
  type_ = type;
  ++count_;
  const double distance = x - mean_;
  mean_ += distance / static_cast<double>(count_);
  squares_ += distance * (x - mean_);
}

Value Welford::deviation() const noexcept {
  if (count_ == 0 || unlike_) return {};
  const double d = std::sqrt(squares_ / static_cast<double>(count_));
  return type_ == ValueType::kDuration ? nearest_duration(d) : finite(d);
}

void Distinct::add(const Value& v) {
  if (v.is_null()) return;
  const std::uint64_t hash = hash_value(v);
  const auto [begin, end] = index_.equal_range(hash);
  for (auto it = begin; it != end; ++it) {
    if (identical(values_[it->second], v)) return;
  }
  index_.emplace(hash, static_cast<std::uint32_t>(values_.size()));
  values_.push_back(arena_.copy(v));
}

void AggregateState::keep_extreme(const Value& v) {
  if (count_ == 1) {
    kept_ = OwnedValue(v);
    return;
  }
  const auto order = compare(v, kept_.get());
  if (!order) {
    unlike_ = true;
  } else if (agg_ == Agg::kMin ? *order < 0 : *order > 0) {
    kept_ = OwnedValue(v);
  }
}

void AggregateState::add(const Value& v) {
  if (agg_ == Agg::kLast || (agg_ == Agg::kFirst && !has_first_)) {
    kept_ = OwnedValue(v);
    has_first_ = true;
  }
  if (v.is_null()) return;
  ++count_;
  switch (agg_) {
    case Agg::kCount:
    case Agg::kFirst:
    case Agg::kLast:
      return;
    case Agg::kSum:
    case Agg::kAvg:
      sum_.add(v);
      return;
    case Agg::kMin:
    case Agg::kMax:
      keep_extreme(v);
      return;
    case Agg::kStddev:
      welford_.add(v);
      return;
    case Agg::kMedian:
    case Agg::kPercentile:
      // Strings and lists have no distances; one that is kept as null makes the result null.
      sample_.push_back(v.type() == ValueType::kString || v.type() == ValueType::kList ? Value{}
                                                                                       : v);
      return;
    case Agg::kDistinct:
    case Agg::kCountDistinct:
      distinct_.add(v);
      return;
  }
}

Value AggregateState::result(ValueArena& scratch, double percent) const {
  switch (agg_) {
    case Agg::kCount:
      return Value::integer(static_cast<std::int64_t>(count_));
    case Agg::kSum:
      return sum_.result();
    case Agg::kAvg:
      return count_ == 0 ? Value{}
                         : divide(sum_.result(), Value::integer(static_cast<std::int64_t>(count_)));
    case Agg::kMin:
    case Agg::kMax:
      return unlike_ ? Value{} : scratch.copy(kept_.get());
    case Agg::kFirst:
    case Agg::kLast:
      return scratch.copy(kept_.get());
    case Agg::kStddev:
      return welford_.deviation();
    case Agg::kMedian:
    case Agg::kPercentile: {
      const auto sample = scratch.make_list(sample_.size());
      std::copy(sample_.begin(), sample_.end(), sample.begin());
      return percentile(sample, agg_ == Agg::kMedian ? 50 : percent);
    }
    case Agg::kDistinct:
      return scratch.copy(Value::list(distinct_.values()));
    case Agg::kCountDistinct:
      return Value::integer(static_cast<std::int64_t>(distinct_.values().size()));
  }
  return {};
}

namespace {

bool have_distances(std::span<const Value> sample) noexcept {
  const Value& first = sample.front();
  const ValueType type = first.type();
  if (!first.is_number() && type != ValueType::kDuration && type != ValueType::kTimestamp) {
    return false;
  }
  return std::all_of(sample.begin(), sample.end(), [&](const Value& v) {
    return first.is_number() ? v.is_number() : v.type() == type;
  });
}

std::int64_t ns_of(const Value& v) noexcept {
  return v.type() == ValueType::kDuration ? v.as_duration().ns : v.as_timestamp().ns;
}

Value between(const Value& low, const Value& high, double share) noexcept {
  if (low.is_number()) {
    return finite(low.number() + share * (high.number() - low.number()));
  }
  const std::int64_t a = ns_of(low);
  const std::int64_t b = ns_of(high);
  // The distance of two instants may need 65 bits; the result lies between them.
  const long double distance = static_cast<long double>(b) - static_cast<long double>(a);
  const auto step = static_cast<Wide>(std::round(distance * static_cast<long double>(share)));
  const auto ns = static_cast<std::int64_t>(std::min(Wide{a} + step, Wide{b}));
  return low.type() == ValueType::kDuration ? Value::duration({ns}) : Value::timestamp({ns});
}

}  // namespace

Value percentile(std::span<Value> sample, double percent) noexcept {
  if (sample.empty() || !(percent >= 0 && percent <= 100) || !have_distances(sample)) return {};
  const auto less = [](const Value& a, const Value& b) {
    const auto order = compare(a, b);
    return order && *order < 0;
  };
  const double rank = percent * static_cast<double>(sample.size() - 1) / 100;
  const double whole = std::floor(rank);
  const auto at = sample.begin() + static_cast<std::ptrdiff_t>(whole);
  std::nth_element(sample.begin(), at, sample.end(), less);
  if (rank == whole) return *at;
  const auto next = std::min_element(at + 1, sample.end(), less);
  return between(*at, *next, rank - whole);
}

// ---- Accumulator

struct Accumulator::State {
  AggregateState state;
};

Accumulator::Accumulator(Agg agg)
    : agg_(agg), state_(std::make_unique<State>(State{AggregateState(agg)})) {}
Accumulator::~Accumulator() = default;
Accumulator::Accumulator(Accumulator&&) noexcept = default;
Accumulator& Accumulator::operator=(Accumulator&&) noexcept = default;

void Accumulator::add(const Value& v) {
  state_->state.add(v);
}
void Accumulator::add_event() {
  state_->state.add_event();
}

Value Accumulator::result(ValueArena& scratch, double percent) const {
  return state_->state.result(scratch, percent);
}

}  // namespace weir::nfa
