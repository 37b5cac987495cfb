// What finds the runs of a long list: by the value that an event would have to bring, by what time
// does to them, by the events that they hold.
//
// All of it follows from the list, and may be thrown away and made again at any time. It keeps the
// list's records linked as they are without it.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <memory_resource>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "block_hash.hpp"
#include "run_store.hpp"
#include "weir/event/value.hpp"

namespace weir::nfa {

using EntryRef = BlockRef;  // 0: none

/// A value among those that have an order with one another. Numbers are rounded, which turns no
/// order round: what is found by them is held to the condition itself.
struct Rank {
  ValueType kind = ValueType::kNull;  // kFloat of all numbers
  double at = 0;
  friend auto operator<=>(const Rank&, const Rank&) = default;
};
/// None of values that are not indexed: strings, booleans, lists.
std::optional<Rank> rank_of(const Value& value) noexcept;

/// What the indexes of a matcher share.
struct RunIndexMemory {
  ChunkArena blocks;
  std::pmr::unsynchronized_pool_resource sets;
  // Room for what the step under way takes away:
  std::vector<BlockRef> removed;
  std::vector<BlockRef> lost;
  std::vector<std::uint64_t> thinned;
};

class RunIndex {
 public:
  /// A run of the list.
  struct Entry {
    std::uint64_t label;  // ascends along the list
    std::int64_t until;   // as expire_at(); kNever: it was not asked
    std::uint64_t visit;  // the last that found it
    BlockRef run;         // 0: taken out since the last sweep()
    EntryRef next;
    EntryRef previous;
    BlockRef root;
    BlockRef keys;  // the first Key
  };
  /// The first event that runs share; they are neighbours in the list.
  struct Root {
    std::uint64_t key;   // its seq
    std::uint64_t held;  // seq of the last event of a Holding
    BlockRef next;
    BlockRef previous;
    EntryRef first;
    BlockRef holdings;
    BlockRef reported;  // of the caller
  };

  /// Both outlive it.
  RunIndex(RunIndexMemory& memory, const RunStore& runs)
      : shared_(memory), memory_(memory.blocks), runs_(runs), expiring_(&memory.sets) {}

  /// REQUIRES: it is empty. `lookups`: Automaton::lookups has so many.
  void begin(std::size_t lookups);
  /// Gives everything back but room to grow.
  void clear();

  // ---- the list

  std::size_t size() const noexcept { return size_; }
  EntryRef first() const noexcept { return first_; }
  Entry& at(EntryRef entry) const noexcept { return *memory_.as<Entry>(entry); }
  Root& root(BlockRef root) const noexcept { return *memory_.as<Root>(root); }
  EntryRef append(BlockRef run) { return insert(0, run); }
  EntryRef insert_before(EntryRef entry, BlockRef run) { return insert(entry, run); }
  /// Another run in the entry's place, which has no keys then.
  void replace(EntryRef entry, BlockRef run);
  /// The entry can be asked for its `run` until sweep().
  void remove(EntryRef entry);
  void sweep();
  /// The entry after, if it has the same root.
  EntryRef sibling(EntryRef entry) const noexcept {
    const EntryRef next = at(entry).next;
    return next != 0 && at(next).root == at(entry).root ? next : 0;
  }
  BlockRef root_of(std::uint64_t start_seq) const noexcept {
    return roots_.first(memory_, start_seq);
  }
  /// What Root::reported was of roots that are gone; and the start of roots where it is not 0 and
  /// of which a run is gone. To be emptied by the caller.
  std::vector<BlockRef>& lost() noexcept { return shared_.lost; }
  std::vector<std::uint64_t>& thinned() noexcept { return shared_.thinned; }

  // ---- what an event or time can do something to

  bool asks(std::size_t lookup) const noexcept { return asking_[lookup] > 0; }
  /// Every event may.
  void add_always(EntryRef entry) { add_all(entry, always_); }
  /// Every event may that passes the lookup.
  void add_all(EntryRef entry, std::size_t lookup);
  void add_equal(EntryRef entry, std::size_t lookup, const Value& value);
  /// REQUIRES: rank_of() the value is `rank`.
  void add_ordered(EntryRef entry, std::size_t lookup, Rank rank);
  void add_due(EntryRef entry, std::uint64_t start_seq, std::int64_t due);
  /// Of no use after `until`.
  void expire_at(EntryRef entry, std::int64_t until);

  template <typename Visit>
  void each_always(Visit&& visit) const {
    each_all(always_, visit);
  }
  template <typename Visit>
  void each_all(std::size_t lookup, Visit&& visit) const;
  template <typename Visit>
  void each_equal(std::size_t lookup, const Value& value, Visit&& visit) const;
  /// Where `form` may hold of `rank` and the run's.
  template <typename Visit>
  void each_ordered(std::size_t lookup, Lookup::Form form, Rank rank, Visit&& visit) const;
  /// The first of the list.
  EntryRef find_due(std::uint64_t start_seq, std::int64_t due) const noexcept;
  /// Some entry with expire_at() before `now`; 0: there is none.
  EntryRef expired(std::int64_t now) const noexcept {
    return !expiring_.empty() && expiring_.begin()->first < now ? expiring_.begin()->second : 0;
  }
  /// Where the caller has come to, 0 at the end; what comes after it in the list is put there.
  EntryRef& cursor() noexcept { return cursor_; }
  /// What the caller has come to there, a time.
  std::int64_t expired_to = kNoTime;

  // ---- what runs hold

  /// A run of the entry's root has bound, after its first event, the one with this seq. Of one root
  /// they ascend.
  void hold(EntryRef entry, std::uint64_t seq);
  /// Start of the runs of which some may hold the event, but for those that begin with it.
  template <typename Visit>
  void each_holder(std::uint64_t seq, Visit&& visit) const;
  /// Most probably runs that held what is remembered are gone, others of their root not.
  bool holdings_are_stale() const noexcept { return held_.size() > most_holdings_; }
  void forget_holdings();
  /// What is held is all there is to hold: more than twice that is stale.
  void holdings_are_fresh() noexcept { most_holdings_ = 2 * held_.size() + kFewHoldings; }

 private:
  /// Where a run is found.
  struct Key {
    std::uint64_t key;  // Rank::at of ordered ones
    BlockRef next;      // of those with the same hash, or of the lookup
    BlockRef previous;
    EntryRef entry;
    BlockRef of_entry;  // the next of the entry's
    std::uint16_t lookup;
    enum Form : std::uint8_t { kAll, kHashed, kOrdered } form;
    ValueType kind;  // Rank::kind
  };
  /// A root of whose runs some have bound an event that is not their first.
  struct Holding {
    std::uint64_t key;  // the event's seq
    BlockRef next;
    BlockRef previous;
    BlockRef root;
    BlockRef of_root;  // the next of the root's
  };
  using Ordered = std::pair<Rank, BlockRef>;  // and its Key
  static constexpr std::size_t kFewHoldings = 1024;
  static constexpr std::uint16_t kDue = kNoLookup;
  static constexpr std::uint64_t kGap = std::uint64_t{1} << 40;  // between labels of roots

  Key& key(BlockRef ref) const noexcept { return *memory_.as<Key>(ref); }
  Holding& holding(BlockRef ref) const noexcept { return *memory_.as<Holding>(ref); }
  BlockRef add_key(EntryRef entry, std::size_t lookup, Key::Form form);
  void drop_keys(EntryRef entry);
  EntryRef insert(EntryRef before, BlockRef run);
  BlockRef root_for(EntryRef before, BlockRef run);
  std::uint64_t label_before(EntryRef before);
  bool spread_root(EntryRef entry);
  void spread_all();
  void drop_root(BlockRef root);
  void free_holdings(BlockRef root);
  void link_run(EntryRef previous, BlockRef run) const noexcept {
    if (previous != 0) runs_.at(at(previous).run).next = run;
  }
  static std::uint64_t hash_due(std::uint64_t start_seq, std::int64_t due) noexcept {
    return (start_seq ^ 0x9e3779b97f4a7c15ULL) * 0xbf58476d1ce4e5b9ULL +
           static_cast<std::uint64_t>(due);
  }

  RunIndexMemory& shared_;
  ChunkArena& memory_;
  const RunStore& runs_;
  std::size_t size_ = 0;
  EntryRef first_ = 0;
  EntryRef last_ = 0;
  EntryRef cursor_ = 0;
  BlockHash<Root> roots_;
  BlockHash<Key> hashed_;
  BlockHash<Holding> held_;
  std::size_t most_holdings_ = kFewHoldings;
  std::vector<BlockRef> all_;  // by lookup, and behind them always_: the first Key
  std::size_t always_ = 0;
  std::vector<std::uint32_t> asking_;            // by lookup, as all_: keys
  std::vector<std::pmr::set<Ordered>> ordered_;  // by lookup
  std::pmr::set<std::pair<std::int64_t, EntryRef>> expiring_;
};

template <typename Visit>
void RunIndex::each_all(std::size_t lookup, Visit&& visit) const {
  for (BlockRef ref = all_[lookup]; ref != 0; ref = key(ref).next) visit(key(ref).entry);
}

template <typename Visit>
void RunIndex::each_equal(std::size_t lookup, const Value& value, Visit&& visit) const {
  BlockRef ref = hashed_.first(memory_, hash_value(value, lookup));
  for (; ref != 0; ref = hashed_.next(memory_, ref)) {
    if (key(ref).lookup == lookup) visit(key(ref).entry);
  }
}

template <typename Visit>
void RunIndex::each_ordered(std::size_t lookup, Lookup::Form form, Rank rank, Visit&& visit) const {
  const std::pmr::set<Ordered>& all = ordered_[lookup];
  const bool above = form == Lookup::kLess || form == Lookup::kLessEqual;
  auto at = above ? all.lower_bound({rank, 0})
                  : all.lower_bound({{rank.kind, -std::numeric_limits<double>::infinity()}, 0});
  for (; at != all.end() && at->first.kind == rank.kind; ++at) {
    if (!above && at->first.at > rank.at) break;
    visit(key(at->second).entry);
  }
}

template <typename Visit>
void RunIndex::each_holder(std::uint64_t seq, Visit&& visit) const {
  for (BlockRef ref = held_.first(memory_, seq); ref != 0; ref = held_.next(memory_, ref)) {
    visit(root(holding(ref).root).key);
  }
}

}  // namespace weir::nfa
