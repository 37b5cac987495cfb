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
  /// What a far end refuses for good is appended to this file, so that it is not lost; empty: it is
  /// counted and told, and the file's place is standard error of nobody.
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
  bool away = false;  // the far end, right now
};

class Outbox {
 public:
  Outbox(std::unique_ptr<Sink> sink, OutboxOptions options, Notices& notices);
  ~Outbox();  // gives up what waits in memory; see drain()
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  /// Takes a copy. False where there is no room, and nothing has happened. Any thread; what one
  /// thread puts goes out in its order.
  bool try_put(const OutRecord& record);
  /// Waits until there is room or `deadline` is over.
  bool wait_for_room(std::chrono::steady_clock::time_point deadline);
  /// Numbers what was put, from 1: delivered() of it means that it is through, or set aside.
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
