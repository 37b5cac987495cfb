// The queue in front of a sink, and the thread that drives it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "weir/connectors/live/sink.hpp"

namespace weir::connectors {

struct OutboxOptions {
  std::string name;                              // of the sink, for notices
  std::size_t max_bytes = std::size_t{8} << 20;  // waiting in memory; then put() waits
  /// Given: what the far end cannot take is kept in this folder while it is down, in order, up to
  /// disk_bytes; then put() waits. What lies there from an earlier process is sent first.
  std::string disk_dir;
  std::uint64_t disk_bytes = std::uint64_t{1} << 30;
  /// What a far end refuses for good is appended to this file, a JSON object {"sink", "problem",
  /// "key", "record"} a line, so that it is not lost; where that fails, the sink counts as away.
  /// Empty: it is counted and told.
  std::string undelivered_path;
  std::chrono::milliseconds first_retry{100};  // doubled up to max_retry, each with jitter
  std::chrono::milliseconds max_retry{30000};
  std::chrono::milliseconds flush_every{0};  // 0: after each batch that leaves the queue empty
};

struct OutboxStats {
  std::uint64_t sent = 0;
  std::uint64_t retries = 0;
  std::uint64_t refused = 0;  // for good
  std::uint64_t waiting = 0;  // records, in memory and on disk
  std::uint64_t waiting_bytes = 0;
  std::uint64_t disk_bytes = 0;
  bool away = false;    // the far end, right now
  bool closed = false;  // SendResult::State::kClosed: what is put is let fall
};

/// Records go out in the order in which they were put, in batches, and again after a failure: at
/// least once. Notices: "sink_away", "sink_back", "refused", "sink_closed", "disk_queue_full",
/// "disk_queue_failed", "disk_queue_damaged".
class Outbox {
 public:
  Outbox(std::unique_ptr<Sink> sink, OutboxOptions options, Notices& notices);
  /// What waits in memory goes to the disk, where there is a disk_dir, else it is given up; see
  /// drain().
  ~Outbox();
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  /// Why disk_dir or undelivered_path cannot be used, or empty. The outbox then works without.
  const std::string& problem() const noexcept;

  /// Takes a copy. False where there is no room, and nothing has happened. Any thread; what one
  /// thread puts goes out in its order.
  bool try_put(const OutRecord& record);
  /// Waits until there is room for what was last put in vain, or `deadline` is over; says which.
  bool wait_for_room(std::chrono::steady_clock::time_point deadline);
  /// Numbers what was put, from 1: delivered() of it means that it is through, or set aside: among
  /// what is undelivered, or in the queue on disk (synced).
  std::uint64_t put_so_far() const noexcept;
  std::uint64_t delivered() const noexcept;
  /// Waits until all is through (or on disk, where it has a disk_dir), or `deadline` is over.
  bool drain(std::chrono::steady_clock::time_point deadline);
  OutboxStats stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::connectors
