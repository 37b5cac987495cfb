// Accumulator, against what is computed in two passes and by hand.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "weir/nfa/expr.hpp"

namespace weir::nfa {
namespace {

constexpr std::int64_t kMaxInt = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMinInt = std::numeric_limits<std::int64_t>::min();

Value i(std::int64_t n) {
  return Value::integer(n);
}
Value f(double d) {
  return Value::real(d);
}
Value s(std::string_view text) {
  return Value::string(text);
}
Value d(std::int64_t ns) {
  return Value::duration({ns});
}
Value t(std::int64_t ns) {
  return Value::timestamp({ns});
}

std::string result(Agg agg, const std::vector<Value>& values, double percent = 0) {
  Accumulator accumulator(agg);
  for (const Value& v : values) accumulator.add(v);
  ValueArena scratch;
  return to_text(accumulator.result(scratch, percent));
}

TEST_CASE("over nothing, and over nulls alone") {
  for (const auto& values : {std::vector<Value>{}, std::vector<Value>{Value{}, Value{}}}) {
    CHECK(result(Agg::kCount, values) == "0");
    CHECK(result(Agg::kSum, values) == "0");
    CHECK(result(Agg::kCountDistinct, values) == "0");
    CHECK(result(Agg::kDistinct, values) == "[]");
    for (const Agg agg : {Agg::kAvg, Agg::kMin, Agg::kMax, Agg::kStddev, Agg::kMedian,
                          Agg::kPercentile, Agg::kFirst, Agg::kLast}) {
      CHECK(result(agg, values, 50) == "null");
    }
  }
}

TEST_CASE("nulls are skipped but by first and last") {
  const std::vector<Value> values{Value{}, i(4), Value{}, i(2), Value{}};
  CHECK(result(Agg::kCount, values) == "2");
  CHECK(result(Agg::kSum, values) == "6");
  CHECK(result(Agg::kAvg, values) == "3.0");
  CHECK(result(Agg::kMin, values) == "2");
  CHECK(result(Agg::kMax, values) == "4");
  CHECK(result(Agg::kStddev, values) == "1.0");
  CHECK(result(Agg::kMedian, values) == "3.0");
  CHECK(result(Agg::kFirst, values) == "null");
  CHECK(result(Agg::kLast, values) == "null");
}

TEST_CASE("count of events counts all") {
  Accumulator accumulator(Agg::kCount);
  accumulator.add_event();
  accumulator.add_event();
  ValueArena scratch;
  CHECK(accumulator.result(scratch).as_int() == 2);
}

TEST_CASE("integer sums are exact, and null where they do not fit") {
  CHECK(result(Agg::kSum, {i(kMaxInt), i(1)}) == "null");
  CHECK(result(Agg::kAvg, {i(kMaxInt), i(1)}) == "null");
  // What does not fit on the way may fit in the end.
  CHECK(result(Agg::kSum, {i(kMaxInt), i(kMaxInt), i(kMinInt), i(1)}) == "9223372036854775807");
  CHECK(result(Agg::kSum, {i(9007199254740993), i(1)}) == "9007199254740994");
  CHECK(result(Agg::kSum, {i(kMinInt), i(-1)}) == "null");
}

TEST_CASE("from the first float on a sum is folded") {
  CHECK(result(Agg::kSum, {i(1), f(2.5), i(3)}) == "6.5");
  CHECK(result(Agg::kSum, {f(0.1), f(0.2), f(0.3)}) == "0.6000000000000001");
  CHECK(result(Agg::kSum, {f(0.3), f(0.2), f(0.1)}) == "0.6");
  CHECK(result(Agg::kSum, {f(1e308), f(1e308)}) == "null");
  CHECK(result(Agg::kSum, {f(2), f(3)}) == "5.0");
  CHECK(result(Agg::kAvg, {f(1), i(2)}) == "1.5");
  // The integers before it were exact: 2^53 + 1 is rounded once, not twice.
  CHECK(result(Agg::kSum, {i(9007199254740992), i(1), i(1), f(0)}) == "9007199254740994.0");
}

TEST_CASE("durations and instants") {
  CHECK(result(Agg::kSum, {d(kNsPerSecond), d(2 * kNsPerSecond)}) == "3s");
  CHECK(result(Agg::kAvg, {d(kNsPerSecond), d(2 * kNsPerSecond)}) == "1s500ms");
  CHECK(result(Agg::kMax, {d(1), d(kNsPerMs)}) == "1ms");
  CHECK(result(Agg::kMedian, {d(kNsPerSecond), d(2 * kNsPerSecond)}) == "1s500ms");
  CHECK(result(Agg::kStddev, {d(kNsPerSecond), d(3 * kNsPerSecond)}) == "1s");
  CHECK(result(Agg::kMedian, {t(0), t(kNsPerSecond)}) == "1970-01-01T00:00:00.500Z");
  CHECK(result(Agg::kMin, {t(5), t(0)}) == "1970-01-01T00:00:00.000Z");
  CHECK(result(Agg::kSum, {t(5), t(0)}) == "null");
  CHECK(result(Agg::kMedian, {t(kMinInt), t(kMaxInt)}) == to_text(t(0)));
}

TEST_CASE("values that do not go together give null") {
  CHECK(result(Agg::kSum, {i(1), s("x")}) == "null");
  CHECK(result(Agg::kSum, {i(1), d(1)}) == "null");
  CHECK(result(Agg::kSum, {d(1), i(1)}) == "null");
  CHECK(result(Agg::kAvg, {s("x")}) == "null");
  CHECK(result(Agg::kMin, {i(1), s("x")}) == "null");
  CHECK(result(Agg::kStddev, {i(1), d(1)}) == "null");
  CHECK(result(Agg::kStddev, {i(1), s("x")}) == "null");
  CHECK(result(Agg::kMedian, {i(1), s("x")}) == "null");
  CHECK(result(Agg::kMedian, {s("x")}) == "null");
  CHECK(result(Agg::kMedian, {d(1), i(1)}) == "null");
}

TEST_CASE("min and max of anything that has an order") {
  CHECK(result(Agg::kMin, {s("b"), s("a"), s("c")}) == "a");
  CHECK(result(Agg::kMax, {s("b"), s("a"), s("c")}) == "c");
  CHECK(result(Agg::kMax, {i(1), f(1.5)}) == "1.5");
  CHECK(result(Agg::kMin, {Value::boolean(true), Value::boolean(false)}) == "false");
}

TEST_CASE("percentiles") {
  const std::vector<Value> values{i(4), i(1), i(7)};
  CHECK(result(Agg::kPercentile, values, 0) == "1");
  CHECK(result(Agg::kPercentile, values, 50) == "4");
  CHECK(result(Agg::kPercentile, values, 75) == "5.5");
  CHECK(result(Agg::kPercentile, values, 100) == "7");
  CHECK(result(Agg::kPercentile, values, 101) == "null");
  CHECK(result(Agg::kPercentile, values, -1) == "null");
  CHECK(result(Agg::kPercentile, {i(5)}, 99) == "5");
  CHECK(result(Agg::kPercentile, {i(0), i(4)}, 75) == "3.0");
  // A rank that is whole stays whole: 29 % of the way through 101 values.
  std::vector<Value> hundred;
  for (int n = 100; n >= 0; --n) hundred.push_back(i(n));
  CHECK(result(Agg::kPercentile, hundred, 29) == "29");
  CHECK(result(Agg::kPercentile, hundred, 99.5) == "99.5");
}

TEST_CASE("percentiles of equal numbers do not depend on the order in which they come") {
  CHECK(result(Agg::kPercentile, {f(1), i(1)}, 0) == "1");
  CHECK(result(Agg::kPercentile, {i(1), f(1)}, 0) == "1");
  CHECK(result(Agg::kPercentile, {i(1), f(1)}, 100) == "1.0");
  CHECK(result(Agg::kPercentile, {f(1), i(1)}, 100) == "1.0");
  CHECK(result(Agg::kPercentile, {f(0.0), f(-0.0)}, 0) == "-0.0");
  CHECK(result(Agg::kPercentile, {f(-0.0), f(0.0)}, 0) == "-0.0");
}

TEST_CASE("an accumulator that was cleared is as new") {
  for (const Agg agg :
       {Agg::kCount, Agg::kSum, Agg::kAvg, Agg::kMin, Agg::kMax, Agg::kStddev, Agg::kMedian,
        Agg::kPercentile, Agg::kFirst, Agg::kLast, Agg::kDistinct, Agg::kCountDistinct}) {
    Accumulator used(agg);
    for (int n = 0; n < 100; ++n) used.add(n % 2 == 0 ? i(n) : s("text"));
    used.clear();
    Accumulator fresh(agg);
    for (const Value& v : {i(3), i(5)}) {
      used.add(v);
      fresh.add(v);
    }
    ValueArena scratch;
    CHECK(to_text(used.result(scratch, 50)) == to_text(fresh.result(scratch, 50)));
  }
}

TEST_CASE("distinct keeps the order of first appearance") {
  CHECK(result(Agg::kDistinct, {s("b"), s("a"), s("b"), i(1), f(1.0), Value{}, s("1")}) ==
        "[b, a, 1, 1]");
  CHECK(result(Agg::kCountDistinct, {s("b"), s("a"), s("b"), i(1), f(1.0), f(-0.0), i(0)}) == "4");
}

TEST_CASE("what is kept is owned") {
  std::string text = "gone";
  Accumulator last(Agg::kLast);
  Accumulator distinct(Agg::kDistinct);
  last.add(s(text));
  distinct.add(s(text));
  text = "xxxx";
  ValueArena scratch;
  CHECK(to_text(last.result(scratch)) == "gone");
  CHECK(to_text(distinct.result(scratch)) == "[gone]");
}

TEST_CASE("a result may be asked for while values still come") {
  Accumulator median(Agg::kMedian);
  ValueArena scratch;
  median.add(i(3));
  CHECK(median.result(scratch).as_int() == 3);
  median.add(i(1));
  median.add(i(2));
  CHECK(median.result(scratch).as_int() == 2);
  CHECK(median.result(scratch).as_int() == 2);
}

/// The straight computations: sort, two passes, long double where the contract leaves the order
/// open.
TEST_CASE("random samples against naive computations") {
  std::mt19937_64 random(42);
  for (int round = 0; round < 500; ++round) {
    std::vector<double> sample;
    std::vector<Value> values;
    const bool ints = random() % 2 == 0;
    const std::size_t n = 1 + random() % 40;
    double folded = 0;
    __extension__ __int128 exact = 0;
    for (std::size_t k = 0; k < n; ++k) {
      if (random() % 5 == 0) values.emplace_back();
      const auto whole = static_cast<std::int64_t>(random() % 2001) - 1000;
      const double x = ints ? static_cast<double>(whole) : static_cast<double>(whole) / 7;
      values.push_back(ints ? i(whole) : f(x));
      sample.push_back(x);
      folded = k == 0 ? x : folded + x;
      exact += whole;
    }
    const auto count = static_cast<double>(n);
    const std::string sum =
        ints ? to_text(i(static_cast<std::int64_t>(exact))) : to_text(f(folded));
    CAPTURE(round);
    CHECK(result(Agg::kSum, values) == sum);
    CHECK(result(Agg::kAvg, values) ==
          to_text(f((ints ? static_cast<double>(exact) : folded) / count)));

    long double mean = 0;
    for (const double x : sample) mean += x;
    mean /= count;
    long double squares = 0;
    for (const double x : sample) squares += (x - mean) * (x - mean);
    const double deviation = std::stod(result(Agg::kStddev, values));
    CHECK(deviation == doctest::Approx(std::sqrt(static_cast<double>(squares / count))));

    std::sort(sample.begin(), sample.end());
    CHECK(std::stod(result(Agg::kMin, values)) == sample.front());
    CHECK(std::stod(result(Agg::kMax, values)) == sample.back());
    const double percent = static_cast<double>(random() % 101);
    const double rank = percent / 100 * (count - 1);
    const auto low = static_cast<std::size_t>(rank);
    const double high = low + 1 < n ? sample[low + 1] : sample[low];
    const double expected = sample[low] + (rank - static_cast<double>(low)) * (high - sample[low]);
    CHECK(std::stod(result(Agg::kPercentile, values, percent)) == doctest::Approx(expected));
    sample.erase(std::unique(sample.begin(), sample.end()), sample.end());
    CHECK(result(Agg::kCountDistinct, values) == std::to_string(sample.size()));
  }
}

TEST_CASE("stddev stays exact far from zero") {
  // Two passes in binary64 would lose it all.
  CHECK(result(Agg::kStddev, {f(1e9 + 4), f(1e9 + 7), f(1e9 + 13), f(1e9 + 16)}) ==
        to_text(f(std::sqrt(22.5))));
}

}  // namespace
}  // namespace weir::nfa
