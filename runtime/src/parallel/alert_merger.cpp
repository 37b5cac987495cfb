#include "parallel/alert_merger.hpp"

#include <utility>

namespace weir::runtime {
namespace {

constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

}  // namespace

AlertMerger::AlertMerger(std::size_t workers, const std::atomic<std::uint64_t>& batches_done,
                         AlertTextSink& sink)
    : batches_done_(batches_done), sink_(sink), inboxes_(workers), streams_(workers) {}

void AlertMerger::publish(std::size_t worker, AlertChunk chunk, const AlertPlace& reached) {
  Inbox& inbox = inboxes_[worker];
  {
    const std::lock_guard lock(inbox.mutex);
    inbox.reached = reached;
    if (!chunk.marks.empty()) {
      inbox.bytes.fetch_add(chunk.text.size(), std::memory_order_relaxed);
      inbox.arrived.push_back(std::move(chunk));
    }
  }
  tell_news();
}

void AlertMerger::end(std::size_t worker) {
  Inbox& inbox = inboxes_[worker];
  {
    const std::lock_guard lock(inbox.mutex);
    inbox.ended = true;
  }
  tell_news();
}

bool AlertMerger::run_one(std::size_t) {
  if (!news_.load(std::memory_order_acquire)) return false;
  if (merging_.test_and_set(std::memory_order_acquire)) return false;
  const bool news = news_.exchange(false, std::memory_order_acq_rel);
  if (news) {
    const std::uint64_t batches = batches_done_.load(std::memory_order_acquire);
    collect();
    if (merge()) sink_.on_pause();
    merged_.store(batches, std::memory_order_release);
    // Once all have ended nothing more arrives.
    if (ended_) done_.store(true, std::memory_order_release);
  }
  merging_.clear(std::memory_order_release);
  return news;
}

void AlertMerger::collect() {
  ended_ = true;
  bool any = false;
  for (std::size_t w = 0; w < inboxes_.size(); ++w) {
    Inbox& inbox = inboxes_[w];
    const std::lock_guard lock(inbox.mutex);
    for (AlertChunk& chunk : inbox.arrived) streams_[w].chunks.push_back(std::move(chunk));
    inbox.arrived.clear();
    if (inbox.ended) continue;
    ended_ = false;
    if (!any || inbox.reached < limit_) limit_ = inbox.reached;
    any = true;
  }
}

const AlertPlace* AlertMerger::head(std::size_t worker) const noexcept {
  const Stream& stream = streams_[worker];
  return stream.chunks.empty() ? nullptr : &stream.chunks.front().marks[stream.next].place;
}

/// The worker whose next alert comes first.
std::size_t AlertMerger::first(std::size_t except) const noexcept {
  std::size_t least = kNobody;
  for (std::size_t w = 0; w < streams_.size(); ++w) {
    if (w == except || head(w) == nullptr) continue;
    if (least == kNobody || *head(w) < *head(least)) least = w;
  }
  return least;
}

bool AlertMerger::merge() {
  bool any = false;
  while (true) {
    const std::size_t worker = first(kNobody);
    if (worker == kNobody || (!ended_ && limit_ < *head(worker))) return any;
    any = true;
    const std::size_t other = first(worker);
    const AlertPlace* until = other == kNobody ? nullptr : head(other);
    if (!ended_ && (until == nullptr || limit_ < *until)) until = &limit_;
    hand_out(worker, until);
  }
}

/// A worker's alerts of its first chunk, up to a place; all of them where that is null.
void AlertMerger::hand_out(std::size_t worker, const AlertPlace* until) {
  Stream& stream = streams_[worker];
  AlertChunk& chunk = stream.chunks.front();
  const std::size_t from = stream.next;
  while (stream.next < chunk.marks.size() &&
         (until == nullptr || chunk.marks[stream.next].place <= *until)) {
    ++stream.next;
  }
  const std::size_t end = chunk.marks[stream.next - 1].end;
  sink_.on_alerts(std::string_view(chunk.text).substr(stream.begin, end - stream.begin),
                  stream.next - from);
  inboxes_[worker].bytes.fetch_sub(end - stream.begin, std::memory_order_relaxed);
  stream.begin = end;
  if (stream.next < chunk.marks.size()) return;
  stream.chunks.pop_front();
  stream.next = stream.begin = 0;
}

}  // namespace weir::runtime
