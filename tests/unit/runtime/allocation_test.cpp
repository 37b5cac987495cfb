// In steady state an event costs no allocation: what comes and goes is held in arenas and pools that
// have found their size.
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

TEST_CASE("an event costs no allocation in steady state") {
  std::string text = "rules:\n";
  std::size_t number = 0;
  const auto add = [&](const std::string& pattern, const std::string& key) {
    text += "  - id: r" + std::to_string(number++) +
            "\n    title: t\n    severity: low\n    key: " + key + "\n    pattern: " + pattern + "\n";
  };
  add("SEQ(a, b, c)", "k");
  add("SEQ(a, NEXT b, NEXT c)", "k");
  add("SEQ(a, ANY b, c) WITHIN 10s AFTER MATCH KEEP", "k");
  add("SEQ(a, NOT b WITHIN 5s)", "j");
  add("SEQ(a{2,} AS many, NOT d, c) WITHIN 20s", "[k, j]");
  for (int i = 0; i < 10; ++i) {
    add("SEQ(a WHERE x >= " + std::to_string(i) + ", b WHERE x < 5, c) WITHIN 20s", "k");
  }
  const nfa::ProgramPtr program = compile_text(text);
  REQUIRE(program != nullptr);
  const RandomLog log(*program, 4000, 7);
  NoSink sink;
  Count count;
  EngineOptions options;
  options.matches = &count;
  Engine engine(program, options, sink);
  // The same course again and again, later each time: the pools have found their size after some.
  std::vector<Event> events = log.events;
  const Duration length{(events.back().ts - events.front().ts).ns + kNsPerSecond};
  std::size_t before = 0;
  for (int round = 0; round < 6; ++round) {
    before = allocations.load();
    engine.push(events);
    for (Event& event : events) event.ts = event.ts + length;
  }
  CHECK(count.matches > 1000);
  CHECK(allocations.load() == before);
}

}  // namespace
}  // namespace weir::runtime
