// The engine: events in, alerts out. One thread; shards hold all state.
//
//   Engine engine(program, options, sink);
//   for (event : ordered events) engine.push(event);
//   engine.finish();
//
// Events come in the order (ts, arrival); a Sequencer (sequencer.hpp) puts them into it.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "weir/event/event.hpp"
#include "weir/nfa/match.hpp"
#include "weir/nfa/program.hpp"
#include "weir/nfa/run.hpp"
#include "weir/nfa/trace.hpp"
#include "weir/runtime/alert.hpp"
#include "weir/runtime/engine_part.hpp"

namespace weir::runtime {

/// Takes matches instead of alerts, where nobody wants a record of them. Neither cooldown nor
/// max_per holds one back.
class MatchConsumer {
 public:
  static constexpr std::uint64_t kAll = nfa::MatchListing::kAll;

  virtual ~MatchConsumer() = default;
  /// In the contract's order. `bound` is in order of event; valid during the call.
  virtual void on_match(nfa::RuleId rule, Timestamp detected_at,
                        std::span<const nfa::BoundEvent> bound) = 0;
  /// So many of the matches that a rule has at one event and key are handed over, the first ones.
  virtual std::uint64_t wanted() const { return kAll; }
  /// The number of the others. Where AFTER MATCH is KEEP and the rule's plan is compact, they are
  /// counted without being listed.
  virtual void on_more(nfa::RuleId rule, std::uint64_t count) = 0;
};

struct EngineOptions {
  /// Only alerts of these rules are handed to the sink (all run). Empty: every rule's.
  std::vector<nfa::RuleId> only;
  /// Told what becomes of every run; null: nothing is traced, at no cost.
  nfa::Tracer* tracer = nullptr;
  /// Keys are spread over so many shards; what is reported does not depend on it.
  std::size_t shards = 1;
  /// Rules that have a compact plan are matched by it; off: every rule is matched run by run. What
  /// is reported does not depend on it. Rules that are traced are always matched run by run.
  bool compact = true;
  /// Rules that begin alike share what they keep (nfa/family_plan.hpp); off: each is matched alone.
  /// What is reported does not depend on it.
  bool families = true;
  /// Where a rule is matched run by run, an event finds the runs that it can do something to as
  /// soon as a key has more than so many; nfa::kNoRunIndex: it goes over all of them. What is
  /// reported does not depend on it.
  std::size_t few_runs = nfa::kFewRuns;
  /// Given, it gets the matches and the sink no alerts. Outlives the engine.
  MatchConsumer* matches = nullptr;
  /// What is this engine's where several share the work (ParallelEngine); null: everything. It
  /// outlives the engine.
  const EnginePart* part = nullptr;
  /// Sliding windows that overlap share panes; off: each has its own accumulators, with the same
  /// results.
  bool panes = true;
  static constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();
  /// Where so many rules of one key read a type, or a key has more states, an index over all that
  /// they ask says which of them an event concerns; otherwise, or kNever, each is asked.
  std::size_t index_from = 8;
  /// Memory is asked ahead of time for what the events to come will touch, where there have been
  /// more keys; kNever: it is waited for.
  std::size_t look_ahead_from = 2000;
};

struct RuleStats {
  std::uint64_t matches = 0;
  std::uint64_t alerts = 0;       // sent
  std::uint64_t suppressed = 0;   // kept back by cooldown or max_per
  std::uint64_t events = 0;       // of its input, with a key
  std::uint64_t without_key = 0;  // of its input, lacking a key field

  void add(const RuleStats& other) noexcept;
};

struct EngineStats {
  std::uint64_t events = 0;  // pushed
  std::uint64_t alerts = 0;
  std::vector<RuleStats> rules;  // by RuleId

  /// What another engine of the same Program has done; not its events, which may be the same.
  /// REQUIRES: as many rules.
  void add(const EngineStats& other) noexcept;
};

class Engine {
 public:
  /// `sink` and `options.tracer` outlive the engine.
  Engine(nfa::ProgramPtr program, EngineOptions options, AlertSink& sink);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// REQUIRES: not before the last event pushed. The event's memory is not needed after the call.
  /// Its `seq` is assigned here.
  void push(const Event& event) { push(std::span(&event, 1)); }
  /// Several, in order: the same as one by one, and faster.
  void push(std::span<const Event> events);
  /// Events that come next, most probably, as far as they are known, for who pushes them one by
  /// one. To be told before each kAhead of them; nothing but time depends on it. O(kAhead).
  void expect(std::span<const Event> events);
  static constexpr std::size_t kAhead = 16;

  /// Nothing at or before `watermark` can still come: deadlines up to it fall due.
  void advance(Timestamp watermark);

  /// The end of a bounded log: the watermark goes to infinity, windows and open loops close.
  void finish();

  // For an engine that has a part, the same in steps, so that whoever drives it can let its alerts
  // go in between.

  /// push() of the source event that is the `number`th of all engines' to arrive, from 1. REQUIRES:
  /// numbers ascend and are below 2^40.
  void push(const Event& event, std::uint64_t number, OwnerMask mine);
  /// What falls due before an event at `ts`, at most so many timers: true where nothing is left.
  bool fire_before(Timestamp ts, std::size_t timers);
  /// finish(), at most so many timers: true where nothing is left. `last`: the largest event time
  /// of the whole log.
  bool finish(Timestamp last, std::size_t timers);
  /// Of the alert that is being reported; between calls, of what was done last (with no rule). It
  /// never goes back.
  const AlertPlace& place() const noexcept;

  EngineStats stats() const;
  /// What is held open: runs, or events of compact plans. What has expired unseen counts until it
  /// is looked at. O(keys).
  std::uint64_t open_runs() const;
  const nfa::Program& program() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::runtime
