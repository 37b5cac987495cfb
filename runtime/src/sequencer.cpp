// Each source has a frontier, its watermark plus 1 ns: the earliest time at which an event of it
// may still come on time. In the order (ts, source) nothing can come before the least (frontier,
// source) of the open sources, and an event goes as soon as it does not stand after that: of equal
// times an earlier source's goes before a later one's, and one source's in order of arrival.
#include "weir/runtime/sequencer.hpp"

#include <algorithm>
#include <compare>
#include <functional>
#include <limits>

#include "weir/nfa/evidence.hpp"

namespace weir::runtime {
namespace {

/// Place of an event, or of the first that may still come, among all sources.
struct Place {
  Timestamp ts;
  std::uint64_t rank = 0;  // of the source
  friend auto operator<=>(const Place&, const Place&) = default;
};
constexpr Place kBeforeAll{Timestamp::min(), 0};
constexpr Place kAfterAll{Timestamp::max(), std::numeric_limits<std::uint64_t>::max()};
constexpr std::uint32_t kNoSource = std::numeric_limits<std::uint32_t>::max();

struct Entry {
  Place place;
  std::uint64_t arrival = 0;
  std::uint32_t kept = 0;
  friend auto operator<=>(const Entry&, const Entry&) = default;
};

/// Events that wait, under 32-bit handles: copies, or where all that they point to stays,
/// themselves.
class KeptEvents {
 public:
  explicit KeptEvents(bool copied) : copied_(copied) {}

  std::uint32_t put(const Event& event) {
    if (copied_) return copies_.put_new(event);
    if (free_.empty()) {
      events_.push_back(event);
      return static_cast<std::uint32_t>(events_.size() - 1);
    }
    const std::uint32_t handle = free_.back();
    free_.pop_back();
    events_[handle] = event;
    return handle;
  }
  /// Until the next put(), or release() of this one.
  const Event& get(std::uint32_t handle) { return copied_ ? copies_.get(handle) : events_[handle]; }
  void release(std::uint32_t handle) {
    if (copied_) return copies_.release(handle);
    free_.push_back(handle);
  }

 private:
  bool copied_;
  nfa::EvidenceStore copies_;
  std::vector<Event> events_;
  std::vector<std::uint32_t> free_;
};

struct Source {
  std::uint64_t rank = 0;
  Duration bound;
  Timestamp frontier = Timestamp::min();  // before the first event: anything may come
  bool open = true;
  bool idle = false;
};

}  // namespace

class Sequencer::Impl {
 public:
  Impl(const std::vector<Duration>& out_of_order, EventSink& sink, Waiting waiting)
      : sink_(sink), kept_(waiting == Waiting::kCopied) {
    for (const Duration bound : out_of_order) {
      sources_.push_back({.rank = sources_.size(), .bound = bound});
    }
    find_least();
  }

  std::uint32_t open(std::uint64_t rank, Duration bound) {
    auto free = std::ranges::find(sources_, false, &Source::open);
    if (free == sources_.end()) free = sources_.emplace(free);
    *free = {.rank = rank, .bound = bound};
    find_least();
    return static_cast<std::uint32_t>(free - sources_.begin());
  }

  void push(std::uint32_t index, const Event& event) {
    Source& source = sources_[index];
    const Timestamp on_time = std::max(source.frontier, passed_);
    if (event.ts < on_time) {
      ++late_;
      sink_.on_late(event, on_time - event.ts);
      return;
    }
    const Place place{event.ts, source.rank};
    if (source.idle) {
      source.idle = false;
      find_least();
    }
    advance(index, event.ts - source.bound);
    // What waits at the same place arrived before.
    while (!waiting_.empty() && waiting_.front().place <= place && may_go(waiting_.front().place) &&
           !sink_.full()) {
      release_first();
    }
    // Where it does not go, nothing after it does either.
    const bool first = waiting_.empty() || place < waiting_.front().place;
    if (first && may_go(place) && !sink_.full()) {
      released(event);
      release();
    } else {
      hold(place, event);
      tell_watermark();
    }
  }

  bool push_run(std::uint32_t index, Timestamp first, Timestamp last) {
    Source& source = sources_[index];
    if (first < std::max(source.frontier, passed_) || !waiting_.empty() ||
        last - source.bound != last) {
      return false;
    }
    const Place end{last, source.rank};
    for (const Source& other : sources_) {
      if (&other == &source || !other.open || other.idle) continue;
      if (Place{other.frontier, other.rank} < end) return false;
    }
    if (source.idle) {
      source.idle = false;
      find_least();
    }
    advance(index, last);
    pass(last);
    return true;
  }

  void close(std::uint32_t index) {
    sources_[index].open = false;
    find_least();
    release();
  }

  void set_idle(std::uint32_t index) {
    sources_[index].idle = true;
    find_least();
    release();
  }

  bool all_idle() const noexcept {
    return least_source_ == kNoSource &&
           std::ranges::any_of(sources_, [](const Source& s) { return s.open; });
  }

  void step(Timestamp watermark) {
    idle_frontier_ = std::max(idle_frontier_, watermark + Duration{1});
    find_least();
    release();
  }

  void finish() {
    for (Source& source : sources_) source.open = false;
    find_least();
    release();
  }

  bool release() {
    while (!waiting_.empty() && may_go(waiting_.front().place)) {
      if (sink_.full()) return true;
      release_first();
    }
    tell_watermark();
    return false;
  }

  std::optional<std::uint32_t> slowest() const {
    if (least_source_ == kNoSource) return std::nullopt;
    return least_source_;
  }
  Timestamp frontier(std::uint32_t index) const noexcept { return sources_[index].frontier; }
  Timestamp watermark() const noexcept {
    return passed_ == Timestamp::min() ? passed_ : passed_ - Duration{1};
  }
  std::size_t buffered() const noexcept { return waiting_.size(); }
  std::uint64_t late() const noexcept { return late_; }

 private:
  bool may_go(const Place& place) const noexcept { return place <= least_; }

  void advance(std::uint32_t index, Timestamp frontier) {
    Source& source = sources_[index];
    if (frontier <= source.frontier) return;
    source.frontier = frontier;
    if (index == least_source_) find_least();
  }

  /// Of the open sources that are not idle. Where all are, as far as time was moved on; where none
  /// is open, after everything.
  void find_least() {
    least_ = kAfterAll;
    least_source_ = kNoSource;
    bool open = false;
    for (std::uint32_t i = 0; i < sources_.size(); ++i) {
      const Source& source = sources_[i];
      open = open || source.open;
      if (!source.open || source.idle) continue;
      const Place place{source.frontier, source.rank};
      if (least_source_ != kNoSource && least_ <= place) continue;
      least_ = place;
      least_source_ = i;
    }
    if (open && least_source_ == kNoSource) least_ = {std::max(idle_frontier_, passed_), 0};
  }

  void hold(const Place& place, const Event& event) {
    waiting_.push_back({place, arrivals_++, kept_.put(event)});
    std::push_heap(waiting_.begin(), waiting_.end(), std::greater<>());
  }

  void release_first() {
    const std::uint32_t kept = waiting_.front().kept;
    std::pop_heap(waiting_.begin(), waiting_.end(), std::greater<>());
    waiting_.pop_back();
    released(kept_.get(kept));
    kept_.release(kept);
  }

  void released(const Event& event) {
    pass(event.ts);
    sink_.on_event(event);
  }

  /// Order has come to `ts`: nothing before it is taken any more.
  void pass(Timestamp ts) noexcept { passed_ = std::max(passed_, ts); }

  void tell_watermark() {
    if (least_ == kAfterAll || least_.ts <= passed_) return;
    if (!waiting_.empty() && may_go(waiting_.front().place)) return;
    pass(least_.ts);
    sink_.on_watermark(least_.ts - Duration{1});
  }

  EventSink& sink_;
  std::vector<Source> sources_;
  Place least_ = kBeforeAll;                    // what is not after it may go; see find_least()
  std::uint32_t least_source_ = kNoSource;      // that least_ is of
  Timestamp idle_frontier_ = Timestamp::min();  // as far as step() came
  std::vector<Entry> waiting_;                  // a heap, the first to go first
  KeptEvents kept_;
  std::uint64_t arrivals_ = 0;
  std::uint64_t late_ = 0;
  Timestamp passed_ = Timestamp::min();  // nothing before it is taken: the sink knows
};

Sequencer::Sequencer(std::vector<Duration> out_of_order, EventSink& sink, Waiting waiting)
    : impl_(std::make_unique<Impl>(out_of_order, sink, waiting)) {}
Sequencer::~Sequencer() = default;

void Sequencer::push(std::uint32_t source, const Event& event) {
  impl_->push(source, event);
}
bool Sequencer::push_run(std::uint32_t source, Timestamp first, Timestamp last) {
  return impl_->push_run(source, first, last);
}
void Sequencer::close(std::uint32_t source) {
  impl_->close(source);
}
std::uint32_t Sequencer::open(std::uint64_t rank, Duration out_of_order) {
  return impl_->open(rank, out_of_order);
}
void Sequencer::set_idle(std::uint32_t source) {
  impl_->set_idle(source);
}
bool Sequencer::all_idle() const noexcept {
  return impl_->all_idle();
}
void Sequencer::step(Timestamp watermark) {
  impl_->step(watermark);
}
bool Sequencer::release() {
  return impl_->release();
}
Timestamp Sequencer::frontier(std::uint32_t source) const noexcept {
  return impl_->frontier(source);
}
Timestamp Sequencer::watermark() const noexcept {
  return impl_->watermark();
}
void Sequencer::finish() {
  impl_->finish();
}
std::optional<std::uint32_t> Sequencer::slowest() const {
  return impl_->slowest();
}
std::size_t Sequencer::buffered() const noexcept {
  return impl_->buffered();
}
std::uint64_t Sequencer::late() const noexcept {
  return impl_->late();
}

}  // namespace weir::runtime
