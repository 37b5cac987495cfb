// Panes against a set of accumulators for each window: the same windows, in the same order, with
// the same values to the last bit.
#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "windows.hpp"

namespace weir::runtime {
namespace {

using Random = std::mt19937_64;

/// A value's type and bits: 1 is not 1.0 here, and 0.0 not -0.0.
void append_exactly(std::string& out, const Value& v) {
  out += type_name(v.type());
  out += ' ';
  if (v.type() == ValueType::kFloat) {
    out += std::to_string(std::bit_cast<std::uint64_t>(v.as_float()));
  } else if (v.type() == ValueType::kList) {
    out += '[';
    for (const Value& item : v.as_list()) append_exactly(out, item);
    out += ']';
  } else {
    append_text(out, v);
  }
  out += ';';
}

/// What may come as values; a log goes through several.
enum class Mix { kInts, kHuge, kFloats, kNumbers, kTimes, kTexts, kLists, kAll, kCount };

class Values {
 public:
  explicit Values(Random& random) : random_(random) {}

  Value next(Mix mix) {
    if (below(8) == 0) return {};
    switch (mix) {
      case Mix::kInts:
        return Value::integer(static_cast<std::int64_t>(below(20)) - 5);
      case Mix::kHuge:
        return Value::integer(below(3) == 0 ? std::numeric_limits<std::int64_t>::min() + 1
                                            : std::numeric_limits<std::int64_t>::max());
      case Mix::kFloats:
        return real();
      case Mix::kNumbers:
        return below(4) == 0 ? real() : next(below(9) == 0 ? Mix::kHuge : Mix::kInts);
      case Mix::kTimes:
        return below(6) == 0 ? Value::timestamp({static_cast<std::int64_t>(below(9))})
                             : Value::duration({static_cast<std::int64_t>(below(1000)) - 300});
      case Mix::kTexts:
        texts_[0] = std::string(below(40), static_cast<char>('a' + below(3)));
        return below(9) == 0 ? Value::boolean(below(2) == 0) : Value::string(texts_[0]);
      case Mix::kLists:
        items_[0] = next(Mix::kInts);
        items_[1] = next(below(3) == 0 ? Mix::kTexts : Mix::kInts);
        return Value::list(std::span(items_, 1 + below(2)));
      case Mix::kAll:
      case Mix::kCount:
        break;
    }
    return next(static_cast<Mix>(below(static_cast<std::uint64_t>(Mix::kAll))));
  }

  std::uint64_t below(std::uint64_t n) { return random_() % n; }

 private:
  Value real() {
    switch (below(8)) {
      case 0:
        return Value::real(-0.0);
      case 1:
        return Value::real(0.0);
      case 2:
        return Value::real(below(2) == 0 ? 1e308 : -1e308);
      case 3:
        return Value::real(static_cast<double>(below(5)));
      default:
        return Value::real(static_cast<double>(below(1000)) / 7 - 40);
    }
  }

  Random& random_;
  std::string texts_[1];
  Value items_[2];
};

struct Stream {
  FieldPlan plan;
  nfa::ExprPool exprs;
  nfa::Derive derive;
  TypeId type = 0;

  Stream(Random& random, nfa::WindowKind kind, Duration size, Duration every) {
    type = plan.add_type("req");
    const FieldId x = plan.add_field("x");
    const FieldId flag = plan.add_field("flag");
    plan.read(type, x);
    plan.read(type, flag);
    plan.finish();
    derive.kind = kind;
    derive.size = size;
    derive.every = every;
    using nfa::Agg;
    for (const Agg agg :
         {Agg::kCount, Agg::kSum, Agg::kAvg, Agg::kMin, Agg::kMax, Agg::kStddev, Agg::kMedian,
          Agg::kPercentile, Agg::kFirst, Agg::kLast, Agg::kDistinct, Agg::kCountDistinct}) {
      if (random() % 4 == 0) continue;
      const nfa::ExprId cond = random() % 3 == 0 ? exprs.field(flag) : nfa::kNoExpr;
      derive.aggs.push_back({agg, exprs.field(x), cond, static_cast<double>(random() % 101)});
    }
    derive.aggs.push_back({Agg::kCount, nfa::kNoExpr, nfa::kNoExpr, 0});
    for (std::uint32_t i = 0; i < derive.aggs.size(); ++i) {
      derive.values.emplace_back("v" + std::to_string(i), exprs.agg_result(i));
    }
  }
};

/// One plan, and what its windows came to.
class Side {
 public:
  Side(const Stream& stream, WindowPlan plan) : op_(stream.exprs, stream.derive, plan) {}

  void add(const Event& event, std::string_view key) {
    const Value value = Value::string(key);
    op_.add(event, {std::hash<std::string_view>{}(key), {&value, 1}}, {}, scratch_);
    scratch_.reset();
  }

  void close(Timestamp through) {
    op_.close_through(through, {}, scratch_, [&](const WindowResult& w) {
      lines += std::to_string(w.start.ns) + '-' + std::to_string(w.end.ns) + ' ' +
               std::to_string(w.first_seq) + ' ' + to_text(w.key_values[0]) + ": ";
      for (const Value& v : w.values) append_exactly(lines, v);
      lines += '\n';
      scratch_.reset();
    });
  }

  std::string state() const {
    std::string text = std::to_string(op_.open_windows()) + ' ' + std::to_string(op_.open_keys()) +
                       ' ' + std::to_string(op_.next_end().ns);
    if (op_.open_windows() > 0) text += ' ' + std::to_string(op_.next_first_seq());
    return text;
  }

  std::string lines;

 private:
  WindowOperator op_;
  ValueArena scratch_;
};

struct Shape {
  std::int64_t size = 1;
  std::int64_t every = 1;
  std::int64_t longest_gap = 1;
  std::int64_t begin = 0;
};

void compare_plans(std::uint64_t seed, const Shape& shape, std::size_t events, std::size_t keys) {
  CAPTURE(seed);
  CAPTURE(shape.size);
  CAPTURE(shape.every);
  Random random(seed);
  Values values(random);
  const bool tumbling = shape.size == shape.every;
  const Stream stream(random, tumbling ? nfa::WindowKind::kTumbling : nfa::WindowKind::kSliding,
                      {shape.size}, {shape.every});
  Side listed(stream, WindowPlan::kListed);
  Side panes(stream, WindowPlan::kPanes);
  const auto origin = seed % 5 == 0 ? EventOrigin::kWindow : EventOrigin::kSource;
  // An alert of the time at which windows end may come before they close.
  const bool before_close = seed % 3 == 0;

  Mix mix = Mix::kInts;
  std::int64_t now = shape.begin;
  for (std::size_t i = 0; i < events; ++i) {
    if (values.below(1 + events / 6) == 0) {
      mix = static_cast<Mix>(values.below(static_cast<std::uint64_t>(Mix::kCount)));
    }
    if (values.below(3) != 0) {
      const bool long_gap = values.below(40) == 0;
      const auto gap = static_cast<std::int64_t>(values.below(static_cast<std::uint64_t>(
          long_gap ? 3 * shape.size + shape.every : shape.longest_gap + 1)));
      now = std::min(now, std::numeric_limits<std::int64_t>::max() - 2 - gap) + gap;
    }
    const bool earlier = before_close && values.below(2) == 0;
    const Timestamp through = earlier ? Timestamp{now} - Duration{1} : Timestamp{now};
    listed.close(through);
    panes.close(through);

    const Value slots[] = {values.next(mix), Value::boolean(values.below(3) != 0)};
    Event event;
    event.type = stream.type;
    event.origin = origin;
    event.ts = {origin == EventOrigin::kWindow ? now + 1 : now};
    event.seq = i + 1;
    event.plan = &stream.plan.type(stream.type);
    event.slots = slots;
    const std::string key = "key-" + std::to_string(values.below(keys)) +
                            (values.below(keys) == 0 ? std::string(30, 'x') : std::string());
    listed.add(event, key);
    panes.add(event, key);
    REQUIRE(panes.state() == listed.state());
  }
  listed.close(Timestamp::max());
  panes.close(Timestamp::max());
  REQUIRE(panes.lines == listed.lines);
  CHECK(panes.state() == "0 0 " + std::to_string(Timestamp::max().ns));
}

TEST_CASE("panes give what a set of accumulators for each window gives") {
  Random random(20);
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    Shape shape;
    shape.every = 1 + static_cast<std::int64_t>(random() % 12);
    switch (random() % 4) {
      case 0:  // a whole number of steps
        shape.size = shape.every * (1 + static_cast<std::int64_t>(random() % 12));
        break;
      case 1:  // gaps between windows
        shape.size = 1 + static_cast<std::int64_t>(random() % 12);
        break;
      default:
        shape.size = shape.every + static_cast<std::int64_t>(random() % 60);
        break;
    }
    shape.longest_gap = static_cast<std::int64_t>(random() % 9);
    shape.begin = static_cast<std::int64_t>(random() % 2000) - 1000;
    compare_plans(seed, shape, 30 + random() % 300, 1 + random() % 5);
  }
}

TEST_CASE("panes with many values in each") {
  // Enough for several blocks of the values in order.
  compare_plans(1001, {4000, 500, 1, -100'000}, 12'000, 2);
  compare_plans(1002, {3000, 7, 1, 5}, 6'000, 1);
}

TEST_CASE("panes at the edges of time") {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    compare_plans(2000 + seed * 15 + 1, {60, 7, 3, kMin}, 60, 2);
    compare_plans(2000 + seed * 15 + 1, {60, 7, 1, kMax - 100}, 40, 2);
  }
}

}  // namespace
}  // namespace weir::runtime
