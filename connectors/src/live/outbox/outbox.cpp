#include "weir/connectors/live/outbox.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include "live/outbox/back_off.hpp"
#include "live/outbox/disk_queue.hpp"
#include "live/outbox/flight.hpp"
#include "live/outbox/undelivered.hpp"

namespace weir::connectors {
namespace {

using Clock = std::chrono::steady_clock;
using State = SendResult::State;
using Level = Notices::Level;

/// Records are sent in batches of about so many bytes.
constexpr std::size_t kPackBytes = 64 * 1024;
constexpr std::chrono::seconds kTickEvery{1};

}  // namespace

class Outbox::Impl {
 public:
  Impl(std::unique_ptr<Sink> sink, OutboxOptions options, Notices& notices)
      : sink_(std::move(sink)),
        options_(std::move(options)),
        notices_(&notices),
        back_off_(options_.first_retry, options_.max_retry, std::random_device{}()) {
    std::string error;
    if (!options_.disk_dir.empty()) {
      disk_ =
          DiskQueue::open(options_.disk_dir, options_.disk_bytes, options_.name, notices, error);
      if (disk_ == nullptr) problem_ = error;
    }
    if (!options_.undelivered_path.empty()) {
      undelivered_ = Undelivered::open(options_.undelivered_path, options_.name, notices, error);
      if (undelivered_ == nullptr) problem_ = error;
    }
    count_disk();
    thread_ = std::thread([this] { run(); });
  }

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    work_.notify_all();
    thread_.join();
  }

  const std::string& problem() const noexcept { return problem_; }

  bool try_put(const OutRecord& record) {
    const std::size_t bytes = RecordPack::size_of(record);
    {
      const std::lock_guard lock(mutex_);
      if (stats_.closed) {
        delivered_ = ++put_;
        return true;
      }
      if (!has_room(bytes)) {
        wanted_ = bytes;
        return false;
      }
      if (waiting_.empty() || waiting_.back().bytes() + bytes > kPackBytes) waiting_.emplace_back();
      waiting_.back().add(record);
      held_bytes_ += bytes;
      ++put_;
    }
    work_.notify_one();
    return true;
  }

  bool wait_for_room(Clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    return progress_.wait_until(lock, deadline, [&] { return stats_.closed || has_room(wanted_); });
  }

  std::uint64_t put_so_far() const {
    const std::lock_guard lock(mutex_);
    return put_;
  }
  std::uint64_t delivered() const {
    const std::lock_guard lock(mutex_);
    return delivered_;
  }

  bool drain(Clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    draining_ = retry_now_ = true;
    work_.notify_one();
    return progress_.wait_until(lock, deadline, [&] { return delivered_ == put_; });
  }

  OutboxStats stats() const {
    const std::lock_guard lock(mutex_);
    OutboxStats stats = stats_;
    stats.waiting = disk_records_ + put_ - delivered_;
    stats.waiting_bytes = held_bytes_;
    return stats;
  }

 private:
  // With mutex_ held.

  bool has_room(std::size_t bytes) const noexcept {
    return held_bytes_ == 0 || held_bytes_ + bytes <= options_.max_bytes;
  }
  /// Without waiting for a time.
  bool has_work() const noexcept {
    if (stats_.away) return retry_now_ || (!waiting_.empty() && may_spill_);
    return !waiting_.empty() || disk_unread_ || (draining_ && in_flight_);
  }
  Clock::time_point next_time() const noexcept {
    if (stats_.away) return std::min(tick_at_, retry_at_);
    return in_flight_ ? std::min(tick_at_, flush_at_) : tick_at_;
  }

  // Of the thread.

  void run() {
    while (true) {
      {
        std::unique_lock lock(mutex_);
        work_.wait_until(lock, next_time(), [&] { return stop_ || has_work(); });
        if (stop_) break;
      }
      work(Clock::now());
    }
    if (!stats_.away) flush();
    put_back();
    if (disk_ != nullptr) spill();
  }

  void work(Clock::time_point now) {
    if (now >= tick_at_) {
      sink_->tick();
      tick_at_ = now + kTickEvery;
      may_spill_ = disk_ != nullptr;
    }
    if (stats_.closed) return;
    if (disk_ != nullptr && (stats_.away || !disk_->all_taken())) spill();
    if (stats_.away) {
      const std::lock_guard lock(mutex_);
      if (!std::exchange(retry_now_, false) && now < retry_at_) return;
      ++stats_.retries;
    }
    if (take_batch() && !send_batch()) return;
    const bool soon = draining_now() || flight_.bytes() >= options_.max_bytes / 2;
    if (soon || (options_.flush_every.count() > 0 ? now >= flush_at_ : nothing_waits())) flush();
  }

  bool draining_now() const {
    const std::lock_guard lock(mutex_);
    return draining_ && waiting_.empty();
  }
  bool nothing_waits() const {
    const std::lock_guard lock(mutex_);
    return waiting_.empty() && (disk_ == nullptr || disk_->all_taken());
  }

  /// The next records go into flight_: those on disk are the older ones.
  bool take_batch() {
    RecordPack pack;
    bool from_disk = false;
    if (disk_ != nullptr && disk_->take(pack, kPackBytes)) {
      from_disk = true;
      count_disk();
    } else {
      const std::lock_guard lock(mutex_);
      if (waiting_.empty()) return false;
      pack = std::move(waiting_.front());
      waiting_.pop_front();
    }
    if (flight_.empty()) flush_at_ = Clock::now() + options_.flush_every;
    flight_.add(std::move(pack), from_disk);
    in_flight_ = true;
    return true;
  }

  /// False where the rest has to wait.
  bool send_batch() {
    const std::vector<OutRecord> records = flight_.to_send();
    std::span<const OutRecord> left(records);
    while (!left.empty()) {
      const SendResult result = sink_->send(left);
      const std::size_t done =
          result.state == State::kDone ? left.size() : std::min(result.done, left.size());
      flight_.sent(done);
      left = left.subspan(done);
      if (done > 0) come_back();
      switch (result.state) {
        case State::kDone:
          break;
        case State::kTryAgain:
          fail(result.problem);
          return false;
        case State::kRefused:
          // What was sent before it is settled first: all is settled in order.
          if (left.empty() || !flush() || !set_aside(left.front(), result.problem)) return false;
          left = left.subspan(1);
          break;
        case State::kClosed:
          close(result.problem);
          return false;
      }
    }
    return true;
  }

  /// False where something has to be sent again, or nothing can be.
  bool flush() {
    if (flight_.unsettled() == 0) return true;
    const std::size_t sent = flight_.unsettled();
    const SendResult result = sink_->flush();
    flush_at_ = Clock::now() + options_.flush_every;
    settle(result.state == State::kDone ? sent : std::min(result.done, sent), true);
    switch (result.state) {
      case State::kDone:
        return true;
      case State::kTryAgain:
        go_away(result.problem);
        return false;
      case State::kRefused:
        if (flight_.unsettled() > 0 && !set_aside(flight_.first(), result.problem)) return false;
        put_back();
        return false;
      case State::kClosed:
        close(result.problem);
        return false;
    }
    return true;
  }

  /// The first in flight will never be taken.
  bool set_aside(const OutRecord& record, const std::string& why) {
    notices_->note(Level::kWarning, "refused", options_.name + ": " + why);
    std::string problem;
    if (undelivered_ != nullptr && !undelivered_->add(record, why, problem)) {
      go_away(problem);
      return false;
    }
    {
      const std::lock_guard lock(mutex_);
      ++stats_.refused;
    }
    settle(1, false);
    return true;
  }

  void settle(std::size_t records, bool through) {
    std::size_t of_disk = 0;
    {
      const std::lock_guard lock(mutex_);
      flight_.settle(records, [&](const Flight::Batch& batch, std::size_t some) {
        if (through) stats_.sent += some;
        if (batch.from_disk) {
          of_disk += some;
          return;
        }
        delivered_ += some;
        if (batch.settled == batch.pack.records()) held_bytes_ -= batch.pack.bytes();
      });
      in_flight_ = flight_.unsettled() > 0;
    }
    if (of_disk > 0) disk_->release(of_disk);
    count_disk();
    progress_.notify_all();
  }

  /// After a send(): what was sent before is through as far as the sink says so.
  void fail(const std::string& problem) {
    if (flush()) go_away(problem);
  }

  void go_away(const std::string& problem) {
    put_back();
    const auto delay = back_off_.next();
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      first = !std::exchange(stats_.away, true);
      retry_at_ = Clock::now() + delay;
      may_spill_ = disk_ != nullptr;
    }
    if (first) notices_->note(Level::kWarning, "sink_away", options_.name + ": " + problem);
  }

  void come_back() {
    back_off_.reset();
    if (!stats_.away) return;
    {
      const std::lock_guard lock(mutex_);
      stats_.away = false;
    }
    notices_->note(Level::kInfo, "sink_back", options_.name + ": it takes records again");
  }

  void put_back() {
    const std::lock_guard lock(mutex_);
    bool any_of_disk = false;
    flight_.give_back([&](Flight::Batch& batch) {
      any_of_disk = any_of_disk || batch.from_disk;
      if (batch.from_disk) return;
      waiting_.push_front(std::move(batch.pack));
    });
    held_bytes_ = 0;
    for (const RecordPack& pack : waiting_) held_bytes_ += pack.bytes();
    in_flight_ = false;
    if (any_of_disk) disk_->rewind();
  }

  /// What waits in memory goes to the disk, as far as there is room.
  void spill() {
    while (true) {
      RecordPack pack;
      {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty()) return;
        pack = std::move(waiting_.front());
        waiting_.pop_front();
      }
      std::string problem;
      const DiskQueue::Put result = disk_->put(pack, problem);
      const bool done = result == DiskQueue::Put::kDone;
      {
        const std::lock_guard lock(mutex_);
        may_spill_ = done;  // or at the next tick
        if (done) {
          delivered_ += pack.records();
          held_bytes_ -= pack.bytes();
        } else {
          waiting_.push_front(std::move(pack));
        }
      }
      count_disk();
      progress_.notify_all();
      if (done) continue;
      if (result == DiskQueue::Put::kFull) {
        notices_->note(Level::kWarning, "disk_queue_full",
                       options_.name + ": the queue on disk is full");
      } else {
        notices_->note(Level::kError, "disk_queue_failed", options_.name + ": " + problem);
      }
      return;
    }
  }

  void close(const std::string& why) {
    notices_->note(Level::kInfo, "sink_closed", options_.name + ": " + why);
    put_back();
    {
      const std::lock_guard lock(mutex_);
      stats_.closed = true;
      waiting_.clear();
      held_bytes_ = 0;
      delivered_ = put_;
    }
    progress_.notify_all();
  }

  void count_disk() {
    if (disk_ == nullptr) return;
    const std::lock_guard lock(mutex_);
    disk_records_ = disk_->records();
    stats_.disk_bytes = disk_->bytes();
    disk_unread_ = !disk_->all_taken() && !stats_.closed;
  }

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

Outbox::Outbox(std::unique_ptr<Sink> sink, OutboxOptions options, Notices& notices)
    : impl_(std::make_unique<Impl>(std::move(sink), std::move(options), notices)) {}
Outbox::~Outbox() = default;
const std::string& Outbox::problem() const noexcept {
  return impl_->problem();
}
bool Outbox::try_put(const OutRecord& record) {
  return impl_->try_put(record);
}
bool Outbox::wait_for_room(Clock::time_point deadline) {
  return impl_->wait_for_room(deadline);
}
std::uint64_t Outbox::put_so_far() const noexcept {
  return impl_->put_so_far();
}
std::uint64_t Outbox::delivered() const noexcept {
  return impl_->delivered();
}
bool Outbox::drain(Clock::time_point deadline) {
  return impl_->drain(deadline);
}
OutboxStats Outbox::stats() const {
  return impl_->stats();
}

}  // namespace weir::connectors
