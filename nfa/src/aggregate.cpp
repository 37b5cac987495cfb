// Aggregates, value by value.
#include "aggregate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "functions.hpp"

namespace weir::nfa {
namespace {

/// What clear() keeps memory for.
constexpr std::size_t kFewValues = 64;

}  // namespace

Sum Sum::of_integers(Wide exact, std::uint64_t count) noexcept {
  Sum sum;
  sum.kind_ = count == 0 ? Kind::kNothing : Kind::kInts;
  sum.exact_ = exact;
  return sum;
}

Sum Sum::of_durations(Wide exact, std::uint64_t count) noexcept {
  Sum sum = of_integers(exact, count);
  if (count != 0) sum.kind_ = Kind::kDurations;
  return sum;
}

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

bool Distinct::add(const Value& v) {
  if (v.is_null()) return false;
  const std::uint64_t hash = hash_value(v);
  if (index_.find(hash, [&](std::uint32_t i) { return identical(values_[i], v); })) return false;
  index_.add(hash, static_cast<std::uint32_t>(values_.size()));
  values_.push_back(arena_.copy(v));
  return true;
}

void Distinct::clear() {
  if (index_.capacity() > kFewValues) {
    *this = Distinct();
    return;
  }
  values_.clear();
  index_.clear();
  arena_.reset();
}

AggregateState::AggregateState(Agg agg) : agg_(agg) {
  switch (agg_) {
    case Agg::kCount:
      return;
    case Agg::kSum:
    case Agg::kAvg:
      state_.emplace<Sum>();
      return;
    case Agg::kStddev:
      state_.emplace<Welford>();
      return;
    case Agg::kMin:
    case Agg::kMax:
    case Agg::kFirst:
    case Agg::kLast:
      state_.emplace<Kept>();
      return;
    case Agg::kMedian:
    case Agg::kPercentile:
      state_.emplace<Sample>();
      return;
    case Agg::kDistinct:
    case Agg::kCountDistinct:
      state_.emplace<std::unique_ptr<Distinct>>(std::make_unique<Distinct>());
      return;
  }
}

void AggregateState::keep_extreme(Kept& kept, const Value& v) const {
  if (count_ == 1) {
    kept.value = OwnedValue(v);
    return;
  }
  const auto order = compare(v, kept.value.get());
  if (!order) {
    kept.unlike = true;
  } else if (agg_ == Agg::kMin ? *order < 0 : *order > 0) {
    kept.value = OwnedValue(v);
  }
}

void AggregateState::add(const Value& v) {
  if (agg_ == Agg::kFirst || agg_ == Agg::kLast) {
    Kept& kept = *std::get_if<Kept>(&state_);
    if (agg_ == Agg::kLast || !kept.has) kept.value = OwnedValue(v);
    kept.has = true;
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
      std::get_if<Sum>(&state_)->add(v);
      return;
    case Agg::kMin:
    case Agg::kMax:
      keep_extreme(*std::get_if<Kept>(&state_), v);
      return;
    case Agg::kStddev:
      std::get_if<Welford>(&state_)->add(v);
      return;
    case Agg::kMedian:
    case Agg::kPercentile:
      std::get_if<Sample>(&state_)->push_back(sample_of(v));
      return;
    case Agg::kDistinct:
    case Agg::kCountDistinct:
      (*std::get_if<std::unique_ptr<Distinct>>(&state_))->add(v);
      return;
  }
}

Value AggregateState::result(ValueArena& scratch, double percent) const {
  switch (agg_) {
    case Agg::kCount:
      return Value::integer(static_cast<std::int64_t>(count_));
    case Agg::kSum:
      return std::get_if<Sum>(&state_)->result();
    case Agg::kAvg:
      return count_ == 0 ? Value{}
                         : divide(std::get_if<Sum>(&state_)->result(),
                                  Value::integer(static_cast<std::int64_t>(count_)));
    case Agg::kMin:
    case Agg::kMax:
    case Agg::kFirst:
    case Agg::kLast: {
      const Kept& kept = *std::get_if<Kept>(&state_);
      return kept.unlike ? Value{} : scratch.copy(kept.value.get());
    }
    case Agg::kStddev:
      return std::get_if<Welford>(&state_)->deviation();
    case Agg::kMedian:
    case Agg::kPercentile: {
      const Sample& values = *std::get_if<Sample>(&state_);
      const auto sample = scratch.make_list(values.size());
      std::copy(values.begin(), values.end(), sample.begin());
      return percentile(sample, agg_ == Agg::kMedian ? 50 : percent);
    }
    case Agg::kDistinct:
      return scratch.copy(
          Value::list((*std::get_if<std::unique_ptr<Distinct>>(&state_))->values()));
    case Agg::kCountDistinct:
      return Value::integer(static_cast<std::int64_t>(
          (*std::get_if<std::unique_ptr<Distinct>>(&state_))->values().size()));
  }
  return {};
}

void AggregateState::clear() {
  count_ = 0;
  if (Sample* sample = std::get_if<Sample>(&state_)) {
    if (sample->capacity() > kFewValues) *sample = Sample();
    sample->clear();
  } else if (auto* distinct = std::get_if<std::unique_ptr<Distinct>>(&state_)) {
    (*distinct)->clear();
  } else {
    *this = AggregateState(agg_);
  }
}

Value sample_of(const Value& v) noexcept {
  return v.type() == ValueType::kString || v.type() == ValueType::kList ? Value{} : v;
}

namespace {

/// Values of one class have an order among them.
int class_of(const Value& v) noexcept {
  return v.is_number() ? 0 : static_cast<int>(v.type()) + 1;
}

std::int64_t ns_of(const Value& v) noexcept {
  return v.type() == ValueType::kDuration ? v.as_duration().ns : v.as_timestamp().ns;
}

}  // namespace

bool sample_less(const Value& a, const Value& b) noexcept {
  if (a.type() == ValueType::kInt && b.type() == ValueType::kInt) return a.as_int() < b.as_int();
  if (class_of(a) != class_of(b)) return class_of(a) < class_of(b);
  const auto order = compare(a, b);
  if (!order) return false;
  if (*order != 0) return *order < 0;
  if (a.type() != b.type()) return a.type() == ValueType::kInt;
  return a.type() == ValueType::kFloat && std::signbit(a.as_float()) && !std::signbit(b.as_float());
}

Rank rank_of(double percent, std::size_t n) noexcept {
  const double rank = percent * static_cast<double>(n - 1) / 100;
  const double whole = std::floor(rank);
  return {static_cast<std::size_t>(whole), rank - whole};
}

bool have_distances(const Value& a, const Value& b) noexcept {
  return class_of(a) == class_of(b) &&
         (a.is_number() || a.type() == ValueType::kDuration || a.type() == ValueType::kTimestamp);
}

Value percentile_between(const Value& low, const Value& high, double share) noexcept {
  if (share == 0) return low;
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

namespace {

template <typename Less>
Value percentile_by(std::span<Value> sample, double percent, Less less) noexcept {
  const Rank rank = rank_of(percent, sample.size());
  const auto at = sample.begin() + static_cast<std::ptrdiff_t>(rank.low);
  std::nth_element(sample.begin(), at, sample.end(), less);
  if (rank.share == 0) return *at;
  return percentile_between(*at, *std::min_element(at + 1, sample.end(), less), rank.share);
}

}  // namespace

Value percentile(std::span<Value> sample, double percent) noexcept {
  if (sample.empty() || !(percent >= 0 && percent <= 100)) return {};
  const Value first = sample.front();
  bool alike = first.type() != ValueType::kFloat;
  for (const Value& v : sample) {
    if (!have_distances(first, v)) return {};
    alike = alike && v.type() == first.type();
  }
  if (alike) {
    return percentile_by(sample, percent,
                         [](const Value& a, const Value& b) { return a.as_int() < b.as_int(); });
  }
  return percentile_by(sample, percent, sample_less);
}

// ---- Accumulator

struct Accumulator::State {
  AggregateState state;
};

Accumulator::Accumulator(Agg agg) : state_(std::make_unique<State>(State{AggregateState(agg)})) {}
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

void Accumulator::clear() {
  state_->state.clear();
}

}  // namespace weir::nfa
