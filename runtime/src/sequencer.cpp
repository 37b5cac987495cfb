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
  std::uint32_t source = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};
constexpr Place kBeforeAll{Timestamp::min(), 0};
constexpr Place kAfterAll{Timestamp::max(), std::numeric_limits<std::uint32_t>::max()};

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
  Duration bound;
  Timestamp frontier = Timestamp::min();  // before the first event: anything may come
  bool open = true;
};

}  // namespace

class Sequencer::Impl {
 public:
  Impl(const std::vector<Duration>& out_of_order, EventSink& sink, Waiting waiting)
      : sink_(sink), kept_(waiting == Waiting::kCopied) {
    for (const Duration bound : out_of_order) sources_.push_back({bound, Timestamp::min(), true});
    find_least();
  }

  void push(std::uint32_t index, const Event& event) {
    Source& source = sources_[index];
    if (event.ts < source.frontier) {
      ++late_;
      sink_.on_late(event, source.frontier - event.ts);
      return;
    }
    const Place place{event.ts, index};
    advance(index, event.ts - source.bound);
    // What waits at the same place arrived before.
    while (!waiting_.empty() && waiting_.front().place <= place && may_go(waiting_.front().place)) {
      release_first();
    }
    // Where it does not go, nothing after it does either.
    if (may_go(place)) {
      released(event);
      release();
    } else {
      hold(place, event);
    }
    tell_watermark();
  }

  bool push_run(std::uint32_t index, Timestamp first, Timestamp last) {
    const Source& source = sources_[index];
    if (first < source.frontier || !waiting_.empty() || last - source.bound != last) return false;
    const Place end{last, index};
    for (std::uint32_t i = 0; i < sources_.size(); ++i) {
      if (i != index && sources_[i].open && Place{sources_[i].frontier, i} < end) return false;
    }
    advance(index, last);
    told_ = last - Duration{1};
    return true;
  }

  void close(std::uint32_t index) {
    sources_[index].open = false;
    find_least();
    release();
    tell_watermark();
  }

  void finish() {
    for (Source& source : sources_) source.open = false;
    find_least();
    release();
  }

  std::optional<std::uint32_t> slowest() const {
    if (least_ == kAfterAll) return std::nullopt;
    return least_.source;
  }
  std::size_t buffered() const noexcept { return waiting_.size(); }
  std::uint64_t late() const noexcept { return late_; }

 private:
  bool may_go(const Place& place) const noexcept { return place <= least_; }

  void advance(std::uint32_t index, Timestamp frontier) {
    Source& source = sources_[index];
    if (frontier <= source.frontier) return;
    source.frontier = frontier;
    if (index == least_.source) find_least();
  }

  /// Of the open sources.
  void find_least() {
    least_ = kAfterAll;
    for (std::uint32_t i = 0; i < sources_.size(); ++i) {
      if (sources_[i].open) least_ = std::min(least_, Place{sources_[i].frontier, i});
    }
  }

  void hold(const Place& place, const Event& event) {
    waiting_.push_back({place, arrivals_++, kept_.put(event)});
    std::push_heap(waiting_.begin(), waiting_.end(), std::greater<>());
  }

  void release() {
    while (!waiting_.empty() && may_go(waiting_.front().place)) release_first();
  }

  void release_first() {
    const std::uint32_t kept = waiting_.front().kept;
    std::pop_heap(waiting_.begin(), waiting_.end(), std::greater<>());
    waiting_.pop_back();
    released(kept_.get(kept));
    kept_.release(kept);
  }

  void released(const Event& event) {
    told_ = event.ts - Duration{1};
    sink_.on_event(event);
  }

  void tell_watermark() {
    if (least_ == kAfterAll || least_.ts == Timestamp::min()) return;
    const Timestamp watermark = least_.ts - Duration{1};
    if (watermark <= told_) return;
    told_ = watermark;
    sink_.on_watermark(watermark);
  }

  EventSink& sink_;
  std::vector<Source> sources_;
  Place least_ = kBeforeAll;  // (frontier, source), least of the open sources; kAfterAll: none open
  std::vector<Entry> waiting_;  // a heap, the first to go first
  KeptEvents kept_;
  std::uint64_t arrivals_ = 0;
  std::uint64_t late_ = 0;
  Timestamp told_ = Timestamp::min();  // nothing at or before it can come: the sink knows
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
