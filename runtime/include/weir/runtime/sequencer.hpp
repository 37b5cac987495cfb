// Puts the events of several source partitions in order of event time, behind watermarks.
//
// The watermark of a partition is the largest event time seen in it, less its bound, less 1 ns:
// nothing at or before it can still come on time. An event is released as soon as nothing that
// would stand before it can still come on time in any open partition; one source without a bound:
// at once. Live, a partition that is idle holds nothing back, and what it gives after that is late
// where order has gone past it; where all are idle, whoever drives the sequencer moves time on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "weir/event/event.hpp"

namespace weir::runtime {

class EventSink {
 public:
  virtual ~EventSink() = default;
  /// Events that may come next, as they lie in their batch. Told by who reads them, not by a
  /// Sequencer; nothing but time depends on it.
  virtual void on_ahead(std::span<const Event> /*events*/) {}
  /// In order of (ts, source, position). Valid during the call.
  virtual void on_event(const Event& event) = 0;
  /// The combined watermark (the least of the open partitions') has moved: nothing at or before it
  /// can still come. Told after the events that it releases, and only where it says more than the
  /// last of these did: an event says by itself that nothing before it can still come.
  virtual void on_watermark(Timestamp watermark) = 0;
  /// At or before the watermark of its partition when it came; never matched. `lateness`: by how
  /// much the partition's bound would have had to be larger; above 0.
  virtual void on_late(const Event& event, Duration lateness) = 0;
  /// No more events are wanted right now: those that may go wait for Sequencer::release().
  virtual bool full() const { return false; }
};

class Sequencer {
 public:
  enum class Waiting : std::uint8_t {
    kCopied,  // an event that waits is copied
    kStays,   // only what it points to stays where it is: the caller sees to that until it is
              // released or late
  };
  /// `out_of_order[i]`: how far source i's events may come out of order.
  Sequencer(std::vector<Duration> out_of_order, EventSink& sink,
            Waiting waiting = Waiting::kCopied);
  ~Sequencer();

  /// REQUIRES: the source is open. The event is kept where it has to wait. O(log buffered), and
  /// O(sources) where the source held the others back.
  void push(std::uint32_t source, const Event& event);
  /// The same for a run of events from `first` to `last` in order of time, where none of them is
  /// late or has to wait, and nothing else waits: true, they count as released and the sink is told
  /// nothing. Otherwise false, and nothing has happened. O(sources).
  bool push_run(std::uint32_t source, Timestamp first, Timestamp last);
  /// The source has no more events; it holds nothing back any longer.
  void close(std::uint32_t source);

  // For live sources, whose partitions come and go.

  /// One more source; its number, which may be that of one that was closed. Of equal event times
  /// that of the lower rank goes first (the constructor's have their numbers for ranks). Until it
  /// has events, or is idle, nothing goes.
  std::uint32_t open(std::uint64_t rank, Duration out_of_order);
  /// It holds nothing back until its next event. REQUIRES: the source is open.
  void set_idle(std::uint32_t source);
  /// There are open sources, and all are idle.
  bool all_idle() const noexcept;
  /// REQUIRES: all_idle(). Nothing at or before `watermark` counts as on time any more.
  void step(Timestamp watermark);
  /// Goes on with what may go, where the sink was full. True: it is full again.
  bool release();
  /// One nanosecond after a source's watermark; Timestamp::min() before its first event.
  Timestamp frontier(std::uint32_t source) const noexcept;
  /// Nothing at or before it is taken any more.
  Timestamp watermark() const noexcept;
  /// Releases everything; all sources are closed. No watermark is told: the end of all sources is
  /// the caller's to act on.
  void finish();

  /// The source that holds the others back, to be read next; none: all are closed.
  std::optional<std::uint32_t> slowest() const;
  std::size_t buffered() const noexcept;
  std::uint64_t late() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::runtime
