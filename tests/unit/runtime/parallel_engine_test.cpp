// Several engines report what one does, byte for byte, whatever the number of workers, threads and
// events in a batch.
#include "weir/runtime/parallel_engine.hpp"

#include <doctest/doctest.h>

#include "parallel_support.hpp"
#include "weir/runtime/crew.hpp"

namespace weir::runtime {
namespace {

// Rules that are spread by three keys: at events and at deadlines, with pauses, loops that only the
// log's end closes, a look back, and cooldown.
const char* const kSpread = R"(
rules:
  - id: steps
    title: t
    severity: low
    key: k
    pattern: SEQ(a AS one, b AS two WHERE x >= one.x, NEXT NOT d, c) WITHIN 40s
    alert: {message: "{one.k} {two.x}", cooldown: 20s}
  - id: silence
    title: t
    severity: low
    key: k
    pattern: SEQ(a AS one, NOT b WITHIN 5s)
    alert: {message: "{one.k} is silent", cooldown: 7s}
  - id: session
    title: t
    severity: low
    key: j
    pattern: SEQ(c++ AS all, NOT c WITHIN 6s)
    alert: {fields: {n: count(all)}}
  - id: rest
    title: t
    severity: low
    key: j
    pattern: SEQ(d AS one, b++ AS others WHERE x > 1)
  - id: both
    title: t
    severity: low
    key: [k, j]
    pattern: SEQ(NOT d WITHIN 3s, a, ANY b{2} AS bs) WITHIN 30s
  - id: by-type
    title: t
    severity: low
    key: {a: k, b: j}
    pattern: SEQ(a, b, NOT c WITHIN 4s)
  - id: all
    title: t
    severity: low
    key: k
    pattern: SEQ(* WHERE x == 9, NEXT * WHERE x == 8)
)";

// A chain whose rules have one key: spread whole.
const char* const kChain = R"(
rules:
  - id: up
    title: t
    severity: low
    key: k
    pattern: SEQ(a, NOT b WITHIN 4s)
    alert: {stream: marks, cooldown: 10s}
  - id: down
    title: t
    severity: high
    key: k
    pattern: SEQ(b WHERE x > 5, c)
    alert: {stream: marks, fields: {x: c.x}}
  - id: flaps
    title: t
    severity: high
    key: k
    pattern: SEQ("rule:up" AS one, marks AS two WHERE rule == "down", d) WITHIN 60s
    alert: {message: "{one.kept_back} {two.x}"}
  - id: again
    title: t
    severity: high
    key: k
    pattern: SEQ("rule:flaps", "rule:flaps") WITHIN 1h
)";

// The same with one that waits for time, which keeps it in one place.
const char* const kWaitingChain = R"(
rules:
  - id: alone
    title: t
    severity: low
    key: k
    pattern: SEQ(a, NOT b WITHIN 4s)
    alert: {stream: lone}
  - id: alone-again
    title: t
    severity: low
    key: k
    pattern: SEQ(lone AS one, NOT lone WITHIN 5s) AFTER MATCH KEEP
)";

// What has to stay together: windows and what reads them, rules without a key, max_per, chains that
// change the key or wait for time.
const char* const kPinned = R"(
derive:
  - id: load
    from: a
    key: k
    window: sliding 6s every 2s
    values:
      n: count()
      most: max(x)
  - id: calm
    from: load
    key: k
    window: tumbling 10s
    values:
      n: sum(n)
  - id: visit
    from: b
    key: j
    window: session gap 5s
    values:
      n: count()
rules:
  - id: rising
    title: t
    severity: low
    key: k
    pattern: SEQ(load AS one, NEXT load AS two WHERE n > one.n, NOT calm WITHIN 5s)
  - id: visits
    title: t
    severity: low
    pattern: SEQ(visit WHERE n > 2, visit WHERE n > 2) WITHIN 2m
  - id: limited
    title: t
    severity: low
    key: k
    pattern: SEQ(c, d)
    alert: {max_per: 3/20s, cooldown: 5s}
  - id: capped
    title: t
    severity: low
    key: k
    pattern: SEQ(c, NEXT b)
    alert: {max_per: 2/10s}
  - id: no-key
    title: t
    severity: low
    pattern: SEQ(a AS one WHERE x == 3, b WHERE x == 3) WITHIN 10s
    alert: {fields: {n: one.x}}
  - id: other-key
    title: t
    severity: low
    key: n
    pattern: SEQ("rule:no-key", NOT "rule:limited" WITHIN 5s)
  - id: quiet
    title: t
    severity: low
    key: k
    pattern: SEQ("rule:limited"++ AS l, NOT "rule:limited" WITHIN 30s)
  - id: open-end
    title: t
    severity: low
    key: k
    pattern: SEQ("rule:rising", c++)
)";

std::string together() {
  // Documents of one file.
  return std::string(kSpread) + "---" + kChain + "---" + kWaitingChain + "---" + kPinned;
}

void compare(const char* yaml, std::size_t events, unsigned seed, const Course& course = {}) {
  const nfa::ProgramPtr program = compile_text(yaml);
  REQUIRE(program != nullptr);
  const RandomLog log(*program, events, seed);
  const JsonFormat format;
  const Report expected = run_one_engine(program, log, course, format);
  // A rule that never matches would say nothing; some do at the end alone.
  for (nfa::RuleId r = 0; course.finish && r < program->rules.size(); ++r) {
    CAPTURE(program->rules[r].id);
    CHECK(expected.stats.rules[r].matches > 0);
  }
  constexpr std::size_t kThreads[] = {1, 2, 3, 8};
  std::size_t turn = seed;
  for (const std::size_t workers : {1UL, 2UL, 3UL, 8UL}) {
    for (const std::size_t batch : {1UL, 7UL, 256UL, 4096UL}) {
      const std::size_t threads = kThreads[turn++ % 4];
      CAPTURE(workers);
      CAPTURE(batch);
      CAPTURE(threads);
      const Report report = run_in_parallel(program, log, course, format, workers, threads, batch);
      CHECK_MESSAGE(report == expected, difference(report, expected));
    }
    ++turn;  // each batch meets each number of threads
  }
}

TEST_CASE("several engines: rules spread by their keys") {
  compare(kSpread, 1500, 1);
  compare(kSpread, 1500, 2);
}

TEST_CASE("several engines: rules that begin alike, of which some are one engine's whole") {
  std::string text = "rules:\n";
  for (int i = 0; i < 12; ++i) {
    text += "  - id: r" + std::to_string(i) +
            "\n    title: t\n    severity: low\n    key: k\n    pattern: SEQ(a WHERE x > " +
            std::to_string(i % 4) + ", b, " + (i % 2 == 0 ? "c" : "d") + ") WITHIN " +
            std::to_string(5 + 10 * i) + "s\n";
    // It counts over all keys.
    if (i % 3 == 0) text += "    alert: {max_per: 2/20s}\n";
  }
  compare(text.c_str(), 1500, 1);
}

TEST_CASE("several engines: a chain of rules with one key") {
  compare(kChain, 3000, 3);
}

TEST_CASE("several engines: a chain that waits for time") {
  for (const unsigned seed : {1U, 2U, 3U}) compare(kWaitingChain, 3000, seed);
}

TEST_CASE("several engines: windows, limits, rules without a key") {
  compare(kPinned, 3000, 4);
}

TEST_CASE("several engines: all of these together") {
  for (const unsigned seed : {5U, 6U}) compare(together().c_str(), 1600, seed);
}

TEST_CASE("several engines: time advances without events") {
  compare(together().c_str(), 2000, 8, {.step = 10, .finish = true});
}

TEST_CASE("several engines: a log without an end leaves deadlines open") {
  compare(together().c_str(), 1000, 9, {.step = 0, .finish = false});
  compare(together().c_str(), 1000, 10, {.step = 25, .finish = false});
}

TEST_CASE("several engines: an empty log") {
  const nfa::ProgramPtr program = compile_text(kSpread);
  REQUIRE(program != nullptr);
  const RandomLog log(*program, 0, 1);
  const Report report = run_in_parallel(program, log, {}, JsonFormat(), 3, 2, 16);
  CHECK(report.alerts == 0);
  CHECK(report.stats.events == 0);
}

TEST_CASE("several engines: more alerts fall due at once than may wait") {
  const nfa::ProgramPtr program = compile_text(R"(
rules:
  - id: silence
    title: t
    severity: low
    key: k
    pattern: SEQ(a, NOT e WITHIN 1d) AFTER MATCH KEEP
)");
  REQUIRE(program != nullptr);
  const RandomLog log(*program, 4000, 11);
  const JsonFormat large(20'000);
  const Report expected = run_one_engine(program, log, {}, large);
  // Of each of the workers more than it may keep.
  REQUIRE(expected.text.size() > 3 * kMaxWaitingAlertBytes);
  for (const std::size_t threads : {1UL, 3UL}) {
    CHECK(run_in_parallel(program, log, {}, large, 2, threads, 256) == expected);
  }
}

TEST_CASE("several engines: only some rules' alerts") {
  const nfa::ProgramPtr program = compile_text(kChain);
  REQUIRE(program != nullptr);
  const RandomLog log(*program, 2000, 12);
  class Sink final : public AlertTextSink {
   public:
    void on_alerts(std::string_view text, std::size_t) override { all += text; }
    std::string all;
  };
  Sink sink;
  const JsonFormat format;
  ParallelEngine engine(program, {.workers = 2, .only = {2}}, format, sink);
  LogStage feeding(log, 64, {}, engine);
  Stage* const stages[] = {&engine.merging(), &engine.matching(), &feeding};
  Crew(1).run(stages, [&] { return engine.done(); });
  CHECK(sink.all.find("\"rule\":\"flaps\"") != std::string::npos);
  CHECK(sink.all.find("\"rule\":\"up\",\"severity\":\"low\",\"stream\"") == std::string::npos);
}

}  // namespace
}  // namespace weir::runtime
