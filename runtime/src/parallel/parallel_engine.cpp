#include "weir/runtime/parallel_engine.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <mutex>

#include "parallel/batch_queue.hpp"
#include "parallel/match_worker.hpp"
#include "parallel/router.hpp"
#include "parallel/split.hpp"

namespace weir::runtime {

namespace {

/// The copies that recent_stats() reads are so old at most, where a thread looks for work as often.
constexpr std::chrono::milliseconds kStatsEvery{200};

}  // namespace

void Routes::reset(std::size_t workers, std::size_t events) {
  masks_.resize(workers);
  for (std::vector<OwnerMask>& masks : masks_) masks.assign(events, 0);
}

void Routes::append(const Routes& from, std::size_t event) {
  masks_.resize(from.masks_.size());
  for (std::size_t w = 0; w < masks_.size(); ++w) masks_[w].push_back(from.masks_[w][event]);
}

class ParallelEngine::Impl final : public Stage, public BatchesDone {
 public:
  Impl(nfa::ProgramPtr program, ParallelOptions options, const AlertFormat& format,
       AlertTextSink& sink)
      : program_(std::move(program)),
        whole_(!options.members || options.members->all()),
        split_(*program_, std::clamp<std::size_t>(options.workers, 1, kMaxWorkers),
               whole_ ? nullptr : &*options.members),
        router_(*program_, split_),
        merger_(split_.parts.size(), done_, sink) {
    for (std::size_t w = 0; w < split_.parts.size(); ++w) {
      // One alone owns everything, and does not ask.
      const EnginePart* part = routed() ? &split_.parts[w] : nullptr;
      seats_.emplace_back(program_, part, options.only, w, format);
    }
  }

  /// Events need masks.
  bool routed() const noexcept { return !whole_ || split_.parts.size() > 1; }
  const Router& router() const noexcept { return router_; }
  AlertMerger& merger() noexcept { return merger_; }
  const AlertMerger& merger() const noexcept { return merger_; }

  bool has_room() const noexcept {
    return submitted_ - done_.load(std::memory_order_acquire) < kMaxBatchesUnderWay;
  }

  void submit(EventBatch batch, SharedBatch::End end, Timestamp last) {
    ++submitted_;
    const auto shared = std::make_shared<SharedBatch>(*this);
    shared->first_number = events_ + 1;
    events_ += batch.events.size();
    shared->batch = std::move(batch);
    shared->end = end;
    shared->last = last;
    for (Seat& seat : seats_) seat.queue.push(shared);
  }

  /// Each thread begins with a worker of its own, whose state is in its cache.
  bool run_one(std::size_t thread) override {
    for (std::size_t i = 0; i < seats_.size(); ++i) {
      const std::size_t w = (thread + i) % seats_.size();
      if (merger_.waiting_bytes(w) > kMaxWaitingAlertBytes) continue;
      if (seats_[w].taken.test_and_set(std::memory_order_acquire)) continue;
      const bool worked = work(w);
      seats_[w].taken.clear(std::memory_order_release);
      if (worked) return true;
    }
    return false;
  }

  void batch_done() noexcept override {
    done_.fetch_add(1, std::memory_order_release);
    merger_.tell_news();
  }

  std::uint64_t submitted() const noexcept { return submitted_; }

  EngineStats recent_stats() const {
    EngineStats sum;
    sum.rules.resize(program_->rules.size());
    for (const Seat& seat : seats_) {
      const std::lock_guard lock(seat.recent_mutex);
      if (!seat.recent.rules.empty()) sum.add(seat.recent);
    }
    return sum;
  }

  EngineStats stats() const {
    EngineStats sum;
    sum.events = events_;
    sum.rules.resize(program_->rules.size());
    for (const Seat& seat : seats_) sum.add(seat.worker.stats());
    return sum;
  }

 private:
  /// A worker, and what makes it one thread's at a time.
  struct Seat {
    Seat(const nfa::ProgramPtr& program, const EnginePart* part,
         const std::vector<nfa::RuleId>& only, std::size_t number, const AlertFormat& format)
        : worker(program, part, only, number, format) {}

    std::atomic_flag taken;
    BatchQueue<std::shared_ptr<const SharedBatch>> queue;  // popped by whoever has taken the seat
    std::shared_ptr<const SharedBatch> current;            // under way
    MatchWorker worker;

    mutable std::mutex recent_mutex;
    EngineStats recent;  // under recent_mutex
    // Of whoever has taken the seat.
    std::chrono::steady_clock::time_point recent_until;
    bool recent_is_old = false;
  };

  /// A copy for recent_stats(), now and then, and at the end.
  static void keep_stats(Seat& seat, bool at_once) {
    if (!seat.recent_is_old) return;
    const auto now = std::chrono::steady_clock::now();
    if (!at_once && now < seat.recent_until) return;
    seat.recent_until = now + kStatsEvery;
    seat.recent_is_old = false;
    EngineStats stats = seat.worker.stats();
    const std::lock_guard lock(seat.recent_mutex);
    seat.recent = std::move(stats);
  }

  bool work(std::size_t w) {
    Seat& seat = seats_[w];
    if (seat.current == nullptr && !seat.queue.pop(seat.current)) {
      keep_stats(seat, false);
      return false;
    }
    const MatchWorker::Came came = seat.worker.match(*seat.current);
    merger_.publish(w, seat.worker.take_alerts(), seat.worker.reached());
    if (came == MatchWorker::Came::kHalfway) return true;
    const bool ends = seat.current->end != SharedBatch::End::kNone;
    if (ends) merger_.end(w);
    seat.recent_is_old = true;
    keep_stats(seat, ends);
    seat.current.reset();
    return true;
  }

  nfa::ProgramPtr program_;
  bool whole_;  // everything takes part
  Split split_;
  Router router_;
  std::uint64_t submitted_ = 0;         // batches, of whoever submits
  std::atomic<std::uint64_t> done_{0};  // outlives those in the queues
  AlertMerger merger_;
  std::deque<Seat> seats_;    // by worker
  std::uint64_t events_ = 0;  // of whoever submits
};

ParallelEngine::ParallelEngine(nfa::ProgramPtr program, ParallelOptions options,
                               const AlertFormat& format, AlertTextSink& sink)
    : impl_(std::make_unique<Impl>(std::move(program), std::move(options), format, sink)) {}
ParallelEngine::~ParallelEngine() = default;

void ParallelEngine::route(std::span<const Event> events, Routes& routes) const {
  if (impl_->routed()) impl_->router().route(events, routes);
}
bool ParallelEngine::has_room() const noexcept {
  return impl_->has_room();
}
void ParallelEngine::submit(EventBatch batch) {
  impl_->submit(std::move(batch), SharedBatch::End::kNone, {});
}
void ParallelEngine::finish(Timestamp last) {
  impl_->submit({}, SharedBatch::End::kFinish, last);
}
void ParallelEngine::stop() {
  impl_->submit({}, SharedBatch::End::kStop, {});
}
Stage& ParallelEngine::merging() noexcept {
  return impl_->merger();
}
Stage& ParallelEngine::matching() noexcept {
  return *impl_;
}
std::uint64_t ParallelEngine::submitted() const noexcept {
  return impl_->submitted();
}
std::uint64_t ParallelEngine::merged() const noexcept {
  return impl_->merger().merged();
}
bool ParallelEngine::done() const noexcept {
  return impl_->merger().done();
}
EngineStats ParallelEngine::recent_stats() const {
  return impl_->recent_stats();
}
EngineStats ParallelEngine::stats() const {
  return impl_->stats();
}

}  // namespace weir::runtime
