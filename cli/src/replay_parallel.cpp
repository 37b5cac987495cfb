// weir replay on many threads: blocks of the logs are decoded side by side, put in order, matched
// by the workers that own their keys, and what these report is merged. Whoever is free does what is
// most urgent.
#include <fmt/core.h>

#include <atomic>
#include <mutex>

#include "block_order.hpp"
#include "exit_codes.hpp"
#include "interrupt.hpp"
#include "logging.hpp"
#include "replay_run.hpp"
#include "weir/runtime/crew.hpp"
#include "worker_choice.hpp"

namespace weir::cli {
namespace {

class ParallelReplay : private ReplayRun, private BlockListener, private runtime::AlertTextSink {
 public:
  ParallelReplay(const ReplayOptions& options, const LoadedRules& loaded, Io& io,
                 std::size_t threads)
      : ReplayRun(options, loaded, io), crew_(threads) {}

  int run() {
    if (!open()) return kUsage;
    runtime::ParallelEngine engine(loaded_.program, {.workers = workers(), .only = {}}, lines_,
                                   *this);
    BlockInput blocks(input_.logs(), engine, crew_.threads());
    BlockOrder order(input_.logs(), blocks, engine, input_.out_of_order(), options_.batch, *this);
    order_ = &order;
    // What comes later in the life of an event is more urgent, so that little is under way.
    runtime::Stage* const stages[] = {&engine.merging(), &engine.matching(), &order,
                                      &blocks.decoding(), &blocks.reading()};
    crew_.run(stages, [&] { return engine.done(); });
    return finish(engine.stats(), order.totals(), order.late());
  }

 private:
  std::size_t workers() const {
    if (options_.workers != 0) return options_.workers;
    const EventCost cost = measure_cost(*input_.logs().front(), loaded_.program);
    const std::size_t workers = best_workers(cost, crew_.threads());
    log_detail(
        fmt::format("an event takes {:.0f} ns to decode and {:.0f} ns to match: {} of {} "
                    "threads match at once",
                    cost.decode, cost.match, workers, crew_.threads()));
    return workers;
  }

  // From the stage that puts blocks in order.
  bool on_block(const connectors::LogSource& log, const Block& block) override {
    for (const connectors::Rejection& rejection : block.batch.rejections) rejected(log, rejection);
    const connectors::LogTotals totals = order_->totals();
    const bool too_many = too_many_rejected(totals);
    if (progress_.on()) {
      const std::lock_guard lock(terminal_);
      show_progress(totals);
    }
    return !interrupted() && !too_many && !broken_.load(std::memory_order_relaxed);
  }
  void on_late(const Event& event, Duration lateness) override { late(event, lateness); }
  bool on_end() override { return !interrupted(); }
  void on_matched(std::uint64_t events, Timestamp first, Timestamp last,
                  std::uint64_t unparsed) override {
    matched(events, first, last, unparsed);
  }

  // From the stage that merges alerts.
  void on_alerts(std::string_view text, std::size_t alerts) override {
    const std::lock_guard lock(terminal_);
    alerts_.on_alerts(text, alerts);
  }
  void on_pause() override {
    const std::lock_guard lock(terminal_);
    io_.out.flush();  // a log may be a pipe that somebody still writes to
    if (io_.out.broken()) broken_.store(true, std::memory_order_relaxed);
  }

  runtime::Crew crew_;
  BlockOrder* order_ = nullptr;
  std::mutex terminal_;  // alerts and the line of progress may share one
  std::atomic<bool> broken_{false};
};

}  // namespace

int replay_in_parallel(const ReplayOptions& options, const LoadedRules& loaded, Io& io,
                       std::size_t threads) {
  return ParallelReplay(options, loaded, io, threads).run();
}

}  // namespace weir::cli
