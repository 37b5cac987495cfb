// Puts the events of several source partitions in order of event time, behind watermarks.
//
// The watermark of a partition is the largest event time seen in it, less its bound, less 1 ns:
// nothing at or before it can still come on time. An event is released as soon as nothing that
// would stand before it can still come on time in any open partition; one source without a bound:
// at once.
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
