// Where everything goes that `weir run` puts out: the outboxes of all sinks, by stream.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "run/framed_alerts.hpp"
#include "run/tap_hub.hpp"
#include "weir/connectors/live/outbox.hpp"
#include "weir/runtime/parallel_engine.hpp"

namespace weir::cli {

/// A stream's records go to each of its sinks. What an outbox has no room for waits here, and
/// has_room() says so until it is in: whoever makes records then stops.
class Outboxes final : public runtime::AlertTextSink {
 public:
  /// `streams`: FramedAlerts::streams(). It outlives this.
  explicit Outboxes(const std::vector<std::string>& streams);

  /// Who looks on; it outlives this. Before the first record.
  void set_taps(TapHub& taps) { taps_ = &taps; }
  /// Before the first record.
  void add(const std::string& stream, std::string name, std::unique_ptr<connectors::Outbox> outbox);

  // Any thread.

  void on_alerts(std::string_view framed, std::size_t alerts) override;
  /// One JSON object, no line end, to `late` or `rejected`.
  void put(std::string_view stream, std::string_view text);
  /// Puts what waits into its outboxes as far as there is room. True: nothing waits.
  bool has_room();
  bool wanted(std::string_view stream) const;

  /// What was put so far, for delivered().
  using Mark = std::vector<std::uint64_t>;
  Mark mark();
  /// All of it is through, or set aside.
  bool delivered(const Mark& mark) const;
  /// Waits for everything, or until the deadline is over.
  bool drain(std::chrono::steady_clock::time_point deadline);

  /// Alerts of streams that no sink takes.
  std::uint64_t without_sink() const noexcept { return without_sink_.load(); }
  struct SinkStats {
    std::string stream;
    std::string name;
    connectors::OutboxStats stats;
  };
  std::vector<SinkStats> stats() const;

 private:
  struct Entry {
    std::string stream;
    std::string name;
    std::unique_ptr<connectors::Outbox> outbox;
    /// Under mutex_: records that found no room, in order.
    struct Waiting {
      std::string text, key, id;
    };
    std::deque<Waiting> waiting;
  };

  void put_to(Entry& entry, const connectors::OutRecord& record);
  bool move_on(Entry& entry);

  const std::vector<std::string>& streams_;
  TapHub* taps_ = nullptr;
  std::deque<Entry> entries_;
  std::vector<std::vector<Entry*>> by_stream_;  // by number of the stream
  mutable std::mutex mutex_;
  std::atomic<bool> any_waiting_{false};
  std::atomic<std::uint64_t> without_sink_{0};
};

}  // namespace weir::cli
