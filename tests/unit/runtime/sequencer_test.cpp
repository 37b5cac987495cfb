// The sequencer: order, when events go, what is late, and what the watermarks say.
#include "weir/runtime/sequencer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <tuple>
#include <vector>

namespace weir::runtime {
namespace {

Event event(std::int64_t ts, std::string_view raw = {}) {
  Event e;
  e.ts = {ts};
  e.raw = raw;
  return e;
}

/// Writes down what it is told: "5" or "5:text" an event, "w4" a watermark, "late5+2".
class Log : public EventSink {
 public:
  void on_event(const Event& e) override {
    text += std::to_string(e.ts.ns) + (e.raw.empty() ? "" : ":" + std::string(e.raw)) + " ";
    last = &e;
  }
  void on_watermark(Timestamp w) override { text += "w" + std::to_string(w.ns) + " "; }
  void on_late(const Event& e, Duration lateness) override {
    text += "late" + std::to_string(e.ts.ns) + "+" + std::to_string(lateness.ns) + " ";
  }
  std::string take() {
    std::string t;
    std::swap(t, text);
    if (!t.empty()) t.pop_back();
    return t;
  }
  std::string text;
  const Event* last = nullptr;
};

TEST_CASE("one source without a bound passes straight through, uncopied") {
  Log log;
  Sequencer s({Duration{0}}, log);
  const Event first = event(5);
  s.push(0, first);
  CHECK(log.take() == "5");
  CHECK(log.last == &first);
  s.push(0, event(5, "again"));
  s.push(0, event(7));
  CHECK(log.take() == "5:again 7");
  s.push(0, event(6));
  CHECK(log.take() == "late6+1");
  CHECK(s.late() == 1);
  CHECK(s.buffered() == 0);
  CHECK(s.slowest() == 0);
  s.finish();
  CHECK(log.take().empty());
  CHECK_FALSE(s.slowest().has_value());
}

TEST_CASE("within its bound a source is put in order") {
  Log log;
  Sequencer s({Duration{5}}, log);
  std::string text = "copied";
  s.push(0, event(10, text));
  text.assign("######");
  CHECK(log.take() == "w4");
  s.push(0, event(7));
  s.push(0, event(7, "second"));
  CHECK(s.buffered() == 3);
  CHECK(log.take().empty());
  s.push(0, event(12));
  CHECK(log.take() == "7 7:second");  // the last says what w6 would
  s.push(0, event(6));
  CHECK(log.take() == "late6+1");
  s.push(0, event(7, "on time"));
  CHECK(log.take() == "7:on time");
  s.push(0, event(20));
  CHECK(log.take() == "10:copied 12 w14");
  s.finish();
  CHECK(log.take() == "20");
  CHECK(s.buffered() == 0);
}

TEST_CASE("an event waits for every source that may still bring one before it") {
  Log log;
  Sequencer s({Duration{0}, Duration{0}}, log);
  CHECK(s.slowest() == 0);
  s.push(0, event(10, "a"));
  CHECK(log.take().empty());
  CHECK(s.slowest() == 1);
  s.push(1, event(5, "b"));
  CHECK(log.take() == "5:b");
  CHECK(s.slowest() == 1);
  SUBCASE("of equal times the earlier source's goes first") {
    s.push(1, event(10, "b2"));
    CHECK(log.take() == "10:a");
    CHECK(s.slowest() == 0);
    s.push(0, event(10, "a2"));
    CHECK(log.take() == "10:a2");
    s.push(0, event(11, "a3"));
    CHECK(log.take() == "10:b2");
    s.push(1, event(11, "b3"));
    CHECK(log.take() == "11:a3");
  }
  SUBCASE("a source that is closed holds nothing back") {
    s.close(1);
    CHECK(log.take() == "10:a");
    s.push(0, event(12));
    CHECK(log.take() == "12");
    s.close(0);
    CHECK(log.take().empty());
    CHECK_FALSE(s.slowest().has_value());
  }
  SUBCASE("finish lets everything go") {
    s.push(0, event(11));
    s.finish();
    CHECK(log.take() == "10:a 11");
  }
}

TEST_CASE("a source that has brought nothing holds back all others") {
  Log log;
  Sequencer s({Duration{0}, Duration{0}, Duration{0}}, log);
  s.push(0, event(1));
  s.push(2, event(2));
  CHECK(log.take().empty());
  CHECK(s.slowest() == 1);
  s.close(1);
  CHECK(log.take() == "1");
  CHECK(s.slowest() == 0);
}

/// Counts on the promises: order, nothing after a watermark at or before it.
class Checker : public EventSink {
 public:
  using Entry = std::tuple<std::int64_t, std::uint32_t, std::uint64_t>;
  void on_event(const Event& e) override {
    CHECK(e.ts > watermark);
    released.emplace_back(e.ts.ns, e.position.source, e.position.offset);
  }
  void on_watermark(Timestamp w) override {
    CHECK(w > watermark);
    watermark = w;
  }
  void on_late(const Event& e, Duration lateness) override {
    CHECK(lateness.ns > 0);
    late.emplace_back(e.ts.ns, e.position.source, e.position.offset);
  }
  std::vector<Entry> released;
  std::vector<Entry> late;
  Timestamp watermark = Timestamp::min();
};

TEST_CASE("random sources come out as sorting gives them, as soon as may be") {
  std::mt19937 random(11);
  const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  for (int round = 0; round < 300; ++round) {
    const std::uint32_t sources = 1 + below(4);
    std::vector<Duration> bounds;
    for (std::uint32_t i = 0; i < sources; ++i) bounds.push_back({below(2) == 0 ? 0 : below(6)});
    Checker sink;
    Sequencer s(bounds, sink);
    std::vector<std::int64_t> base(sources, 0);
    std::vector<std::int64_t> largest(sources, -1000);
    std::vector<bool> open(sources, true);
    std::vector<Checker::Entry> expected;
    std::vector<Checker::Entry> late;
    for (std::uint64_t n = 0; n < 80; ++n) {
      const std::uint32_t i = below(sources);
      if (!open[i]) continue;
      if (below(60) == 0) {
        open[i] = false;
        s.close(i);
      } else {
        base[i] += below(3);
        const std::int64_t ts = base[i] - below(8);
        const Checker::Entry entry{ts, i, n};
        Event e = event(ts);
        e.position = {i, 0, n};
        s.push(i, e);
        (ts < largest[i] - bounds[i].ns ? late : expected).push_back(entry);
        largest[i] = std::max(largest[i], ts);
      }
      // What nothing that may come stands before has gone.
      std::sort(expected.begin(), expected.end());
      std::size_t may_go = 0;
      for (const auto& [ts, source, offset] : expected) {
        bool held = false;
        for (std::uint32_t j = 0; j < sources; ++j) {
          const std::int64_t frontier = largest[j] - bounds[j].ns;
          held = held || (open[j] && (ts > frontier || (ts == frontier && source > j)));
        }
        if (held) break;
        ++may_go;
      }
      REQUIRE(sink.released.size() == may_go);
      CHECK(s.buffered() == expected.size() - may_go);
    }
    s.finish();
    CHECK(sink.released == expected);
    CHECK(sink.late == late);
    CHECK(s.late() == late.size());
  }
}

TEST_CASE("a run of events goes at once where nothing may come between") {
  Log log;
  Sequencer s({Duration{0}, Duration{0}}, log);
  // Nothing is known of the other source.
  CHECK_FALSE(s.push_run(0, {1}, {5}));
  s.push(1, event(9));
  CHECK(log.take() == "");
  CHECK_FALSE(s.push_run(0, {1}, {5}));  // one waits
  s.push(0, event(9, "first"));
  s.push(0, event(10));
  CHECK(log.take() == "9:first 9");
  s.push(1, event(10));
  CHECK(log.take() == "10");
  s.push(1, event(11));
  s.push(0, event(11));
  CHECK(log.take() == "10 11");
  s.push(0, event(12));
  CHECK(log.take() == "11");
  s.close(1);
  CHECK(log.take() == "12");
  CHECK_FALSE(s.push_run(0, {11}, {14}));  // begins late
  CHECK(s.push_run(0, {12}, {13}));
  CHECK(s.push_run(0, {13}, {13}));
  CHECK(log.take().empty());
  s.push(0, event(12));
  CHECK(log.take() == "late12+1");
  s.push(0, event(13));
  CHECK(log.take() == "13");
}

TEST_CASE("a run of events waits where another source may come before its end") {
  Log log;
  Sequencer s({Duration{0}, Duration{0}}, log);
  s.push(0, event(1));
  s.push(1, event(5));
  s.push(0, event(6));
  CHECK(log.take() == "1 5");
  s.push(1, event(7));
  CHECK(log.take() == "6");
  CHECK_FALSE(s.push_run(0, {6}, {9}));
  s.push(0, event(8));
  CHECK(log.take() == "7");
  CHECK_FALSE(s.push_run(1, {7}, {7}));  // one waits
}

TEST_CASE("a run of events of the only open source goes on") {
  Log log;
  Sequencer s({Duration{0}, Duration{0}}, log);
  s.push(0, event(9));
  s.close(1);
  log.take();
  CHECK(s.push_run(0, {9}, {12}));
  CHECK(s.push_run(0, {12}, {12}));
  CHECK(log.take().empty());
  s.push(0, event(11));
  CHECK(log.take() == "late11+1");
  s.push(0, event(12));
  CHECK(log.take() == "12");
}

TEST_CASE("a run of events of a source with a bound goes one by one") {
  Log log;
  Sequencer s({Duration{1}}, log);
  CHECK_FALSE(s.push_run(0, {1}, {5}));
}

TEST_CASE("runs and single events come to the same") {
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    const std::size_t sources = 1 + random() % 3;
    std::vector<std::vector<std::int64_t>> times(sources);
    for (auto& list : times) {
      std::int64_t now = static_cast<std::int64_t>(random() % 20);
      for (int i = 0; i < 30; ++i) list.push_back(now += static_cast<std::int64_t>(random() % 3));
    }
    Log one_by_one;
    Log in_runs;
    for (const bool runs : {false, true}) {
      Log& log = runs ? in_runs : one_by_one;
      Sequencer s(std::vector<Duration>(sources), log);
      std::vector<std::size_t> next(sources);
      while (const auto source = s.slowest()) {
        std::size_t& at = next[*source];
        const auto& list = times[*source];
        if (at == list.size()) {
          s.close(*source);
          continue;
        }
        const std::size_t n = std::min(list.size() - at, std::size_t{4});
        if (runs && s.push_run(*source, {list[at]}, {list[at + n - 1]})) {
          for (std::size_t i = 0; i < n; ++i) log.on_event(event(list[at + i], "x"));
          at += n;
        } else {
          s.push(*source, event(list[at++], "x"));
        }
      }
      s.finish();
    }
    CHECK(in_runs.text == one_by_one.text);
  }
}

TEST_CASE("events that stay are not copied") {
  Log log;
  Sequencer s({Duration{5}}, log, Sequencer::Waiting::kStays);
  std::string text = "before";
  s.push(0, event(10, text));
  s.push(0, event(9));
  s.push(0, event(11));
  text.assign("behind");
  s.finish();
  CHECK(log.take() == "w4 w5 9 10:behind 11");
}

}  // namespace
}  // namespace weir::runtime
