// Alerts of several engines, merged into one order as they come.
//
// Each engine's alerts ascend in their places. An engine says how far it has come: it will report
// nothing at or before that place any more. What lies before the least of these is in order.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "weir/runtime/engine_part.hpp"
#include "weir/runtime/parallel_engine.hpp"

namespace weir::runtime {

/// Alerts written one behind the other.
struct AlertChunk {
  struct Mark {
    AlertPlace place;
    std::size_t end = 0;  // of the alert's text
  };
  std::string text;
  std::vector<Mark> marks;
};

class AlertMerger final : public Stage {
 public:
  /// `batches_done`: batches that all workers have done, and published the alerts of. Both outlive
  /// it.
  AlertMerger(std::size_t workers, const std::atomic<std::uint64_t>& batches_done,
              AlertTextSink& sink);

  /// What a worker has reported since it last came here, and how far it is. One thread at a time
  /// for each worker.
  void publish(std::size_t worker, AlertChunk chunk, const AlertPlace& reached);
  /// Nothing will come from this worker.
  void end(std::size_t worker);
  /// Of a worker's alerts that are not out. Any thread.
  std::size_t waiting_bytes(std::size_t worker) const noexcept {
    return inboxes_[worker].bytes.load(std::memory_order_relaxed);
  }

  /// batches_done has grown. Any thread.
  void tell_news() noexcept { news_.store(true, std::memory_order_release); }
  /// So many batches' alerts are out. Any thread.
  std::uint64_t merged() const noexcept { return merged_.load(std::memory_order_acquire); }

  bool run_one(std::size_t thread) override;
  /// All workers have ended and everything is out.
  bool done() const noexcept { return done_.load(std::memory_order_acquire); }

 private:
  struct Inbox {
    std::mutex mutex;
    std::vector<AlertChunk> arrived;  // under mutex, as are the next two
    AlertPlace reached;
    bool ended = false;
    std::atomic<std::size_t> bytes{0};
  };
  /// One worker's alerts in order, those that are out already taken away.
  struct Stream {
    std::deque<AlertChunk> chunks;
    std::size_t next = 0;   // mark of the first chunk
    std::size_t begin = 0;  // of its text
  };

  void collect();
  const AlertPlace* head(std::size_t worker) const noexcept;
  std::size_t first(std::size_t except) const noexcept;
  void hand_out(std::size_t worker, const AlertPlace* until);
  bool merge();

  const std::atomic<std::uint64_t>& batches_done_;
  AlertTextSink& sink_;
  std::atomic<std::uint64_t> merged_{0};
  std::deque<Inbox> inboxes_;  // by worker
  std::atomic<bool> news_{false};
  std::atomic<bool> done_{false};

  // Of the thread that merges.
  std::atomic_flag merging_;
  std::vector<Stream> streams_;  // by worker
  AlertPlace limit_;             // what is not after it is complete
  bool ended_ = false;           // everything is
};

}  // namespace weir::runtime
