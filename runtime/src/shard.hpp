// The unit of state: what all rules hold for the keys of one group.
//
// A shard owns runs, evidence, windows and timers of its keys, and knows nothing of threads, sinks
// or other shards. Workers own shards; the engine decides what is due next among all of them.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dispatch.hpp"
#include "key_table.hpp"
#include "keys.hpp"
#include "timers.hpp"
#include "weir/nfa/arena.hpp"
#include "weir/nfa/family_matcher.hpp"
#include "weir/nfa/matcher.hpp"
#include "weir/nfa/program.hpp"
#include "weir/nfa/sequence_matcher.hpp"
#include "weir/runtime/engine.hpp"
#include "windows.hpp"

namespace weir::runtime {

/// A key: the first state that was opened for it. 0: none.
using PartitionId = nfa::BlockRef;

/// Matches that wait to be reported: one, of a run, with a reference to its chain; or all that an
/// event or a deadline completes of a sequence, not listed yet.
struct PendingMatch {
  nfa::RuleId rule = 0;
  PartitionId partition = 0;  // 0: the event alone is the match
  class Shard* shard = nullptr;
  Timestamp detected_at;
  std::uint64_t start_seq = 0;
  nfa::ChainRef chain = 0;       // 0: a sequence's
  nfa::BlockRef state = 0;       // of a sequence or family: it stays until all are reported
  const Event* event = nullptr;  // of a sequence: what completes it; null: a deadline
  nfa::SequenceCompletion completion = {};
  std::uint32_t place = 0;  // of a family's: of the rule in it
  std::uint32_t order = 0;  // among all of the event
};

class Shard {
 public:
  /// What is shared with the worker's other shards outlives the shard.
  Shard(const nfa::Program& program, const Dispatch& dispatch, nfa::Matcher& matcher,
        nfa::EventTests& tests, const EngineOptions& options);

  /// Hands the event under way to the rules of a group. Matches are appended, each rule's in list
  /// order. Those of sequences are to be listed before the next event.
  void deliver(const RuleGroup& group, const KeyOfEvent& key, std::vector<PendingMatch>& matches);
  void add_to_window(nfa::DeriveId derive, const KeyOfEvent& key);

  /// Some stream's windows have or had so many keys that they are not in the cache anyway.
  bool has_many_windows() const noexcept { return many_windows_; }
  // For WindowLookAhead: see WindowOperator.

  WindowSlot prefetch_window_key(nfa::DeriveId derive, std::uint64_t hash) const noexcept {
    return windows_[derive].prefetch_key(hash);
  }
  void prefetch_window_values(nfa::DeriveId derive, WindowSlot slot) const noexcept {
    windows_[derive].prefetch_values(slot);
  }

  /// There are or have been so many that they are not in the cache anyway.
  bool has_many_keys() const noexcept { return many_keys_; }
  // For LookAhead: each asks for memory that the next one reads, and deliver() after it. What they
  // give holds until the shard is changed; 0 stands for nothing.

  void prefetch_slot(nfa::KeySpecId key, std::uint64_t hash) const noexcept {
    by_key_[key].prefetch(KeyTable::tag_of(hash));
  }
  /// Most probably of the key.
  PartitionId prefetch_partition(nfa::KeySpecId key, std::uint64_t hash) const noexcept {
    const PartitionId id = by_key_[key].likely(hash);
    if (id != 0) prefetch_block(id);
    return id;
  }
  /// Of its states the one that was opened last stands for all.
  nfa::BlockRef prefetch_nodes(PartitionId id) const noexcept;
  void prefetch_events(nfa::BlockRef state) const noexcept;

  /// When something falls due next; nfa::kNever: nothing does. O(1).
  std::int64_t next_at() const noexcept { return next_at_; }
  std::optional<DueKey> next_due() const;
  /// Forgets deadlines up to `until` that have nothing to report: nobody can tell.
  void drop_stale(std::int64_t until);
  /// REQUIRES: next_due() is a deadline, and nothing due before it is left anywhere.
  void fire(std::vector<PendingMatch>& matches);
  /// REQUIRES: next_due() is a window. Views: valid until the next call.
  WindowResult close_window();
  /// Drops of one rule, each time of the next, what can no longer be part of a match at `now`.
  /// Reports nothing: so that what falls silent is not held for ever. O(1), amortised.
  void expire_some(std::int64_t now) {
    if (aging_.empty()) return;
    if (next_aging_ == 0) next_aging_ = aging_.size();
    Ages& ages = aging_[--next_aging_];
    while (ages.oldest != 0 && ages.ticks(now) - ages.since > ages.span) {
      expire_oldest(ages, now);
    }
  }

  /// The rule's input is at its end (see Matcher::end_of_log).
  void end_of_log(nfa::RuleId rule);
  bool windows_open(nfa::DeriveId derive) const { return windows_[derive].open_windows() > 0; }
  std::uint64_t pending(nfa::RuleId rule) const { return timers_.size(rule); }

  /// Of the rule's own key. `room` has to last as long as they.
  std::span<const Value> key_values(const PendingMatch& match, Value& room) const;
  const nfa::BindingPool& bindings() const noexcept { return bindings_; }
  /// Lists a sequence's matches, and prunes.
  void list(const PendingMatch& match, nfa::MatchListing& listing);
  void release(const PendingMatch& match) { bindings_.release(match.chain); }

  /// Frees partitions that hold nothing any more. Not while a PendingMatch names one.
  void tidy() {
    if (!maybe_empty_.empty()) tidy_partitions();
  }
  std::uint64_t open_runs() const;
  /// Gives up all runs: the tracer hears of those that still wait.
  void clear();

 private:
  /// What one rule or family holds for one key. Behind it its body, a SequenceState, a FamilyState
  /// or a RunList; then, where its runs age, an Age; and then, of a key's first state, the key's
  /// values: an integer as it is, others as Values, deep. Most keys have one state, and of many of
  /// these one event is held: what such a key takes counts.
  struct State {
    nfa::BlockRef next;    // of the key's further states
    std::uint32_t serial;  // tells the key from others that have lain here; 0: none does
    /// Of the first: KeyTable::tag_of(). Of a further one, the key.
    std::uint32_t tag;
    PlanId plan : 30;
    PlanId is_integer : 1;  // of the first: the key
    PlanId is_indexed : 1;  // of the first: all of the key's states are in Shard::indexed_
    std::byte* body() noexcept { return reinterpret_cast<std::byte*>(this + 1); }
  };
  static_assert(sizeof(State) == 16);
  /// A place in the list of a rule's states by age. (A queue of timers would grow with the states
  /// that have been, not with those that are.)
  struct Age {
    std::uint32_t since;  // Ages::ticks(): all that it held before has been looked at
    nfa::BlockRef older;
    nfa::BlockRef newer;
  };
  /// Time is counted in ticks of about a millionth of the span, and wraps: it does not matter when
  /// a state is looked at.
  struct Ages {
    PlanId plan = 0;
    unsigned tick_bits = 0;
    std::uint32_t span = 0;  // in ticks
    nfa::BlockRef oldest = 0;
    nfa::BlockRef newest = 0;
    std::uint32_t since = 0;  // of the oldest
    std::uint32_t ticks(std::int64_t ns) const noexcept {
      return static_cast<std::uint32_t>(ns >> tick_bits);
    }
  };
  /// Where the parts of a state lie.
  struct Layout {
    std::uint32_t age = 0;    // 0: it does not age
    std::uint32_t bytes = 0;  // of the state; behind it the key
    nfa::KeySpecId key = nfa::kNoKey;
  };
  /// A state that may hold nothing any more.
  struct MaybeEmpty {
    PartitionTicket of;
    PlanId plan;
  };
  class Collector;
  class ChainListing;

  State& state(nfa::BlockRef ref) const noexcept { return *keys_.as<State>(ref); }
  PartitionTicket ticket(PartitionId id) const noexcept { return {id, state(id).serial}; }
  bool is_open(const PartitionTicket& of) const noexcept {
    return keys_.holds(of.partition) && state(of.partition).serial == of.serial;
  }
  /// Whose state it is.
  PartitionId partition_of(nfa::BlockRef ref) const noexcept {
    return state(ref).serial != 0 ? ref : state(ref).tag;
  }
  const std::byte* key_at(PartitionId id) const noexcept {
    return keys_.at(id) + layouts_[state(id).plan].bytes;
  }
  /// REQUIRES: no integer.
  std::span<const Value> stored_key(PartitionId id) const noexcept {
    return {reinterpret_cast<const Value*>(key_at(id)), key_sizes_[layouts_[state(id).plan].key]};
  }
  std::int64_t integer_key(PartitionId id) const noexcept {
    return *reinterpret_cast<const std::int64_t*>(key_at(id));
  }
  std::span<const Value> key_of(PartitionId id, Value& room) const noexcept;
  bool has_key(PartitionId id, std::span<const Value> key) const noexcept {
    if (state(id).is_integer == 0) return same_key(stored_key(id), key);
    return key[0].type() == ValueType::kInt && integer_key(id) == key[0].as_int();
  }
  /// REQUIRES: of a rule whose runs age.
  Age& age(nfa::BlockRef ref) const noexcept {
    return *reinterpret_cast<Age*>(keys_.at(ref) + layouts_[state(ref).plan].age);
  }
  nfa::SequenceState& sequence(nfa::BlockRef ref) const noexcept {
    return *reinterpret_cast<nfa::SequenceState*>(state(ref).body());
  }
  nfa::FamilyState& family(nfa::BlockRef ref) const noexcept {
    return *reinterpret_cast<nfa::FamilyState*>(state(ref).body());
  }
  nfa::RunList& list_of(nfa::BlockRef ref) const noexcept {
    return *reinterpret_cast<nfa::RunList*>(state(ref).body());
  }
  /// As much of it as a key with a state mostly takes.
  void prefetch_block(nfa::BlockRef block) const noexcept {
    constexpr std::size_t kLines = 2;
    keys_.prefetch(block, kLines);
  }
  bool is_empty(nfa::BlockRef ref) const;
  static std::uint64_t index_key(PartitionId id, PlanId plan) noexcept {
    return std::uint64_t{id} << 32U | plan;
  }
  static Layout layout(const RulePlan& plan) noexcept;

  PartitionId find_partition(nfa::KeySpecId spec, const KeyOfEvent& key) const;
  void close_partition(PartitionId id);
  nfa::BlockRef open_state(nfa::KeySpecId spec, const KeyOfEvent& key, PartitionId& id,
                           PlanId plan);
  nfa::BlockRef find_state(const PartitionTicket& timer, PlanId plan) const;
  void clear_state(nfa::BlockRef ref);
  void index_state(PartitionId id, nfa::BlockRef ref);
  void tidy_partition(const MaybeEmpty& entry);
  void step_state(const RuleGroup& group, const RuleReader& reader, PartitionId id,
                  nfa::BlockRef ref, std::vector<PendingMatch>& matches);
  void step_open(const RuleGroup& group, PartitionId id, std::vector<PendingMatch>& matches);
  void step_sequence(const RuleReader& reader, PartitionId id, nfa::BlockRef ref,
                     std::vector<PendingMatch>& matches);
  void take_completion(const RuleReader& reader, PartitionId id, nfa::BlockRef ref,
                       const nfa::SequenceCompletion& completion,
                       std::vector<PendingMatch>& matches);
  void await_silence(const RuleReader& reader, PartitionId id, const nfa::SequenceState& s);
  void try_begin(const RuleGroup& group, const RuleReader& reader, const KeyOfEvent& key,
                 PartitionId& id, std::vector<PendingMatch>& matches) {
    if (seen_[reader.rule] != visit_) begin(group, reader, key, id, matches);
  }
  void begin(const RuleGroup& group, const RuleReader& reader, const KeyOfEvent& key,
             PartitionId& id, std::vector<PendingMatch>& matches);
  void find_readers(const RuleGroup& group, const ReaderIndex& index,
                    std::vector<std::uint64_t>& found_at, std::vector<std::uint32_t>& found);
  void step_family(const RuleGroup& group, const FamilyReader& reader, const KeyOfEvent& key,
                   PartitionId& id, std::vector<PendingMatch>& matches);
  void list_of_family(const PendingMatch& match, nfa::MatchListing& listing);
  void step_listed(PartitionId id, nfa::BlockRef ref, bool begins,
                   std::vector<PendingMatch>& matches);
  void fire_silence(nfa::RuleId rule, const Timer& timer, std::vector<PendingMatch>& matches);
  void fire_run(nfa::RuleId rule, const Timer& timer, std::vector<PendingMatch>& matches);
  void expire_oldest(Ages& ages, std::int64_t now);
  void link_newest(Ages& ages, nfa::BlockRef ref, std::int64_t now);
  void unlink(Ages& ages, nfa::BlockRef ref);
  void schedule(PartitionId id, nfa::RuleId rule);
  void push(nfa::RuleId rule, const Timer& timer);
  bool is_stale(nfa::RuleId rule, const Timer& timer);
  void update_window_due(nfa::DeriveId derive);
  void update_next();
  void tidy_partitions();
  std::string_view text_of(PartitionId id);

  const nfa::Program& program_;
  const Dispatch& dispatch_;
  nfa::Matcher& matcher_;
  nfa::EventTests& tests_;
  bool traced_;
  std::size_t index_from_;       // as EngineOptions
  std::size_t look_ahead_from_;  // the same
  nfa::EvidenceStore evidence_;
  nfa::BindingPool bindings_;
  /// States. Each block begins with one: whoever has a ticket may look whether its key is still
  /// there.
  nfa::ChunkArena keys_;
  /// Of sequences and families; runs. SequenceState names blocks in 31 bits.
  nfa::ChunkArena nodes_{nfa::ChunkArena::kMaxChunks / 2};
  nfa::SequenceMatcher sequences_;
  nfa::FamilyMatcher families_;
  std::vector<KeyTable> by_key_;        // by KeySpecId
  std::vector<std::size_t> key_sizes_;  // by KeySpecId: values of a key
  std::vector<Layout> layouts_;         // by PlanId
  std::uint32_t next_serial_ = 0;
  bool many_keys_ = false;
  /// States of keys that have more than a few, by (partition, plan): found without going over them.
  boost::unordered_flat_map<std::uint64_t, nfa::BlockRef> indexed_;
  std::vector<MaybeEmpty> maybe_empty_;
  std::vector<std::uint64_t> seen_;       // by RuleId: the event that it was handed last, by visit_
  std::vector<std::uint64_t> may_begin_;  // by RuleId: the event that may have begun it last
  std::vector<std::uint64_t> touched_;    // by RuleId: the event that can do something to it
  std::vector<std::uint32_t> hits_;       // of a ReaderIndex
  std::vector<std::uint32_t> starting_;   // places in RuleGroup::readers
  std::vector<std::uint32_t> touching_;   // the same
  std::vector<std::uint64_t> family_bits_;  // who takes the event
  std::vector<std::uint64_t> family_ends_;  // whose wait it ends
  std::vector<std::uint32_t> family_places_;
  std::uint64_t visit_ = 0;
  std::string text_;  // a key for people; only where runs are traced

  std::vector<WindowOperator> windows_;               // by DeriveId
  std::set<DueKey> windows_due_;                      // the next end of each that has a window open
  std::vector<std::optional<DueKey>> window_due_of_;  // by DeriveId, as in windows_due_
  RuleTimers timers_;
  std::vector<Ages> aging_;           // of rules with a span
  std::vector<std::size_t> ages_of_;  // by PlanId: index into aging_
  std::size_t next_aging_ = 0;
  std::int64_t next_at_ = nfa::kNever;
  ValueArena window_scratch_;
  bool many_windows_ = false;
};

}  // namespace weir::runtime
