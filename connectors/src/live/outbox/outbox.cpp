// The side of an outbox that is put into.
#include <random>
#include <utility>

#include "live/outbox/outbox_impl.hpp"

namespace weir::connectors {
namespace {

using Clock = std::chrono::steady_clock;

/// Records are sent in batches of about so many bytes.
constexpr std::size_t kPackBytes = 64 * 1024;

}  // namespace

Outbox::Impl::Impl(std::unique_ptr<Sink> sink, OutboxOptions options, Notices& notices)
    : sink_(std::move(sink)),
      options_(std::move(options)),
      notices_(&notices),
      back_off_(options_.first_retry, options_.max_retry, std::random_device{}()) {
  std::string error;
  if (!options_.disk_dir.empty()) {
    disk_ = DiskQueue::open(options_.disk_dir, options_.disk_bytes, options_.name, notices, error);
    if (disk_ == nullptr) problem_ = error;
  }
  if (!options_.undelivered_path.empty()) {
    undelivered_ = Undelivered::open(options_.undelivered_path, options_.name, notices, error);
    if (undelivered_ == nullptr) problem_ = error;
  }
  count_disk();
  thread_ = std::thread([this] { run(); });
}

Outbox::Impl::~Impl() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  work_.notify_all();
  thread_.join();
}

bool Outbox::Impl::try_put(const OutRecord& record) {
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

bool Outbox::Impl::wait_for_room(Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return progress_.wait_until(lock, deadline, [&] { return stats_.closed || has_room(wanted_); });
}

std::uint64_t Outbox::Impl::put_so_far() const {
  const std::lock_guard lock(mutex_);
  return put_;
}

std::uint64_t Outbox::Impl::delivered() const {
  const std::lock_guard lock(mutex_);
  return delivered_;
}

bool Outbox::Impl::drain(Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  draining_ = retry_now_ = true;
  work_.notify_one();
  return progress_.wait_until(lock, deadline, [&] { return delivered_ == put_; });
}

OutboxStats Outbox::Impl::stats() const {
  const std::lock_guard lock(mutex_);
  OutboxStats stats = stats_;
  stats.waiting = disk_records_ + put_ - delivered_;
  stats.waiting_bytes = held_bytes_;
  return stats;
}

bool Outbox::Impl::has_room(std::size_t bytes) const noexcept {
  return held_bytes_ == 0 || held_bytes_ + bytes <= options_.max_bytes;
}

bool Outbox::Impl::has_work() const noexcept {
  if (stats_.away) return retry_now_ || (!waiting_.empty() && may_spill_);
  return !waiting_.empty() || disk_unread_ || (draining_ && in_flight_);
}

Clock::time_point Outbox::Impl::next_time() const noexcept {
  if (stats_.away) return std::min(tick_at_, retry_at_);
  return in_flight_ ? std::min(tick_at_, flush_at_) : tick_at_;
}

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
