// Threads that share stages, and the queue between them.
#include "weir/runtime/crew.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

#include "parallel/batch_queue.hpp"

namespace weir::runtime {
namespace {

/// Takes numbers from one queue, in turn with other threads, and puts them into another.
class Pass final : public Stage {
 public:
  Pass(BatchQueue<int>& from, BatchQueue<int>& to) : from_(from), to_(to) {}
  bool run_one(std::size_t) override {
    if (busy_.test_and_set(std::memory_order_acquire)) return false;
    int item = 0;
    const bool got = from_.pop(item);
    if (got) to_.push(item);
    busy_.clear(std::memory_order_release);
    return got;
  }

 private:
  BatchQueue<int>& from_;
  BatchQueue<int>& to_;
  std::atomic_flag busy_;
};

class Count final : public Stage {
 public:
  explicit Count(BatchQueue<int>& to) : to_(to) {}
  bool run_one(std::size_t) override {
    if (busy_.test_and_set(std::memory_order_acquire)) return false;
    const bool more = next_ < kItems;
    if (more) to_.push(next_++);
    busy_.clear(std::memory_order_release);
    return more;
  }
  static constexpr int kItems = 5000;

 private:
  BatchQueue<int>& to_;
  int next_ = 0;
  std::atomic_flag busy_;
};

class Collect final : public Stage {
 public:
  explicit Collect(BatchQueue<int>& from) : from_(from) {}
  bool run_one(std::size_t) override {
    if (busy_.test_and_set(std::memory_order_acquire)) return false;
    int item = 0;
    const bool got = from_.pop(item);
    if (got) items.push_back(item);
    if (items.size() == Count::kItems) done.store(true, std::memory_order_release);
    busy_.clear(std::memory_order_release);
    return got;
  }
  std::vector<int> items;
  std::atomic<bool> done{false};

 private:
  BatchQueue<int>& from_;
  std::atomic_flag busy_;
};

TEST_CASE("crew: what goes through stages keeps its order, whoever carries it") {
  for (const std::size_t threads : {1UL, 2UL, 4UL}) {
    CAPTURE(threads);
    BatchQueue<int> first;
    BatchQueue<int> second;
    Count count(first);
    Pass pass(first, second);
    Collect collect(second);
    Stage* const stages[] = {&collect, &pass, &count};
    Crew(threads).run(stages, [&] { return collect.done.load(std::memory_order_acquire); });
    REQUIRE(collect.items.size() == Count::kItems);
    for (int i = 0; i < Count::kItems; ++i)
      REQUIRE(collect.items[static_cast<std::size_t>(i)] == i);
  }
}

class Broken final : public Stage {
 public:
  bool run_one(std::size_t thread) override {
    if (thread != 1) return false;
    throw std::runtime_error("broken");
  }
};

TEST_CASE("crew: what a thread throws is thrown where the crew was called") {
  Broken broken;
  Stage* const stages[] = {&broken};
  CHECK_THROWS_WITH(Crew(3).run(stages, [] { return false; }), "broken");
}

TEST_CASE("crew: nothing to do") {
  Crew(2).run({}, [] { return true; });
}

}  // namespace
}  // namespace weir::runtime
