// The work of Matcher: one class, its parts in stepper_*.cpp by the step of the contract they do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "closure.hpp"
#include "weir/nfa/matcher.hpp"

namespace weir::nfa {

class Matcher::Impl {
 public:
  Impl(const Program& program, EventTests& tests, Tracer* tracer);

  void attach(BindingPool& pool) { pool_ = &pool; }

  void step(RuleId rule, RunList& list, std::string_view key_text, MatchSink& sink);
  bool concerns_empty(RuleId rule);
  bool fire(RuleId rule, RunList& list, std::int64_t deadline, std::uint64_t start_seq,
            std::string_view key_text, MatchSink& sink);
  void end_of_log(RuleId rule, std::int64_t last) { ended_[rule] = last; }
  bool log_ended(RuleId rule) const noexcept { return ended_[rule] != kNever; }
  void refresh_due(RuleId rule, RunList& list);
  std::int64_t expire(RuleId rule, RunList& list, std::int64_t now);
  void clear(RuleId rule, RunList& list);

 private:
  /// What an event can do to one thread.
  struct Verdict {
    enum Kind : std::uint8_t { kTakes, kStays, kDies } kind = kStays;
    EndReason reason = EndReason::kOpen;
    std::string_view by = {};
    std::uint32_t test = 0;  // kTakes on a kWait node: which of its tests
  };

  void enter(RuleId rule, std::string_view key_text);

  // stepper_event.cpp: steps 2 and 3.
  bool nothing_changes(const RunList& list);
  void advance(Run& run);
  void start(RunList& list);
  Verdict judge(const Run& run, const Thread& thread);
  Verdict judge_waiting(const Run& run, const Thread& thread);
  std::optional<Verdict> judge_untils(const Run& run, const Thread& thread, bool& barred);
  const Guard* violated(const Run& run, const Thread& thread, bool next_only);
  /// The runs that taking the event makes of it, behind `next_`; `first_way`: only the first.
  void take(const Run& run, const Thread& thread, std::uint32_t test, bool first_way);
  void bind(const Run& run, const Thread& thread, const Node& node, std::uint32_t test);
  bool satisfies(const Test& test, ChainRef chain, const Thread& thread);
  bool satisfies(const Test& test, ChainRef chain, std::int64_t base,
                 std::span<const std::int64_t> registers);
  Verdict passed_over(const Run& run, const Thread& thread);
  bool forbidden_before(const RunList& list, const Run& run);
  void remember_leading(RunList& list);
  bool bound_holds(const std::vector<ExprId>& predicates, ChainRef chain,
                   std::span<const std::int64_t> registers, const Event* candidate);
  EventRef stored();

  // stepper_report.cpp: step 4.
  void settle(RunList& list, Timestamp at, bool by_deadline, MatchSink& sink);
  void drop_duplicates(RunList& list);
  void report(RunList& list, Timestamp at, bool by_deadline, MatchSink& sink);
  bool reported_before(RunList& list, const Run& run);
  /// `place`: an index into the runs; returns where what stood there stands now.
  std::size_t prune(RunList& list, const Run& match, std::size_t place);
  void set_due(Run& run) const;
  void forget_reported(RunList& list);

  // stepper_time.cpp: step 1.
  std::vector<Run> run_on(Run run, std::int64_t deadline);
  void close_loops(Run& run, std::int64_t deadline);
  std::vector<Run> end_pause(Run run, std::size_t thread, std::int64_t deadline);
  std::int64_t limit(const Run& run, const Thread& thread) const;
  std::int64_t closing_limit(const Run& run, const Thread& thread) const;

  // Tracing; nothing where it is off.
  void trace_run(Run& run, RunId parent);
  void trace_end(const Run& run, EndReason reason, std::string_view by, Timestamp at);

  const Program& program_;
  EventTests& tests_;
  BindingPool* pool_ = nullptr;
  Tracer* tracer_;
  std::vector<std::int64_t> ended_;  // by RuleId: when its input ended; kNever: it has not
  RunId last_run_ = 0;

  // Of the call under way:
  RuleId rule_ = 0;
  const Automaton* automaton_ = nullptr;
  std::string_view key_text_;
  bool tracing_ = false;
  EventRef stored_ = 0;
  std::vector<Run> next_;

  std::vector<std::vector<Threads>> starts_;  // by RuleId, made when first asked for
  std::vector<std::uint64_t> used_;           // by EventRef: the match of this number uses it
  std::uint64_t match_number_ = 0;
  std::vector<std::uint64_t> hashes_;
};

/// Gives up what the run holds.
inline void release(BindingPool& pool, Run& run) {
  pool.release(run.chain);
  run.chain = 0;
}

inline bool is_complete(const Run& run) {
  return run.threads.size() == 1 && run.threads.front().waiting == Waiting::kComplete;
}

}  // namespace weir::nfa
