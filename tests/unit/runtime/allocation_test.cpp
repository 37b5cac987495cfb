// In steady state an event costs no allocation: what comes and goes is held in arenas and pools
// that have found their size.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "parallel_support.hpp"

namespace {
std::atomic<std::size_t> allocations{0};
}  // namespace

// Of this test program, for all of it.
void* operator new(std::size_t bytes) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* p = std::malloc(bytes != 0 ? bytes : 1)) return p;
  throw std::bad_alloc();
}
void* operator new[](std::size_t bytes) {
  return operator new(bytes);
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(bytes != 0 ? bytes : 1);
}
void* operator new[](std::size_t bytes, const std::nothrow_t& tag) noexcept {
  return operator new(bytes, tag);
}
void operator delete(void* p) noexcept {
  std::free(p);
}
void operator delete[](void* p) noexcept {
  std::free(p);
}
void operator delete(void* p, std::size_t) noexcept {
  std::free(p);
}
void operator delete[](void* p, std::size_t) noexcept {
  std::free(p);
}

namespace weir::runtime {
namespace {

class NoSink final : public AlertSink {
 public:
  void on_alert(const Alert&) override {}
};
class Count final : public MatchConsumer {
 public:
  void on_match(nfa::RuleId, Timestamp, std::span<const nfa::BoundEvent>) override { ++matches; }
  void on_more(nfa::RuleId, std::uint64_t) override {}
  std::size_t matches = 0;
};

/// Rules one below the other.
class RuleText {
 public:
  void add(const std::string& pattern, const std::string& key) {
    text_ += "  - id: r" + std::to_string(number_++) +
             "\n    title: t\n    severity: low\n    pattern: " + pattern + "\n";
    if (!key.empty()) text_ += "    key: " + key + "\n";
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_ = "rules:\n";
  std::size_t number_ = 0;
};

/// The same log again and again, later each time: after some rounds the pools have found their
/// size. Allocations of the last round.
std::size_t allocations_of_last(const nfa::ProgramPtr& program, std::size_t few_runs,
                                std::size_t least_matches) {
  const RandomLog log(*program, 4000, 7);
  NoSink sink;
  Count count;
  EngineOptions options;
  options.matches = &count;
  options.few_runs = few_runs;
  Engine engine(program, options, sink);
  std::vector<Event> events = log.events;
  const Duration length{(events.back().ts - events.front().ts).ns + kNsPerSecond};
  std::size_t before = 0;
  for (int round = 0; round < 8; ++round) {
    before = allocations.load();
    engine.push(events);
    for (Event& event : events) event.ts = event.ts + length;
  }
  CHECK(count.matches > least_matches);
  return allocations.load() - before;
}

TEST_CASE("an event costs no allocation in steady state") {
  RuleText rules;
  rules.add("SEQ(a, b, c)", "k");
  rules.add("SEQ(a, NEXT b, NEXT c)", "k");
  rules.add("SEQ(a, ANY b, c) WITHIN 10s AFTER MATCH KEEP", "k");
  rules.add("SEQ(a, NOT b WITHIN 5s)", "j");
  rules.add("SEQ(a{2,} AS many, NOT d, c) WITHIN 20s", "[k, j]");
  for (int i = 0; i < 10; ++i) {
    rules.add("SEQ(a WHERE x >= " + std::to_string(i) + ", b WHERE x < 5, c) WITHIN 20s", "k");
  }
  const nfa::ProgramPtr program = compile_text(rules.text());
  REQUIRE(program != nullptr);
  CHECK(allocations_of_last(program, nfa::kFewRuns, 1000) == 0);
}

TEST_CASE("nor does it where rules are matched run by run") {
  RuleText rules;
  rules.add("SEQ(a, b WHERE x == a.x AND k != a.k) WITHIN 60s", "");
  rules.add("SEQ(a, b WHERE x > a.x * 2, c WHERE x < b.x) WITHIN 10s", "");
  rules.add("SEQ(a, b+ WHERE x == a.x, c WHERE x > a.x) WITHIN 20s", "k");
  rules.add("SEQ(a, NOT b WHERE k == a.k) WITHIN 30s", "");
  rules.add("SEQ(a, NOT d WHERE x == a.x WITHIN 5s, c WHERE x >= a.x) WITHIN 30s", "");
  rules.add("SEQ(a, OR(b WHERE x == a.x, SEQ(c, d)), d) WITHIN 30s AFTER MATCH KEEP", "k");
  rules.add("SEQ(a, AND(b WHERE x == a.x, c), d?) WITHIN 30s AFTER MATCH SKIP TO NEXT", "k");
  const nfa::ProgramPtr program = compile_text(rules.text());
  REQUIRE(program != nullptr);
  for (const nfa::Rule& rule : program->rules) CHECK(!rule.sequence);
  for (const std::size_t few_runs : {nfa::kFewRuns, std::size_t{4}, nfa::kNoRunIndex}) {
    CHECK(allocations_of_last(program, few_runs, 1000) == 0);
  }
}

}  // namespace
}  // namespace weir::runtime
