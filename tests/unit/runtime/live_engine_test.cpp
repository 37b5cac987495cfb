// The live engine reports what one engine does over the same events in their order, however they
// come in; and rules wait for the sources that feed them alone.
#include "weir/runtime/live_engine.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

#include "parallel_support.hpp"

namespace weir::runtime {
namespace {

const char* const kRules = R"(
rules:
  - id: steps
    title: t
    severity: low
    key: k
    pattern: SEQ(a AS one, b AS two WHERE x >= one.x, NEXT NOT d, c) WITHIN 40s
  - id: silence
    title: t
    severity: low
    key: k
    pattern: SEQ(a AS one, NOT b WITHIN 5s)
  - id: pairs
    title: t
    severity: low
    key: j
    pattern: SEQ(c, d)
)";

/// Hears and keeps everything.
class Ear final : public LiveListener, public AlertTextSink {
 public:
  void on_taken(const InputItem& item) override { taken.push_back(item); }
  void on_late(const Event& event, Duration lateness) override {
    late.emplace_back(event.position.offset, lateness);
  }
  bool room_for_alerts() override { return room; }
  void on_alerts(std::string_view text, std::size_t alerts) override {
    report.text += text;
    report.alerts += alerts;
  }

  std::vector<InputItem> taken;
  std::vector<std::pair<std::uint64_t, Duration>> late;
  bool room = true;
  Report report;
};

/// An engine on the calling thread.
class Live {
 public:
  Live(nfa::ProgramPtr program, LiveOptions options)
      : engine(std::move(program), std::move(options), format, ear, ear) {}

  void work() {
    for (bool worked = true; worked;) {
      worked = false;
      for (Stage* const stage : engine.stages()) worked = stage->run_one(0) || worked;
    }
  }
  void open(std::uint32_t source, std::uint32_t partition = 0) {
    engine.put(source, PartitionChange{PartitionChange::Kind::kOpened, source, partition,
                                       std::make_shared<PartitionControl>()});
  }
  void change(PartitionChange::Kind kind, std::uint32_t source, std::uint32_t partition = 0) {
    engine.put(source, PartitionChange{kind, source, partition, nullptr});
  }
  void events(std::uint32_t source, std::uint32_t partition, std::span<const Event> events,
              std::int64_t arrived = 0) {
    InputBlock block;
    block.source = source;
    block.partition = partition;
    block.events = events;
    block.sorted = std::ranges::is_sorted(events, {}, &Event::ts);
    block.bytes = events.size() * 100;
    block.arrived = arrived;
    block.next_offset = events.empty() ? 0 : events.back().position.offset + 1;
    engine.route(source, events, block.routes);
    engine.put(source, std::move(block));
  }
  const Report& drain() {
    engine.drain();
    while (!engine.done()) work();
    return ear.report;
  }

  JsonFormat format;
  Ear ear;
  LiveEngine engine;
};

LiveSource source(std::string name, Duration out_of_order, SourceTypes types = std::nullopt) {
  return {.name = std::move(name), .types = std::move(types), .out_of_order = out_of_order};
}

constexpr Duration seconds(std::int64_t n) {
  return Duration{n * kNsPerSecond};
}

/// A log dealt out among partitions, each out of order within its bound.
struct Dealt {
  Dealt(const RandomLog& log, std::size_t sources, Duration bound, std::mt19937& random) {
    std::vector<std::vector<std::pair<Timestamp, Event>>> delayed(sources * 2);
    for (const Event& event : log.events) {
      const auto jitter =
          Duration{static_cast<std::int64_t>(random() % static_cast<unsigned long>(bound.ns + 1))};
      delayed[random() % delayed.size()].emplace_back(event.ts + jitter, event);
    }
    for (std::size_t p = 0; p < delayed.size(); ++p) {
      std::ranges::stable_sort(delayed[p], {}, [](const auto& d) { return d.first; });
      std::vector<Event>& events = partitions.emplace_back();
      for (auto& [at, event] : delayed[p]) {
        event.position = {static_cast<std::uint32_t>(p / 2), static_cast<std::uint32_t>(p % 2),
                          events.size()};
        events.push_back(event);
        in_order.push_back(event);
      }
    }
    std::ranges::sort(in_order, {}, [](const Event& e) { return std::pair(e.ts, e.position); });
  }
  std::vector<std::vector<Event>> partitions;  // source and parity
  std::vector<Event> in_order;
};

Report expected_of(const nfa::ProgramPtr& program, std::span<const Event> in_order) {
  class Sink final : public AlertSink {
   public:
    void on_alert(const Alert& alert) override { JsonFormat().append(text, alert); }
    std::string text;
  };
  Sink sink;
  Engine engine(program, {}, sink);
  engine.push(in_order);
  return {.text = sink.text, .alerts = engine.stats().alerts, .stats = engine.stats()};
}

void put_all(Live& live, const Dealt& dealt, std::mt19937& random, std::size_t piece) {
  std::vector<std::size_t> next(dealt.partitions.size());
  for (std::uint32_t p = 0; p < next.size(); ++p) live.open(p / 2, p % 2);
  while (true) {
    std::vector<std::uint32_t> left;
    for (std::uint32_t p = 0; p < next.size(); ++p) {
      if (next[p] < dealt.partitions[p].size()) left.push_back(p);
    }
    if (left.empty()) return;
    const std::uint32_t p = left[random() % left.size()];
    const auto rest = std::span(dealt.partitions[p]).subspan(next[p]);
    const auto part = rest.first(std::min<std::size_t>(1 + random() % piece, rest.size()));
    live.events(p / 2, p % 2, part);
    next[p] += part.size();
    if (random() % 3 == 0) live.work();
  }
}

TEST_CASE("live: events of many partitions, out of order, in any pieces") {
  const nfa::ProgramPtr program = compile_text(kRules);
  REQUIRE(program != nullptr);
  for (unsigned seed = 0; seed < 12; ++seed) {
    std::mt19937 random(seed);
    const RandomLog log(*program, 1500, seed);
    const Duration bound = seconds(seed % 3 * 4);
    const std::size_t sources = 1 + seed % 3;
    const Dealt dealt(log, sources, bound, random);
    const Report expected = expected_of(program, dealt.in_order);
    CHECK(expected.alerts > 10);
    LiveOptions options;
    for (std::size_t s = 0; s < sources; ++s) options.sources.push_back(source("s", bound));
    options.workers = 1 + seed % 4;
    options.batch = 1 + random() % 40;
    Live live(program, options);
    put_all(live, dealt, random, 1 + random() % 60);
    const Report& report = live.drain();
    CHECK_MESSAGE(report.text == expected.text, difference(report, expected));
    CHECK(live.ear.late.empty());

    const LiveStats stats = live.engine.stats();
    REQUIRE(stats.domains.size() == 1);
    CHECK(stats.domains[0].events == log.events.size());
    CHECK(stats.domains[0].matched == log.events.size());
    CHECK(stats.domains[0].waiting == 0);

    // What was taken, taken again in that order.
    Live again(program, options);
    for (InputItem& item : live.ear.taken) {
      again.engine.put(0, std::move(item));
      again.work();
    }
    CHECK(again.drain().text == expected.text);
  }
}

TEST_CASE("live: on threads, with little room for alerts") {
  const nfa::ProgramPtr program = compile_text(kRules);
  REQUIRE(program != nullptr);
  std::mt19937 random(7);
  const RandomLog log(*program, 20000, 7);
  const Dealt dealt(log, 2, seconds(3), random);
  const Report expected = expected_of(program, dealt.in_order);
  LiveOptions options;
  options.sources = {source("one", seconds(3)), source("two", seconds(3))};
  options.workers = 3;
  Live live(program, options);
  Crew crew(3);
  std::vector<std::jthread> drivers;
  std::atomic<int> left{2};
  for (std::uint32_t s = 0; s < 2; ++s) {
    drivers.emplace_back([&, s] {
      for (std::uint32_t p = 0; p < 2; ++p) live.open(s, p);
      std::size_t next[2] = {0, 0};
      for (bool more = true; more;) {
        more = false;
        for (std::uint32_t p = 0; p < 2; ++p) {
          const auto& events = dealt.partitions[s * 2 + p];
          const std::size_t n = std::min<std::size_t>(37, events.size() - next[p]);
          if (n == 0) continue;
          while (!live.engine.has_room(s)) std::this_thread::yield();
          live.events(s, p, std::span(events).subspan(next[p], n));
          crew.wake();
          next[p] += n;
          more = true;
        }
      }
      if (--left == 0) {
        live.engine.drain();
        crew.wake();
      }
    });
  }
  crew.run(live.engine.stages(), [&] { return live.engine.done(); });
  CHECK_MESSAGE(live.ear.report.text == expected.text, difference(live.ear.report, expected));
}

TEST_CASE("live: a source that stalls holds back what it feeds, and nothing else") {
  const nfa::ProgramPtr program = compile_text(kRules);
  REQUIRE(program != nullptr);
  const RandomLog log(*program, 3000, 3);
  std::vector<Event> letters[2];  // a and b; c and d
  for (const Event& event : log.events) {
    letters[event.type_name == "c" || event.type_name == "d" ? 1 : 0].push_back(event);
  }
  LiveOptions options;
  options.sources = {source("ab", Duration{0}, {{"a", "b"}}),
                     source("cd", Duration{0}, {{"c", "d"}})};
  Live live(program, options);
  REQUIRE(live.engine.domains().size() == 3);
  CHECK(live.engine.domains()[0].sources == std::vector<std::uint32_t>{0, 1});  // steps
  CHECK(live.engine.domains()[1].sources == std::vector<std::uint32_t>{0});     // silence
  CHECK(live.engine.domains()[2].sources == std::vector<std::uint32_t>{1});     // pairs
  live.open(0);
  live.open(1);
  live.events(0, 0, letters[0]);
  live.work();
  const auto count = [&](const char* rule) {
    const std::string name = std::string("\"rule\":\"") + rule + "\"";
    std::size_t n = 0;
    for (std::size_t at = 0; (at = live.ear.report.text.find(name, at)) != std::string::npos;
         ++at) {
      ++n;
    }
    return n;
  };
  CHECK(count("silence") > 0);
  CHECK(count("steps") == 0);
  CHECK(count("pairs") == 0);
  live.events(1, 0, letters[1]);
  live.drain();
  std::vector<Event> in_order = log.events;
  std::ranges::stable_sort(in_order, {}, [](const Event& e) {
    return std::pair(e.ts, e.type_name == "c" || e.type_name == "d");
  });
  const Report expected = expected_of(program, in_order);
  CHECK(count("steps") == expected.stats.rules[0].alerts);
  CHECK(count("silence") == expected.stats.rules[1].alerts);
  CHECK(count("pairs") == expected.stats.rules[2].alerts);
}

TEST_CASE("live: idle sources hold nothing back, and time goes on when all are idle") {
  const nfa::ProgramPtr program = compile_text(kRules);
  REQUIRE(program != nullptr);
  const RandomLog log(*program, 400, 5);
  std::vector<Event> as;
  for (const Event& event : log.events) {
    if (event.type_name == "a" && !event.get(program->plan.type(event.type).fields[0]).is_null()) {
      as.push_back(event);
      as.back().position.offset = as.size();
    }
  }
  REQUIRE(as.size() > 4);
  as.resize(3);
  for (Event& event : as) event.ts = {1000 * kNsPerSecond};
  LiveOptions options;
  options.sources = {source("one", seconds(2)), source("two", seconds(2))};
  Live live(program, options);
  live.open(0);
  live.open(1);
  constexpr std::int64_t kStart = 77 * kNsPerSecond;  // of the monotonic clock
  live.events(0, 0, std::span(as).first(1), kStart);
  live.work();
  CHECK(live.engine.stats().domains[0].matched == 0);  // the other may still send something older
  live.change(PartitionChange::Kind::kIdle, 1);
  live.work();
  CHECK(live.engine.stats().domains[0].waiting == 1);  // its own bound
  live.change(PartitionChange::Kind::kIdle, 0);
  live.work();
  live.engine.tick(kStart + 4 * kNsPerSecond);  // the watermark is 2 s before the event, and 4 s on
  live.work();
  CHECK(live.engine.stats().domains[0].matched == 1);
  CHECK(live.ear.report.alerts == 0);
  live.engine.tick(kStart + 8 * kNsPerSecond);
  live.work();
  CHECK(live.ear.report.alerts == 1);  // 5 s of silence are over

  // What comes back from before that is late; what is on time is taken.
  live.events(1, 0, std::span(as).subspan(1, 1), kStart + 9 * kNsPerSecond);
  as[2].ts = as[2].ts + seconds(10);
  live.events(1, 0, std::span(as).subspan(2, 1), kStart + 9 * kNsPerSecond);
  live.work();
  REQUIRE(live.ear.late.size() == 1);
  CHECK(live.ear.late[0].second == seconds(6));
  const DomainStats domain = live.engine.stats().domains[0];
  CHECK(domain.events == domain.matched + domain.late + domain.waiting);

  Live again(program, options);
  for (const InputItem& item : live.ear.taken) {
    again.engine.put(0, item);
    again.work();
  }
  CHECK(again.drain().text == live.drain().text);
  CHECK(again.ear.late == live.ear.late);
}

TEST_CASE("live: a cut says what is done with") {
  const nfa::ProgramPtr program = compile_text(kRules);
  REQUIRE(program != nullptr);
  const RandomLog log(*program, 600, 6);
  std::vector<Event> events = log.events;
  for (std::size_t i = 0; i < events.size(); ++i) events[i].position = {0, 0, i};
  LiveOptions options;
  options.sources = {source("one", seconds(5))};
  Live live(program, options);
  live.open(0);
  std::uint64_t done = 0;
  for (std::size_t i = 0; i + 20 <= events.size(); i += 20) {
    live.events(0, 0, std::span(events).subspan(i, 20));
    live.work();
    live.engine.tick(0);
    while (const auto cut = live.engine.take_cut()) {
      REQUIRE(cut->partitions.size() == 1);
      CHECK(cut->partitions[0].offset > done);
      done = cut->partitions[0].offset;
    }
    // Whole blocks, none of which has an event that waits.
    CHECK(done % 20 == 0);
    const std::uint64_t matched = live.engine.stats().domains[0].matched;
    CHECK(done <= matched);
  }
  CHECK(done > 400);
}

TEST_CASE("live: when all is done the last cut covers all of it, though nobody works any more") {
  const nfa::ProgramPtr program = compile_text(kRules);
  REQUIRE(program != nullptr);
  const RandomLog log(*program, 200, 6);
  std::vector<Event> events = log.events;
  for (std::size_t i = 0; i < events.size(); ++i) events[i].position = {0, 0, i};
  for (int round = 0; round < 100; ++round) {
    LiveOptions options;
    options.sources = {source("one", seconds(5))};
    options.workers = 3;
    options.batch = 7;
    Live live(program, options);
    live.open(0);
    live.events(0, 0, events);
    live.engine.drain();
    Crew(3).run(live.engine.stages(), [&] { return live.engine.done(); });
    live.engine.tick(0);
    std::uint64_t done = 0;
    while (const auto cut = live.engine.take_cut()) done = cut->partitions.front().offset;
    REQUIRE(done == events.size());
  }
}

TEST_CASE("live: who runs ahead is held, once it costs memory") {
  const nfa::ProgramPtr program = compile_text(kRules);
  REQUIRE(program != nullptr);
  RandomLog log(*program, 400, 6);
  LiveOptions options;
  options.sources = {source("fast", Duration{0}), source("slow", Duration{0})};
  options.max_ahead = seconds(10);
  Live live(program, options);
  const auto fast = std::make_shared<PartitionControl>();
  const auto slow = std::make_shared<PartitionControl>();
  live.engine.put(0, PartitionChange{PartitionChange::Kind::kOpened, 0, 0, fast});
  live.engine.put(1, PartitionChange{PartitionChange::Kind::kOpened, 1, 0, slow});
  live.events(1, 0, std::span(log.events).first(1));
  live.events(0, 0, log.events);
  live.work();
  live.engine.tick(0);
  CHECK_FALSE(fast->hold.load());  // far ahead, but of little size
  InputBlock block;
  block.source = 0;
  std::vector<Event> last(1, log.events.back());
  block.events = last;
  block.bytes = kFreeAheadBytes + 1;
  live.engine.route(0, block.events, block.routes);
  live.engine.put(0, std::move(block));
  live.work();
  live.engine.tick(0);
  CHECK(fast->hold.load());
  CHECK_FALSE(slow->hold.load());
  live.change(PartitionChange::Kind::kIdle, 1);
  live.work();
  live.engine.tick(0);
  CHECK_FALSE(fast->hold.load());
  live.drain();
}

}  // namespace
}  // namespace weir::runtime
