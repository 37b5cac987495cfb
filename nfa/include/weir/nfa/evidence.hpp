// Events and values copied out of the batch they came in, one allocation each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "weir/event/event.hpp"
#include "weir/event/value.hpp"

namespace weir::nfa {

/// Values in memory of their own, deep: a key's, for as long as something is open for it.
class ValuesCopy {
 public:
  ValuesCopy() = default;
  explicit ValuesCopy(std::span<const Value> values) { assign(values); }

  /// In the place of those before, and in their memory where it is large enough.
  void assign(std::span<const Value> values);
  std::span<const Value> get() const noexcept { return values_; }

 private:
  std::vector<std::byte> memory_;
  std::span<const Value> values_;
};

/// An event with all that it points to but its TypePlan and RecordFormat, which belong to the
/// program and to the codec.
class EventCopy {
 public:
  EventCopy() = default;
  explicit EventCopy(const Event& event);

  const Event& get() const noexcept { return event_; }
  /// Of the allocation.
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  std::unique_ptr<std::byte[]> memory_;
  Event event_;
  std::size_t bytes_ = 0;
};

using EventRef = std::uint32_t;  // handle into an EvidenceStore; 0: none

/// Copies of events under 32-bit handles, each with a count of references; freed when the last is
/// given back. Not thread-safe: one a shard.
class EvidenceStore {
 public:
  EvidenceStore() { take_slot(); }  // handle 0 is no event

  /// One reference, the caller's. An event with the `seq` of the one put last, if that is still
  /// held, is the same event: it is not copied again. O(size of the event).
  EventRef put(const Event& event);
  /// The same, for events that have no seq yet: always a copy of its own.
  EventRef put_new(const Event& event);

  /// Stays where it is until its last reference is gone.
  const Event& get(EventRef handle) const noexcept { return slot(handle).copy.get(); }
  void retain(EventRef handle) noexcept { ++slot(handle).references; }
  void release(EventRef handle) noexcept;

  std::size_t events() const noexcept { return events_; }
  /// Of the copies; the slab itself is not counted.
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  static constexpr EventRef kNone = 0xffffffff;
  static constexpr unsigned kChunkBits = 8;

  struct Slot {
    EventCopy copy;
    std::uint32_t references = 0;
    EventRef next_free = kNone;
  };

  Slot& slot(EventRef handle) noexcept {
    return chunks_[handle >> kChunkBits][handle & ((1U << kChunkBits) - 1)];
  }
  const Slot& slot(EventRef handle) const noexcept {
    return chunks_[handle >> kChunkBits][handle & ((1U << kChunkBits) - 1)];
  }
  EventRef take_slot();

  // In chunks, so that a slot never moves.
  std::vector<std::unique_ptr<Slot[]>> chunks_;
  EventRef free_ = kNone;
  EventRef last_put_ = kNone;
  std::size_t events_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace weir::nfa
