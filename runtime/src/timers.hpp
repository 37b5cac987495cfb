// Deadlines: of one rule most fall due in the order in which they were set.
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "weir/nfa/program.hpp"

namespace weir::runtime {

/// The order in which things fall due: windows before events of their end, deadlines after, of one
/// instant those first that rest on none of the others; then the order of the contract.
struct DueKey {
  enum Phase : std::uint8_t { kWindow, kDeadline };
  std::int64_t at = 0;
  Phase phase = kWindow;
  std::uint32_t rank = 0;       // closing rank, or stratum
  std::uint32_t index = 0;      // DeriveId or RuleId
  std::uint64_t start_seq = 0;  // arrival of the window's or the match's first event
  friend auto operator<=>(const DueKey&, const DueKey&) = default;
};

/// Names a partition for as long as it is open.
struct PartitionTicket {
  std::uint32_t partition = 0;
  std::uint32_t serial = 0;
};

/// Of a run; or of a silence after an event that is kept as node `index` of a sequence.
struct Timer {
  std::int64_t at = 0;
  std::uint64_t start_seq = 0;
  PartitionTicket of;
  std::uint32_t index = 0;
};

/// A queue for each rule and a heap over their heads; and another heap, of timers that are due
/// before one that their rule set earlier. What a timer was set for may be gone before it is due;
/// such are thrown out (`stale(rule, timer)`) before room is made for more, so that memory grows
/// with what is open and not with what has been. push: O(1) in the queue, O(log timers) in the
/// heap, amortised; pop: O(log).
class RuleTimers {
 public:
  explicit RuleTimers(const nfa::Program& program)
      : program_(program), queues_(program.rules.size()), strays_(program.rules.size()) {}

  bool empty() const noexcept { return heads_.empty() && heap_.empty(); }
  /// Of the timer that is due first.
  const DueKey& key() const noexcept { return queue_first() ? heads_.front() : heap_.front().key; }
  const Timer& top() const noexcept {
    return queue_first() ? queues_[heads_.front().index].front() : heap_.front().timer;
  }
  std::size_t size(nfa::RuleId rule) const noexcept { return queues_[rule].size + strays_[rule]; }

  template <typename Stale>
  void push(nfa::RuleId rule, const Timer& timer, Stale&& stale) {
    Queue& queue = queues_[rule];
    if (queue.size > 0 && due_before(timer, queue.back())) return push_stray(rule, timer, stale);
    if (queue.size == queue.items.size() && queue.size > 0) {
      const DueKey head = key_of(rule, queue.front());
      queue.make_room([&](const Timer& t) { return stale(rule, t); });
      if (queue.size == 0 || key_of(rule, queue.front()) != head) {
        std::erase_if(heads_, [&](const DueKey& k) { return k.index == rule; });
        if (queue.size > 0) heads_.push_back(key_of(rule, queue.front()));
        std::ranges::make_heap(heads_, std::greater<>());
      }
    }
    queue.push(timer);
    if (queue.size > 1) return;
    heads_.push_back(key_of(rule, timer));
    std::ranges::push_heap(heads_, std::greater<>());
  }

  /// Throws out timers from the front on, up to the first that is due after `until` or whose event
  /// or run still waits. `ahead` is told of one that will be asked about some calls later.
  template <typename Stale, typename Ahead>
  void drop_stale(std::int64_t until, Stale&& stale, Ahead&& ahead) {
    while (!empty() && key().at <= until) {
      if (queue_first()) {
        const Queue& queue = queues_[heads_.front().index];
        constexpr std::size_t kAhead = 8;
        ahead(queue.items[(queue.begin + kAhead) & (queue.items.size() - 1)]);
      }
      if (!stale(key().index, top())) return;
      pop();
    }
  }

  void pop() {
    if (!queue_first()) {
      --strays_[heap_.front().key.index];
      std::ranges::pop_heap(heap_, std::greater<>(), &Stray::key);
      heap_.pop_back();
      return;
    }
    const nfa::RuleId rule = heads_.front().index;
    Queue& queue = queues_[rule];
    queue.pop();
    if (heads_.size() == 1 && queue.size > 0) {
      heads_.front() = key_of(rule, queue.front());
      return;
    }
    std::ranges::pop_heap(heads_, std::greater<>());
    heads_.pop_back();
    if (queue.size == 0) return;
    heads_.push_back(key_of(rule, queue.front()));
    std::ranges::push_heap(heads_, std::greater<>());
  }

 private:
  /// A ring of a power of two of timers.
  struct Queue {
    std::vector<Timer> items;
    std::size_t begin = 0;
    std::size_t size = 0;

    const Timer& front() const noexcept { return items[begin]; }
    const Timer& back() const noexcept { return items[(begin + size - 1) & (items.size() - 1)]; }
    void push(const Timer& timer) {
      if (items.empty()) items.resize(8);
      items[(begin + size++) & (items.size() - 1)] = timer;
    }
    void pop() noexcept {
      begin = (begin + 1) & (items.size() - 1);
      --size;
    }
    template <typename Stale>
    void make_room(Stale&& stale) {
      std::size_t kept = 0;
      for (std::size_t i = 0; i < size; ++i) {
        const Timer& t = items[(begin + i) & (items.size() - 1)];
        if (!stale(t)) items[(begin + kept++) & (items.size() - 1)] = t;
      }
      size = kept;
      if (kept * 2 <= items.size()) return;
      std::vector<Timer> larger(items.size() * 2);
      for (std::size_t i = 0; i < size; ++i) larger[i] = items[(begin + i) & (items.size() - 1)];
      items.swap(larger);
      begin = 0;
    }
  };
  struct Stray {
    DueKey key;
    Timer timer;
  };

  static bool due_before(const Timer& a, const Timer& b) noexcept {
    return a.at != b.at ? a.at < b.at : a.start_seq < b.start_seq;
  }
  bool queue_first() const noexcept {
    return heap_.empty() || (!heads_.empty() && heads_.front() < heap_.front().key);
  }

  template <typename Stale>
  void push_stray(nfa::RuleId rule, const Timer& timer, Stale&& stale) {
    if (heap_.size() >= most_strays_) {
      std::erase_if(heap_, [&](const Stray& s) {
        const bool gone = stale(s.key.index, s.timer);
        if (gone) --strays_[s.key.index];
        return gone;
      });
      std::ranges::make_heap(heap_, std::greater<>(), &Stray::key);
      most_strays_ = std::max(kFewStrays, 2 * heap_.size());
    }
    heap_.push_back({key_of(rule, timer), timer});
    std::ranges::push_heap(heap_, std::greater<>(), &Stray::key);
    ++strays_[rule];
  }

  DueKey key_of(nfa::RuleId rule, const Timer& timer) const noexcept {
    return {.at = timer.at,
            .phase = DueKey::kDeadline,
            .rank = program_.rules[rule].stratum,
            .index = rule,
            .start_seq = timer.start_seq};
  }

  static constexpr std::size_t kFewStrays = 64;

  const nfa::Program& program_;
  std::vector<Queue> queues_;        // by RuleId
  std::vector<DueKey> heads_;        // a heap, the earliest first
  std::vector<Stray> heap_;          // the same
  std::vector<std::size_t> strays_;  // by RuleId: of heap_
  std::size_t most_strays_ = kFewStrays;
};

}  // namespace weir::runtime
