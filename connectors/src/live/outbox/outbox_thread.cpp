// The thread of an outbox, which drives the sink.
#include <algorithm>
#include <utility>

#include "live/outbox/outbox_impl.hpp"

namespace weir::connectors {
namespace {

using Clock = std::chrono::steady_clock;
using State = SendResult::State;
using Level = Notices::Level;

/// So much is taken from the disk at a time.
constexpr std::size_t kTakeBytes = 64 * 1024;
constexpr std::chrono::seconds kTickEvery{1};

}  // namespace

void Outbox::Impl::run() {
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

void Outbox::Impl::work(Clock::time_point now) {
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
  if (take_batch()) {
    if (!send_batch()) return;
  } else {
    come_back();  // there is nothing that it could refuse to take
  }
  const bool soon = draining_now() || flight_.bytes() >= options_.max_bytes / 2;
  if (soon || (options_.flush_every.count() > 0 ? now >= flush_at_ : nothing_waits())) flush();
}

bool Outbox::Impl::draining_now() const {
  const std::lock_guard lock(mutex_);
  return draining_ && waiting_.empty();
}

bool Outbox::Impl::nothing_waits() const {
  const std::lock_guard lock(mutex_);
  return waiting_.empty() && (disk_ == nullptr || disk_->all_taken());
}

bool Outbox::Impl::take_batch() {
  RecordPack pack;
  bool from_disk = false;
  if (disk_ != nullptr && disk_->take(pack, kTakeBytes)) {
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

bool Outbox::Impl::send_batch() {
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

bool Outbox::Impl::flush() {
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

bool Outbox::Impl::set_aside(const OutRecord& record, const std::string& why) {
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

void Outbox::Impl::settle(std::size_t records, bool through) {
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

void Outbox::Impl::fail(const std::string& problem) {
  if (flush()) go_away(problem);
}

void Outbox::Impl::go_away(const std::string& problem) {
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

void Outbox::Impl::come_back() {
  back_off_.reset();
  if (!stats_.away) return;
  {
    const std::lock_guard lock(mutex_);
    stats_.away = false;
  }
  notices_->note(Level::kInfo, "sink_back", options_.name + ": it takes records again");
}

void Outbox::Impl::put_back() {
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

void Outbox::Impl::spill() {
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

void Outbox::Impl::close(const std::string& why) {
  notices_->note(Level::kInfo, "sink_closed", options_.name + ": " + why);
  put_back();
  {
    const std::lock_guard lock(mutex_);
    stats_.closed = true;
    stats_.away = false;
    waiting_.clear();
    held_bytes_ = 0;
    delivered_ = put_;
  }
  progress_.notify_all();
}

void Outbox::Impl::count_disk() {
  if (disk_ == nullptr) return;
  const std::lock_guard lock(mutex_);
  disk_records_ = disk_->records();
  stats_.disk_bytes = disk_->bytes();
  disk_unread_ = !disk_->all_taken() && !stats_.closed;
}

}  // namespace weir::connectors
