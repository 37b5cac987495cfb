// One engine of several, and what it does with a batch.
#pragma once

#include <cstdint>
#include <memory>

#include "parallel/alert_merger.hpp"
#include "weir/runtime/engine.hpp"
#include "weir/runtime/parallel_engine.hpp"

namespace weir::runtime {

class BatchesDone {
 public:
  /// In the order of the batches: every worker does them in that order. Any thread.
  virtual void batch_done() noexcept = 0;

 protected:
  ~BatchesDone() = default;
};

/// A batch on its way through all workers.
struct SharedBatch {
  enum class End : std::uint8_t {
    kNone,
    kFinish,  // of the log
    kStop,
  };
  /// Hears when no worker needs the batch any more; outlives it.
  explicit SharedBatch(BatchesDone& done) : done_(done) {}
  ~SharedBatch() { done_.batch_done(); }
  SharedBatch(const SharedBatch&) = delete;
  SharedBatch& operator=(const SharedBatch&) = delete;

  EventBatch batch;
  std::uint64_t first_number = 1;  // arrival of its first event
  End end = End::kNone;            // comes after the events
  Timestamp last;                  // kFinish: the largest event time of the log

 private:
  BatchesDone& done_;
};

/// Used by one thread at a time.
class MatchWorker final : public AlertSink {
 public:
  /// `format` and `part` outlive it; null: everything is its.
  MatchWorker(nfa::ProgramPtr program, const EnginePart* part, std::vector<nfa::RuleId> only,
              std::size_t number, const AlertFormat& format);

  enum class Came : std::uint8_t {
    kThrough,
    kHalfway,  // there are alerts to be taken out; to be called again with the same batch
  };
  Came match(const SharedBatch& shared);

  /// What it has reported since it was last asked.
  AlertChunk take_alerts();
  /// It will report nothing at or before this any more.
  const AlertPlace& reached() const noexcept { return reached_; }
  EngineStats stats() const { return engine_.stats(); }

  void on_alert(const Alert& alert) override;

 private:
  bool full() const noexcept { return chunk_.text.size() >= kAlertsAtOnce; }
  bool fire_before(Timestamp ts);
  bool finish(Timestamp last);

  /// Alerts are taken out when there are so many bytes of them.
  static constexpr std::size_t kAlertsAtOnce = std::size_t{256} << 10;
  /// Timers fired without a look at that.
  static constexpr std::size_t kTimersAtOnce = 64;

  std::size_t number_;
  bool alone_;  // all events are its
  const AlertFormat& format_;
  AlertChunk chunk_;
  Engine engine_;
  std::size_t next_ = 0;  // event of the batch under way
  AlertPlace reached_;
};

}  // namespace weir::runtime
