#include "aggregate.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "expression.hpp"

namespace weir::reference {
namespace {

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool all_of_type(const std::vector<Value>& values, ValueType type) {
  return std::all_of(values.begin(), values.end(),
                     [&](const Value& v) { return v.type() == type; });
}

// Exact in 128 bits; past 64 bits null. Floats are folded from the first to the last.
Value sum_of(const std::vector<Value>& values) {
  if (values.empty()) return Value::integer(0);
  const bool spans = all_of_type(values, ValueType::kDuration);
  if (spans || all_of_type(values, ValueType::kInt)) {
    __extension__ __int128 sum = 0;
    for (const Value& v : values) sum += spans ? v.as_duration().ns : v.as_int();
    if (sum > std::numeric_limits<std::int64_t>::max() ||
        sum < std::numeric_limits<std::int64_t>::min()) {
      return {};
    }
    const auto narrow = static_cast<std::int64_t>(sum);
    return spans ? Value::duration({narrow}) : Value::integer(narrow);
  }
  double sum = 0;
  for (const Value& v : values) {
    if (!v.is_number()) return {};
    sum += v.number();
  }
  return Value::real(sum);
}

Value avg_of(const std::vector<Value>& values) {
  if (values.empty()) return {};
  const Value sum = sum_of(values);
  if (sum.type() == ValueType::kDuration) {
    return Value::duration({sum.as_duration().ns / static_cast<std::int64_t>(values.size())});
  }
  return sum.is_number() ? Value::real(sum.number() / static_cast<double>(values.size())) : Value{};
}

Value stddev_of(const std::vector<Value>& values) {
  if (values.empty()) return {};
  double mean = 0, m2 = 0, n = 0;
  for (const Value& v : values) {
    if (!v.is_number()) return {};
    n += 1;
    const double delta = v.number() - mean;
    mean += delta / n;
    m2 += delta * (v.number() - mean);
  }
  return Value::real(std::sqrt(m2 / n));
}

Value percentile_of(const std::vector<Value>& values, double rank) {
  std::vector<double> numbers;
  for (const Value& v : values) {
    if (!v.is_number()) return {};
    numbers.push_back(v.number());
  }
  if (numbers.empty() || !(rank >= 0 && rank <= 100)) return {};
  std::sort(numbers.begin(), numbers.end());
  const double at = rank / 100 * static_cast<double>(numbers.size() - 1);
  const auto low = static_cast<std::size_t>(std::floor(at));
  const std::size_t high = std::min(low + 1, numbers.size() - 1);
  return Value::real(numbers[low] + (numbers[high] - numbers[low]) * (at - std::floor(at)));
}

Value extreme_of(const std::vector<Value>& values, bool largest) {
  if (values.empty()) return {};
  Value best = values[0];
  for (const Value& v : values) {
    const auto order = compare(v, best);
    if (order && (largest ? *order > 0 : *order < 0)) best = v;
  }
  return best;
}

std::vector<Value> distinct_of(const std::vector<Value>& values) {
  std::vector<Value> out;
  for (const Value& v : values) {
    if (std::none_of(out.begin(), out.end(), [&](const Value& o) { return identical(o, v); })) {
      out.push_back(v);
    }
  }
  return out;
}

}  // namespace

bool is_aggregate(std::string_view function) {
  static const std::vector<std::string> all = {"count", "sum",    "avg",      "min",
                                               "max",   "stddev", "median",   "percentile",
                                               "first", "last",   "distinct", "count_distinct"};
  return std::find(all.begin(), all.end(), lower(function)) != all.end();
}

Value aggregate_of(std::string_view function, std::span<const Value> values, const Value& argument,
                   ValueArena& arena) {
  const std::string f = lower(function);
  // These two do not skip nulls.
  if (f == "first") return values.empty() ? Value{} : values.front();
  if (f == "last") return values.empty() ? Value{} : values.back();
  std::vector<Value> present;
  for (const Value& v : values) {
    if (!v.is_null()) present.push_back(v);
  }
  if (f == "count") return Value::integer(static_cast<std::int64_t>(present.size()));
  if (f == "sum") return sum_of(present);
  if (f == "avg") return avg_of(present);
  if (f == "stddev") return stddev_of(present);
  if (f == "min" || f == "max") return extreme_of(present, f == "max");
  if (f == "median") return percentile_of(present, 50);
  if (f == "percentile")
    return argument.is_number() ? percentile_of(present, argument.number()) : Value{};
  const std::vector<Value> distinct = distinct_of(present);
  if (f == "count_distinct") return Value::integer(static_cast<std::int64_t>(distinct.size()));
  const std::span<Value> list = arena.make_list(distinct.size());
  std::copy(distinct.begin(), distinct.end(), list.begin());
  return Value::list(list);
}

}  // namespace weir::reference
