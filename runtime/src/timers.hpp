// Deadlines of silences: of one rule they fall due in the order in which they were set.
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

/// Of a silence after an event that is kept as node `index` of a sequence.
struct SilenceTimer {
  std::int64_t at = 0;
  std::uint64_t start_seq = 0;
  PartitionTicket of;
  std::uint32_t index = 0;
};

/// A queue for each rule, and a heap over their heads. push: O(1), amortised; pop: O(log rules).
class SilenceTimers {
 public:
  explicit SilenceTimers(const nfa::Program& program)
      : program_(program), queues_(program.rules.size()) {}

  bool empty() const noexcept { return heads_.empty(); }
  /// Of the timer that is due first.
  const DueKey& key() const noexcept { return heads_.front(); }
  const SilenceTimer& top() const noexcept { return queues_[key().index].front(); }
  std::size_t size(nfa::RuleId rule) const noexcept { return queues_[rule].size; }

  /// REQUIRES: not before the rule's timer that was pushed last. Before a queue is made larger,
  /// timers whose silence has been broken meanwhile (`stale(timer)`) are thrown out: a queue grows
  /// with what is open, not with what has been.
  template <typename Stale>
  void push(nfa::RuleId rule, const SilenceTimer& timer, Stale&& stale) {
    Queue& queue = queues_[rule];
    if (queue.size == queue.items.size() && queue.size > 0) {
      const std::int64_t head = queue.front().at;
      const std::uint64_t head_seq = queue.front().start_seq;
      queue.make_room(stale);
      if (queue.size == 0 || queue.front().at != head || queue.front().start_seq != head_seq) {
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

  /// Throws out timers from the front on, up to the first that is due after `until` or whose
  /// silence still holds. `ahead` is told of one that will be asked about some calls later.
  template <typename Stale, typename Ahead>
  void drop_stale(std::int64_t until, Stale&& stale, Ahead&& ahead) {
    while (!empty() && key().at <= until) {
      const Queue& queue = queues_[key().index];
      constexpr std::size_t kAhead = 8;
      ahead(queue.items[(queue.begin + kAhead) & (queue.items.size() - 1)]);
      if (!stale(key().index, queue.front())) return;
      pop();
    }
  }

  void pop() {
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
    std::vector<SilenceTimer> items;
    std::size_t begin = 0;
    std::size_t size = 0;

    const SilenceTimer& front() const noexcept { return items[begin]; }
    void push(const SilenceTimer& timer) {
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
        const SilenceTimer& t = items[(begin + i) & (items.size() - 1)];
        if (!stale(t)) items[(begin + kept++) & (items.size() - 1)] = t;
      }
      size = kept;
      if (kept * 2 <= items.size()) return;
      std::vector<SilenceTimer> larger(items.size() * 2);
      for (std::size_t i = 0; i < size; ++i) larger[i] = items[(begin + i) & (items.size() - 1)];
      items.swap(larger);
      begin = 0;
    }
  };

  DueKey key_of(nfa::RuleId rule, const SilenceTimer& timer) const noexcept {
    return {.at = timer.at,
            .phase = DueKey::kDeadline,
            .rank = program_.rules[rule].stratum,
            .index = rule,
            .start_seq = timer.start_seq};
  }

  const nfa::Program& program_;
  std::vector<Queue> queues_;  // by RuleId
  std::vector<DueKey> heads_;  // a heap, the earliest first
};

}  // namespace weir::runtime
