// The unit of state: what all rules hold for the keys of one group.
//
// A shard owns runs, evidence, windows and timers of its keys, and knows nothing of threads, sinks
// or other shards. Workers own shards; the engine decides what is due next among all of them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "keys.hpp"
#include "weir/nfa/matcher.hpp"
#include "weir/nfa/program.hpp"
#include "windows.hpp"

namespace weir::runtime {

using PartitionId = std::uint32_t;

/// The order in which things fall due: windows before events of their end, deadlines after, of one
/// instant those first that rest on none of the others; then the order of the contract.
struct DueKey {
  enum Phase : std::uint8_t { kWindow, kDeadline, kExpiry };
  std::int64_t at = 0;
  Phase phase = kWindow;
  std::uint32_t rank = 0;       // closing rank, or stratum
  std::uint32_t index = 0;      // DeriveId or RuleId
  std::uint64_t start_seq = 0;  // arrival of the window's or the match's first event
  friend auto operator<=>(const DueKey&, const DueKey&) = default;
};

/// A match that waits to be reported; holds a reference to its chain.
struct PendingMatch {
  nfa::RuleId rule = 0;
  PartitionId partition = 0;
  class Shard* shard = nullptr;
  Timestamp detected_at;
  std::uint64_t start_seq = 0;
  nfa::ChainRef chain = 0;
};

class Shard {
 public:
  /// What is shared with the worker's other shards outlives the shard. `panes`: see EngineOptions.
  Shard(const nfa::Program& program, nfa::Matcher& matcher, nfa::EventTests& tests, bool traced,
        bool panes);

  /// Hands the event under way to one rule. Matches are appended in list order.
  void deliver(nfa::RuleId rule, const KeyOfEvent& key, std::vector<PendingMatch>& matches);
  void add_to_window(nfa::DeriveId derive, const KeyOfEvent& key);

  std::optional<DueKey> next_due() const;
  /// REQUIRES: next_due() is a deadline or an expiry, and nothing due before it is left anywhere.
  void fire(std::vector<PendingMatch>& matches);
  /// REQUIRES: next_due() is a window.
  void close_window(const WindowOperator::Emit& emit);

  /// The rule's input is at its end (see Matcher::end_of_log).
  void end_of_log(nfa::RuleId rule);
  bool windows_open(nfa::DeriveId derive) const { return windows_[derive].open_windows() > 0; }
  std::uint64_t pending(nfa::RuleId rule) const { return pending_[rule]; }

  std::string_view key_bytes(PartitionId id) const { return partitions_[id]->bytes; }
  std::span<const Value> key_values(PartitionId id) const { return partitions_[id]->values; }
  const nfa::BindingPool& bindings() const noexcept { return bindings_; }
  void release(const PendingMatch& match) { bindings_.release(match.chain); }

  /// Frees partitions that hold nothing any more. Not while a PendingMatch names one.
  void tidy();
  std::uint64_t open_runs() const;
  /// Gives up all runs: the tracer hears of those that still wait.
  void clear();

 private:
  struct RuleState {
    nfa::RuleId rule = 0;
    nfa::RunList list;
    std::int64_t expires = nfa::kNever;  // a timer asks then what has expired
  };
  struct Partition {
    nfa::KeySpecId spec = 0;
    std::uint32_t generation = 0;
    std::string bytes;
    std::string text;  // for people; only where runs are traced
    ValueArena arena;
    std::span<const Value> values;
    std::vector<RuleState> rules;  // ascending
  };
  struct Timer {
    DueKey key;
    PartitionId partition = 0;
    std::uint32_t generation = 0;
    friend bool operator>(const Timer& a, const Timer& b) { return a.key > b.key; }
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const noexcept {
      return std::hash<std::string_view>{}(s);
    }
  };
  using KeyMap = std::unordered_map<std::string, PartitionId, Hash, std::equal_to<>>;
  class Collector;

  PartitionId open_partition(nfa::KeySpecId spec, const KeyOfEvent& key);
  RuleState* find(Partition& partition, nfa::RuleId rule);
  RuleState& find_or_add(Partition& partition, nfa::RuleId rule);
  /// Timers for what has come to wait in the rule's list by `now`.
  void schedule(PartitionId id, RuleState& state, Timestamp now);
  void push(DueKey::Phase phase, std::int64_t at, PartitionId id, nfa::RuleId rule,
            std::uint64_t start_seq);
  void update_window_due(nfa::DeriveId derive);

  const nfa::Program& program_;
  nfa::Matcher& matcher_;
  nfa::EventTests& tests_;
  bool traced_;
  nfa::EvidenceStore evidence_;
  nfa::BindingPool bindings_;
  std::vector<KeyMap> by_key_;  // by KeySpecId
  std::vector<std::unique_ptr<Partition>> partitions_;
  std::vector<PartitionId> free_;
  std::vector<PartitionId> maybe_empty_;
  std::vector<WindowOperator> windows_;               // by DeriveId
  std::set<DueKey> windows_due_;                      // the next end of each that has a window open
  std::vector<std::optional<DueKey>> window_due_of_;  // by DeriveId, as in windows_due_
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::vector<std::uint64_t> pending_;  // by RuleId: deadlines that timers wait for
  ValueArena window_scratch_;
};

}  // namespace weir::runtime
