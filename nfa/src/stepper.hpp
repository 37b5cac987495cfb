// The work of Matcher: one class, its parts in stepper_*.cpp by the step of the contract they do.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "closure.hpp"
#include "run_index.hpp"
#include "run_store.hpp"
#include "weir/nfa/matcher.hpp"

namespace weir::nfa {

class Matcher::Impl {
 public:
  Impl(const Program& program, EventTests& tests, Tracer* tracer, std::size_t few_runs);

  void attach(BindingPool& pool, ChunkArena& arena) {
    pool_ = &pool;
    store_.attach(arena);
  }

  bool concerns_empty(RuleId rule);
  bool waits(const RunList& list, std::int64_t deadline, std::uint64_t start_seq) const noexcept;
  void step(RuleId rule, RunList& list, bool begins, std::string_view key_text, MatchSink& sink);
  bool fire(RuleId rule, RunList& list, std::int64_t deadline, std::uint64_t start_seq,
            std::string_view key_text, MatchSink& sink);
  void end_of_log(RuleId rule, std::int64_t last) { ended_[rule] = last; }
  bool log_ended(RuleId rule) const noexcept { return ended_[rule] != kNever; }
  void refresh_due(RuleId rule, RunList& list);
  void expire(RuleId rule, RunList& list, std::int64_t now);
  void clear(RuleId rule, RunList& list);
  std::span<const RunDeadline> new_deadlines() const noexcept { return new_deadlines_; }

 private:
  /// What an event can do to one thread.
  struct Verdict {
    enum Kind : std::uint8_t { kTakes, kStays, kDies } kind = kStays;
    EndReason reason = EndReason::kOpen;
    std::string_view by = {};
    std::uint32_t test = 0;  // kTakes on a kWait node: which of its tests
  };

  void enter(RuleId rule, std::string_view key_text);
  RunRecord& at(BlockRef run) const noexcept { return store_.at(run); }
  ThreadsView threads(const RunRecord& run) const noexcept { return {run, automaton_->registers}; }
  bool is_complete(const RunRecord& run) const noexcept {
    return run.threads == 1 && threads(run).front().waiting == Waiting::kComplete;
  }
  /// Into runs_, and back into the list: what was there is in the list's records alone.
  void load(const RunList& list);
  void save(RunList& list);
  /// Takes over the run's reference to its chain.
  BlockRef add(const Run& run) { return add(run, run.threads); }
  BlockRef add(const Run& run, const Threads& threads);
  /// Gives up all that the run holds.
  void release(BlockRef run);

  // stepper_event.cpp: steps 2 and 3.
  bool stays(const RunRecord& run);
  void advance(BlockRef run);
  BlockRef rewrite(BlockRef run);
  void start(RunList& list);
  Verdict judge(const RunRecord& run, const ThreadView& thread);
  Verdict judge_waiting(const RunRecord& run, const ThreadView& thread);
  std::optional<Verdict> judge_untils(ChainRef chain, const ThreadView& thread, bool& barred);
  const Guard* violated(ChainRef chain, const ThreadView& thread, bool next_only);
  /// The runs that taking the event makes of it, behind `runs_`; `first_way`: only the first.
  void take(const RunRecord& run, const ThreadView& thread, std::uint32_t test, bool first_way);
  void bind(const RunRecord& run, const ThreadView& thread, const Node& node, std::uint32_t test);
  bool satisfies(const Test& test, ChainRef chain, const ThreadView& thread) {
    return satisfies(test, chain, thread.base, thread.registers);
  }
  bool satisfies(const Test& test, ChainRef chain, std::int64_t base,
                 std::span<const std::int64_t> registers);
  template <typename Asked>
  bool takes_part(const Asked& test);
  Verdict passed_over(const RunRecord& run, const ThreadView& thread);
  bool bound_holds(const std::vector<ExprId>& predicates, ChainRef chain,
                   std::span<const std::int64_t> registers, const Event* candidate);
  EventRef stored();
  void release_stored();

  // leading.cpp: NOTs at the start.
  std::span<LeadingEvents> leading(RunList& list) const noexcept;
  bool forbidden_before(RunList& list, const RunRecord& run);
  void remember_leading(RunList& list);
  void expire_leading(LeadingEvents& events, Duration within, std::int64_t now);
  void drop_oldest(LeadingEvents& events);
  void drop_leading(LeadingEvents& events);

  // stepper_report.cpp: step 4.

  /// A match that must not be reported again.
  struct Reported {
    std::uint64_t start_seq;
    ChainRef chain;  // one reference
    BlockRef next;
    BlockRef previous;
    BlockRef of_root;  // the next of RunIndex::Root::reported
  };
  /// What AFTER MATCH takes away: nothing, what began at or before an event, what holds one of
  /// used_.
  struct Pruning {
    enum Kind : std::uint8_t { kNothing, kByStart, kByEvent } kind = kNothing;
    std::uint64_t up_to = 0;  // seq
  };
  /// Of runs that may be the same: those with one hash are compared.
  struct Place {
    std::uint64_t hash;
    std::uint64_t order;  // in the list
    BlockRef run;
    std::uint32_t of;  // an index into runs_, or an EntryRef
    friend auto operator<=>(const Place&, const Place&) = default;
  };

  void settle(RunList& list, Timestamp now, bool by_deadline, MatchSink& sink);
  void add_place(BlockRef run, std::uint64_t order, std::uint32_t of);
  bool same_place(const RunRecord& a, const RunRecord& b) const;
  void find_duplicates();
  void drop_duplicates();
  void report(RunList& list, Timestamp now, bool by_deadline, MatchSink& sink);
  /// Hands a complete run on to the sink; false where it is no match, or has been reported.
  bool report_run(RunList& list, BlockRef root, const RunRecord& run, Timestamp now,
                  bool by_deadline, MatchSink& sink);
  bool reported_before(RunList& list, BlockRef root, const RunRecord& run);
  Reported& reported(BlockRef ref) const noexcept { return *store_.arena().as<Reported>(ref); }
  /// Of `match`: fills used_.
  Pruning pruning(const RunRecord& match);
  bool is_pruned(const RunRecord& run, const Pruning& by) const;
  /// `place`: an index into runs_; returns where what stood there stands now.
  std::size_t prune(const RunRecord& match, std::size_t place);
  void forget(RunList& list, BlockRef reported);
  void forget_reported(RunList& list);

  // stepper_time.cpp: step 1.
  void run_on(BlockRef run, std::int64_t deadline, std::vector<BlockRef>& out);
  void close_loops(BlockRef run, std::int64_t deadline, std::vector<BlockRef>& out);
  void end_pause(BlockRef run, std::size_t thread, std::int64_t deadline,
                 std::vector<BlockRef>& out);
  std::int64_t due_of(const RunRecord& run) const;
  std::int64_t limit(std::int64_t start_ts, const ThreadView& thread) const;
  bool waits_for_ever(const RunRecord& run, const ThreadView& thread) const;
  std::int64_t closing_limit(const RunRecord& run, const ThreadView& thread) const;

  // stepper_index.cpp: the same steps over a list that has an index.
  void build_index(RunList& list);
  void drop_index(RunList& list);
  void step_indexed(RunList& list, bool begins, MatchSink& sink);
  bool fire_indexed(RunList& list, std::int64_t deadline, std::uint64_t start_seq, MatchSink& sink);
  void expire_indexed(std::int64_t now);
  void find_touched();
  void found(EntryRef entry);
  void put_back(EntryRef entry, std::span<const BlockRef> runs);
  void drop(EntryRef entry);
  void settle_indexed(RunList& list, Timestamp now, bool by_deadline, MatchSink& sink);
  void settled(RunList& list);
  void drop_changed_duplicates(bool by_deadline);
  void prune_indexed(const RunRecord& match);
  void forget_reported_indexed(RunList& list);
  std::int64_t useful_until(const RunRecord& run) const;
  void enlist(EntryRef entry, bool by_deadline);
  void add_keys(EntryRef entry);
  void add_keys(EntryRef entry, std::span<const Test> tests, ChainRef chain,
                std::span<const std::int64_t> registers);
  void hold_again();
  bool holds_event(const RunRecord& run) const {
    return pool_->events().seq(pool_->at(run.chain).event) == tests_.event().seq;
  }

  // Tracing; nothing where it is off.
  void trace_run(RunRecord& run, RunId parent);
  void trace_end(const RunRecord& run, EndReason reason, std::string_view by, Timestamp at);
  void trace_end(RunId run, EndReason reason, std::string_view by, Timestamp at);

  const Program& program_;
  EventTests& tests_;
  BindingPool* pool_ = nullptr;
  RunStore store_;
  Tracer* tracer_;
  std::vector<std::int64_t> ended_;  // by RuleId: when its input ended; kNever: it has not
  RunId last_run_ = 0;

  // Of the call under way:
  RuleId rule_ = 0;
  const Automaton* automaton_ = nullptr;
  std::string_view key_text_;
  bool tracing_ = false;
  EventRef stored_ = 0;
  std::vector<BlockRef> runs_;  // in order of preference
  std::vector<RunDeadline> new_deadlines_;

  // Room that is used again:
  std::vector<BlockRef> before_;
  std::vector<BlockRef> fired_;
  std::vector<std::uint8_t> left_;
  std::vector<EventRef> used_;
  std::vector<Threads> ways_;
  std::vector<Threads> pause_ways_;

  // Indexes of lists: RunList::index says which, counted from 1. Those that no list has are kept
  // for the next.
  std::size_t few_runs_;
  RunIndexMemory index_memory_;
  std::vector<std::unique_ptr<RunIndex>> indexes_;
  std::vector<std::uint32_t> spare_indexes_;
  RunIndex* index_ = nullptr;  // of the call under way
  std::uint64_t visit_ = 0;
  std::vector<std::pair<std::uint64_t, EntryRef>> touched_;  // with their labels
  std::vector<EntryRef> changed_;                            // in the list's order
  std::vector<Place> places_;
  std::vector<std::uint32_t> duplicates_;
  std::vector<std::uint64_t> seqs_;

  std::vector<std::vector<Threads>> starts_;  // by RuleId, made when first asked for
};

/// As far as the event alone says. Of a Test or a Lookup.
template <typename Asked>
bool Matcher::Impl::takes_part(const Asked& test) {
  return (test.any_type || test.type == tests_.event().type) &&
         std::ranges::all_of(test.one_event, [&](ExprId e) { return tests_.holds(e); });
}

}  // namespace weir::nfa
