// Windows: which events fall into which, when they close, in what order, and the events they
// become.
#include "windows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "windows_event.hpp"

namespace weir::runtime {
namespace {

Timestamp at(std::int64_t seconds) {
  return {seconds * kNsPerSecond};
}

/// A derived stream over one type with the fields `k` (its key) and `x`, and the operator on it.
class Fixture {
 public:
  Fixture(nfa::WindowKind kind, Duration size, Duration every) {
    type = plan.add_type("req");
    k = plan.add_field("k");
    x = plan.add_field("x");
    plan.read(type, k);
    plan.read(type, x);
    derive.id = "stream";
    derive.type = plan.add_type("stream");
    for (const char* name : {"window_start", "window_end", "k", "n", "ids"}) {
      plan.read(derive.type, plan.add_field(name));
    }
    plan.finish();

    derive.kind = kind;
    derive.size = size;
    derive.every = every;
    derive.aggs.push_back({nfa::Agg::kCount, nfa::kNoExpr, nfa::kNoExpr, 0});
    derive.aggs.push_back({nfa::Agg::kDistinct, exprs.field(x), nfa::kNoExpr, 0});
    const nfa::ExprId big[] = {exprs.field(x), exprs.constant(Value::integer(10))};
    derive.aggs.push_back({nfa::Agg::kCount, nfa::kNoExpr, exprs.node(nfa::Op::kGt, big), 0});
    derive.values = {
        {"n", exprs.agg_result(0)}, {"ids", exprs.agg_result(1)}, {"big", exprs.agg_result(2)}};
    key.names = {"k"};
    op.emplace_back(exprs, derive,
                    kind == nfa::WindowKind::kSession ? WindowPlan::kListed : WindowPlan::kPanes);
  }

  void add(Timestamp ts, std::string_view key_text, std::int64_t id,
           EventOrigin origin = EventOrigin::kSource) {
    const Value slots[] = {Value::string(key_text), Value::integer(id)};
    Event event;
    event.type = type;
    event.origin = origin;
    event.ts = ts;
    event.seq = ++seq;
    event.plan = &plan.type(type);
    event.type_name = "req";
    event.slots = slots;
    ValueArena scratch;
    op[0].add(event, {std::hash<std::string_view>{}(key_text), std::span(slots, 1)}, {}, scratch);
  }

  /// "start-end key n ids big" of each window closed, times in seconds.
  std::vector<std::string> close(Timestamp through) {
    std::vector<std::string> lines;
    ValueArena scratch;
    op[0].close_through(through, {}, scratch, [&](const WindowResult& w) {
      CHECK(w.ts == w.end);
      std::string line = std::to_string(w.start.ns / kNsPerSecond) + "-" +
                         std::to_string(w.end.ns / kNsPerSecond) + " " + to_text(w.key_values[0]);
      for (const Value& v : w.values) line += " " + to_text(v);
      lines.push_back(line);
      scratch.reset();
    });
    return lines;
  }

  FieldPlan plan;
  nfa::ExprPool exprs;
  nfa::Derive derive;
  nfa::KeySpec key;
  TypeId type = 0;
  FieldId k = 0;
  FieldId x = 0;
  std::uint64_t seq = 0;
  std::vector<WindowOperator> op;
};

using Lines = std::vector<std::string>;

TEST_CASE("a tumbling window holds its start and not its end") {
  Fixture f(nfa::WindowKind::kTumbling, {60 * kNsPerSecond}, {60 * kNsPerSecond});
  f.add(at(0), "a", 1);
  f.add(at(60) - Duration{1}, "a", 20);
  CHECK(f.op[0].next_end() == at(60));
  CHECK(f.close(at(60) - Duration{1}).empty());
  CHECK(f.close(at(60)) == Lines{"0-60 a 2 [1, 20] 1"});
  CHECK(f.op[0].next_end() == Timestamp::max());
  CHECK(f.op[0].open_keys() == 0);
  f.add(at(60), "a", 3);
  CHECK(f.close(Timestamp::max()) == Lines{"60-120 a 1 [3] 0"});
}

TEST_CASE("starts are multiples of the size before the epoch too") {
  Fixture f(nfa::WindowKind::kTumbling, {60 * kNsPerSecond}, {60 * kNsPerSecond});
  f.add(at(-61), "a", 1);
  f.add(at(-60), "a", 2);
  f.add(at(-1), "a", 3);
  f.add(at(0), "a", 4);
  CHECK(f.close(Timestamp::max()) ==
        Lines{"-120--60 a 1 [1] 0", "-60-0 a 2 [2, 3] 0", "0-60 a 1 [4] 0"});
}

TEST_CASE("at one end windows come in the order of their keys' first events") {
  Fixture f(nfa::WindowKind::kTumbling, {60 * kNsPerSecond}, {60 * kNsPerSecond});
  f.add(at(1), "b", 1);
  f.add(at(2), "a", 2);
  f.add(at(3), "b", 3);
  f.add(at(61), "a", 4);
  f.add(at(62), "b", 5);
  CHECK(f.close(at(120)) ==
        Lines{"0-60 b 2 [1, 3] 0", "0-60 a 1 [2] 0", "60-120 a 1 [4] 0", "60-120 b 1 [5] 0"});
}

TEST_CASE("sliding windows overlap and begin before the epoch") {
  Fixture f(nfa::WindowKind::kSliding, {10 * kNsPerSecond}, {5 * kNsPerSecond});
  f.add(at(1), "a", 1);
  CHECK(f.op[0].open_windows() == 2);
  f.add(at(6), "a", 2);
  f.add(at(12), "a", 3);
  CHECK(f.close(at(20)) ==
        Lines{"-5-5 a 1 [1] 0", "0-10 a 2 [1, 2] 0", "5-15 a 2 [2, 3] 0", "10-20 a 1 [3] 0"});
  f.add(at(30), "a", 4);
  CHECK(f.close(at(40)) == Lines{"25-35 a 1 [4] 0", "30-40 a 1 [4] 0"});
}

TEST_CASE("an event between two windows falls into none where the step is longer than the size") {
  Fixture f(nfa::WindowKind::kSliding, {2 * kNsPerSecond}, {5 * kNsPerSecond});
  f.add(at(3), "a", 1);
  CHECK(f.op[0].open_keys() == 0);
  f.add(at(6), "a", 2);
  CHECK(f.close(Timestamp::max()) == Lines{"5-7 a 1 [2] 0"});
}

TEST_CASE("a window's event counts as of the instant before its ts, but in a session at its ts") {
  Fixture f(nfa::WindowKind::kTumbling, {300 * kNsPerSecond}, {300 * kNsPerSecond});
  f.add(at(60), "a", 1, EventOrigin::kWindow);
  f.add(at(300), "a", 2, EventOrigin::kWindow);
  CHECK(f.close(at(300)) == Lines{"0-300 a 2 [1, 2] 0"});

  Fixture s(nfa::WindowKind::kSession, {10 * kNsPerSecond}, {});
  s.add(at(60), "a", 1, EventOrigin::kWindow);
  CHECK(s.close(Timestamp::max()) == Lines{"60-70 a 1 [1] 0"});
}

TEST_CASE("a session ends when its key has been silent for the gap") {
  Fixture f(nfa::WindowKind::kSession, {10 * kNsPerSecond}, {});
  f.add(at(0), "a", 1);
  f.add(at(5), "b", 2);
  f.add(at(9), "a", 3);
  CHECK(f.op[0].next_end() == at(15));
  CHECK(f.close(at(15)) == Lines{"5-15 b 1 [2] 0"});
  CHECK(f.op[0].next_end() == at(19));
  SUBCASE("an event just before its end prolongs it") {
    f.add(at(19) - Duration{1}, "a", 4);
    CHECK(f.close(at(20)).empty());
    CHECK(f.op[0].next_end() == at(29) - Duration{1});
  }
  SUBCASE("an event at its end begins another, also where it has not been closed yet") {
    f.add(at(19), "a", 4);
    CHECK(f.op[0].open_windows() == 2);
    CHECK(f.op[0].open_keys() == 1);
    CHECK(f.close(at(19)) == Lines{"0-19 a 2 [1, 3] 0"});
    CHECK(f.op[0].open_keys() == 1);
    CHECK(f.close(at(29)) == Lines{"19-29 a 1 [4] 0"});
    CHECK(f.op[0].open_keys() == 0);
  }
}

TEST_CASE("sessions that end together come in the order of their first events") {
  Fixture f(nfa::WindowKind::kSession, {10 * kNsPerSecond}, {});
  f.add(at(0), "bob", 1);
  f.add(at(1), "ann", 2);
  f.add(at(5), "ann", 3);
  f.add(at(5), "bob", 4);
  CHECK(f.close(at(15)) == Lines{"0-15 bob 2 [1, 4] 0", "1-15 ann 2 [2, 3] 0"});
}

TEST_CASE("the edges of time do not wrap") {
  Fixture f(nfa::WindowKind::kSliding, {10 * kNsPerSecond}, {5 * kNsPerSecond});
  f.add(Timestamp::min(), "a", 1);
  f.add(Timestamp::max() - Duration{1}, "a", 2);
  const auto lines = f.close(Timestamp::max());
  CHECK(lines.size() >= 2);
  CHECK(f.op[0].open_windows() == 0);
}

TEST_CASE("random sessions and sliding windows are those of a slow reading of the definition") {
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    const bool session = round % 2 == 0;
    const std::int64_t size = 3 + static_cast<std::int64_t>(random() % 9);
    const std::int64_t every = 1 + static_cast<std::int64_t>(random() % 7);
    Fixture f(session ? nfa::WindowKind::kSession : nfa::WindowKind::kSliding,
              {size * kNsPerSecond}, {every * kNsPerSecond});
    std::map<std::string, std::vector<std::int64_t>> by_key;
    Lines lines;
    std::int64_t now = -40;
    for (int i = 0; i < 60; ++i) {
      now += static_cast<std::int64_t>(random() % 4);
      while (f.op[0].next_end() <= at(now)) {
        for (auto& l : f.close(f.op[0].next_end())) lines.push_back(std::move(l));
      }
      const std::string key(1, static_cast<char>('a' + random() % 3));
      f.add(at(now), key, 1);
      by_key[key].push_back(now);
    }
    for (auto& l : f.close(Timestamp::max())) lines.push_back(std::move(l));

    Lines expected;
    for (const auto& [key, times] : by_key) {
      const auto show = [&](std::int64_t start, std::int64_t end, int n) {
        expected.push_back(std::to_string(start) + "-" + std::to_string(end) + " " + key + " " +
                           std::to_string(n) + " [1] 0");
      };
      if (session) {
        std::size_t first = 0;
        for (std::size_t i = 0; i < times.size(); ++i) {
          if (i + 1 < times.size() && times[i + 1] < times[i] + size) continue;
          show(times[first], times[i] + size, static_cast<int>(i + 1 - first));
          first = i + 1;
        }
      } else {
        for (std::int64_t start = -100 * every; start < 400; start += every) {
          int n = 0;
          for (const std::int64_t t : times) n += t >= start && t < start + size;
          if (n != 0) show(start, start + size, n);
        }
      }
    }
    std::sort(lines.begin(), lines.end());
    std::sort(expected.begin(), expected.end());
    CHECK(lines == expected);
  }
}

TEST_CASE("a window's event has its bounds, key and values as slots and as JSON") {
  Fixture f(nfa::WindowKind::kTumbling, {60 * kNsPerSecond}, {60 * kNsPerSecond});
  f.add(at(1), "a \"b\"", 17);
  ValueArena arena;
  ValueArena scratch;
  const WindowEvents events(f.derive, f.key, f.plan);
  Event event;
  f.op[0].close_through(at(60), {}, scratch, [&](const WindowResult& w) {
    CHECK(w.first_seq == 1);
    event = events.make(w, arena);
  });
  scratch.reset();
  CHECK(event.type == f.derive.type);
  CHECK(event.origin == EventOrigin::kWindow);
  CHECK(event.ts == at(60));
  CHECK(event.type_name == "stream");
  std::string name;
  event.format->append_name(name, event);
  CHECK(name == R"(stream["a \"b\""]@1970-01-01T00:00:00.000Z)");
  CHECK(event.plan == &f.plan.type(f.derive.type));
  std::string slots;
  for (std::size_t i = 0; i < event.plan->fields.size(); ++i) {
    slots += f.plan.field(event.plan->fields[i]).dotted + "=" + to_text(event.slots[i]) + ";";
  }
  CHECK(slots ==
        "window_start=1970-01-01T00:00:00.000Z;window_end=1970-01-01T00:01:00.000Z;"
        "k=a \"b\";n=1;ids=[17];");
  std::string json;
  event.format->append_json(json, event);
  CHECK(json ==
        R"({"type":"stream","ts":"1970-01-01T00:01:00.000Z","k":"a \"b\"",)"
        R"("window_start":"1970-01-01T00:00:00.000Z","window_end":"1970-01-01T00:01:00.000Z",)"
        R"("n":1,"ids":[17],"big":1})");
}

}  // namespace
}  // namespace weir::runtime
