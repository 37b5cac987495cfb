// Steps run state through the Program: the reference matcher of the contract's section 4, one
// record per run.
//
// All state lies in the shard's arena and in its BindingPool; in steady state nothing is asked of
// the system.
//
// A Matcher serves all rules and partitions of one shard. It knows nothing of threads, keys or
// sinks.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "weir/nfa/bindings.hpp"
#include "weir/nfa/event_tests.hpp"
#include "weir/nfa/program.hpp"
#include "weir/nfa/run.hpp"
#include "weir/nfa/trace.hpp"

namespace weir::nfa {

/// A match, while it is reported. Views.
struct Match {
  RuleId rule = 0;
  Timestamp detected_at;
  bool by_deadline = false;
  std::uint64_t start_seq = 0;
  ChainRef chain = 0;
  const BindingPool* pool = nullptr;
};

/// Takes matches in the order of the contract. The match's chain may be kept by retain().
class MatchSink {
 public:
  virtual ~MatchSink() = default;
  virtual void on_match(const Match& match) = 0;
};

class Matcher {
 public:
  /// All references outlive the matcher. `tracer` may be null. Lists of more than `few_runs` have
  /// an index; those of rules that are traced have none.
  Matcher(const Program& program, EventTests& tests, Tracer* tracer,
          std::size_t few_runs = kFewRuns);
  ~Matcher();

  /// The shard whose lists, in `arena`, are stepped from now on; both outlive their use.
  void attach(BindingPool& pool, ChunkArena& arena);

  /// A rule's list in one partition, with what lies behind it: `list` is a block of so many bytes.
  static std::size_t list_bytes(const Automaton& automaton) noexcept;
  static void begin(const Automaton& automaton, RunList& list) noexcept;
  /// It holds nothing, and may go.
  static bool empty(const Automaton& automaton, const RunList& list) noexcept;
  /// O(runs).
  static std::size_t runs(const ChunkArena& arena, const RunList& list) noexcept;

  /// The event that `tests` holds can begin a run of the rule, or is one that a leading NOT asks
  /// for; where not, step() on an empty list does nothing.
  bool concerns_empty(RuleId rule);

  /// Step 2 to 4 of the contract for the event that `tests` holds. `begins`: concerns_empty(rule).
  /// REQUIRES: everything due before the event has been fired.
  void step(RuleId rule, RunList& list, bool begins, std::string_view key_text, MatchSink& sink);

  /// Step 1 for one run: the first in list order with this deadline and start. False where there is
  /// none (it has changed since). O(1) to find it where the list has an index.
  bool fire(RuleId rule, RunList& list, std::int64_t deadline, std::uint64_t start_seq,
            std::string_view key_text, MatchSink& sink);
  /// fire() would find such a run.
  bool waits(const RunList& list, std::int64_t deadline, std::uint64_t start_seq) const noexcept;
  /// What the last step(), fire() or refresh_due() found to be due some time that was not before.
  std::span<const RunDeadline> new_deadlines() const noexcept;

  /// The rule's input has ended at `last`: loops that nothing else closes are due then.
  void end_of_log(RuleId rule, std::int64_t last);
  bool log_ended(RuleId rule) const noexcept;
  /// After end_of_log: recomputes what is due, where the end of the log makes a difference.
  void refresh_due(RuleId rule, RunList& list);

  /// Drops runs that can never complete at or after `now`, and what leading NOTs no longer ask for.
  void expire(RuleId rule, RunList& list, std::int64_t now);

  /// Gives up all that the list holds.
  void clear(RuleId rule, RunList& list);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::nfa
