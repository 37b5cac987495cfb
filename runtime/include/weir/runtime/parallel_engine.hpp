// The engine on several threads: batches of ordered events in, rendered alerts out, byte for byte
// what Engine reports.
//
// The rules and their keys are shared among workers, each an Engine of its own that owns a part.
// A batch goes to all of them; each takes the events that are for it, and its alerts are rendered
// where their evidence lies. The alerts of all are then merged into the order of the contract.
// Nothing here has a thread: a Crew runs the stages.
//
//   ParallelEngine engine(program, options, format, sink);
//   stages = {&engine.merging(), &engine.matching(), a stage of the caller's that feeds:
//     while (engine.has_room()) engine.submit(a batch, its routes made by engine.route());
//     at the end: engine.finish()}
//   Crew(threads).run(stages, [&] { return engine.done(); });
//   engine.stats()
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/event/event.hpp"
#include "weir/nfa/program.hpp"
#include "weir/runtime/alert.hpp"
#include "weir/runtime/crew.hpp"
#include "weir/runtime/engine.hpp"

namespace weir::runtime {

/// For whom the events of some batch are: one mask for each worker and event, or, before a reset(),
/// everything for everyone.
class Routes {
 public:
  void reset(std::size_t workers, std::size_t events);
  /// A worker's masks, 0 after a reset(), to be filled in.
  OwnerMask* of(std::size_t worker) noexcept { return masks_[worker].data(); }
  /// Appends a copy of another batch's masks for one of its events.
  void append(const Routes& from, std::size_t event);
  /// 0: not for this worker.
  OwnerMask mask(std::size_t worker, std::size_t event) const noexcept {
    return masks_.empty() ? ~OwnerMask{0} : masks_[worker][event];
  }

 private:
  std::vector<std::vector<OwnerMask>> masks_;  // by worker and event; event by event in memory
};

/// Events in their order, (ts, arrival), for all workers.
struct EventBatch {
  std::span<const Event> events;
  const Routes* routes = nullptr;
  std::size_t first_route = 0;  // events[i] has the routes' number first_route + i
  /// Nothing at or before it can still come; the events say the same of what lies before them.
  Timestamp watermark = Timestamp::min();
  /// Holds what the three above point to until all workers are done.
  std::vector<std::shared_ptr<const void>> memory;
};

/// How an alert is written down. Called by several threads at once.
class AlertFormat {
 public:
  virtual ~AlertFormat() = default;
  virtual void append(std::string& out, const Alert& alert) const = 0;
};

/// Takes what was written, in the contract's order. One thread at a time.
class AlertTextSink {
 public:
  virtual ~AlertTextSink() = default;
  /// Some alerts, one after another. Valid during the call.
  virtual void on_alerts(std::string_view text, std::size_t alerts) = 0;
  /// So far there are no more.
  virtual void on_pause() {}
};

/// Batches that workers have still to do, or whose alerts are not out.
inline constexpr std::size_t kMaxBatchesUnderWay = 16;
/// Alerts of one worker that wait for their turn, in bytes; about, since one event's are not
/// parted.
inline constexpr std::size_t kMaxWaitingAlertBytes = std::size_t{4} << 20;

struct ParallelOptions {
  /// Engines that share the work; cut to kMaxWorkers. What is reported does not depend on it.
  std::size_t workers = 2;
  /// As EngineOptions::only.
  std::vector<nfa::RuleId> only;
  /// Rules and windows that take part: whole components of what reads one another. None: all.
  std::optional<Members> members = std::nullopt;
};

class ParallelEngine {
 public:
  /// `format` and `sink` outlive it.
  ParallelEngine(nfa::ProgramPtr program, ParallelOptions options, const AlertFormat& format,
                 AlertTextSink& sink);
  ~ParallelEngine();
  ParallelEngine(const ParallelEngine&) = delete;
  ParallelEngine& operator=(const ParallelEngine&) = delete;

  /// Any number of threads at once: it is done where events are decoded.
  void route(std::span<const Event> events, Routes& routes) const;

  // For one thread at a time, in the order of the log.

  /// False: what was submitted has to be matched first. A submit() is owed no sooner.
  bool has_room() const noexcept;
  void submit(EventBatch batch);
  /// The end of a bounded log; `last`: the largest event time in it. Nothing comes after it.
  /// REQUIRES: no watermark was at or after `last`. (A Sequencer's are not: what an event says lies
  /// before it.)
  void finish(Timestamp last);
  /// The end without an end: what was submitted is matched, deadlines stay open.
  void stop();

  /// Batches submitted so far.
  std::uint64_t submitted() const noexcept;

  /// So many batches, the first ones, are matched, and their alerts handed to the sink. Any thread.
  std::uint64_t merged() const noexcept;

  /// Merges what is ready and hands it to the sink.
  Stage& merging() noexcept;
  /// Matches a batch, for a worker that nobody else is busy with.
  Stage& matching() noexcept;

  /// After finish() or stop(): everything has been handed to the sink.
  bool done() const noexcept;
  /// REQUIRES: done(), or no thread in a stage.
  EngineStats stats() const;
  /// The same without its events, as of some batches ago. Any thread.
  EngineStats recent_stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::runtime
