// What an outbox is made of: a queue that any thread puts into, and a thread that empties it.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "live/back_off.hpp"
#include "live/outbox/disk_queue.hpp"
#include "live/outbox/flight.hpp"
#include "live/outbox/undelivered.hpp"
#include "weir/connectors/live/outbox.hpp"

namespace weir::connectors {

/// The functions of its thread are in outbox_thread.cpp.
class Outbox::Impl {
 public:
  using Clock = std::chrono::steady_clock;

  Impl(std::unique_ptr<Sink> sink, OutboxOptions options, Notices& notices);
  ~Impl();

  const std::string& problem() const noexcept { return problem_; }
  bool try_put(const OutRecord& record);
  bool wait_for_room(Clock::time_point deadline);
  std::uint64_t put_so_far() const;
  std::uint64_t delivered() const;
  bool drain(Clock::time_point deadline);
  OutboxStats stats() const;

 private:
  // With mutex_ held.

  bool has_room(std::size_t bytes) const noexcept;
  /// Without waiting for a time.
  bool has_work() const noexcept;
  Clock::time_point next_time() const noexcept;

  // Of the thread.

  void run();
  void work(Clock::time_point now);
  bool draining_now() const;
  bool nothing_waits() const;

  /// The next records go into flight_: those on disk are the older ones.
  bool take_batch();

  /// False where the rest has to wait.
  bool send_batch();

  /// False where something has to be sent again, or nothing can be.
  bool flush();

  /// The first in flight will never be taken.
  bool set_aside(const OutRecord& record, const std::string& why);
  void settle(std::size_t records, bool through);

  /// After a send(): what was sent before is through as far as the sink says so.
  void fail(const std::string& problem);
  void go_away(const std::string& problem);
  void come_back();
  void put_back();

  /// What waits in memory goes to the disk, as far as there is room.
  void spill();
  void close(const std::string& why);
  void count_disk();

  std::unique_ptr<Sink> sink_;
  const OutboxOptions options_;
  Notices* notices_;
  std::string problem_;

  // Of the thread alone. What it alone writes of stats_, it reads without the lock.
  BackOff back_off_;
  std::unique_ptr<DiskQueue> disk_;
  std::unique_ptr<Undelivered> undelivered_;
  Flight flight_;
  bool disk_unread_ = false;
  bool in_flight_ = false;  // something that a flush would settle
  bool may_spill_ = false;
  Clock::time_point tick_at_;
  Clock::time_point retry_at_;  // while the far end is away
  Clock::time_point flush_at_;  // while something is in flight

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable work_;
  std::condition_variable progress_;
  std::deque<RecordPack> waiting_;
  std::size_t held_bytes_ = 0;  // waiting, or in flight and not from disk
  std::size_t wanted_ = 0;      // by the last try_put() that found no room
  std::uint64_t put_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t disk_records_ = 0;
  bool draining_ = false;
  bool retry_now_ = false;  // whatever retry_at_ says
  bool stop_ = false;
  OutboxStats stats_;
  std::thread thread_;
};

}  // namespace weir::connectors
