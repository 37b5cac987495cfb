// Events copied out of the batch they came in, and values in memory of their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "weir/event/event.hpp"
#include "weir/event/value.hpp"
#include "weir/nfa/arena.hpp"

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

/// Bytes that a deep copy of the values takes, themselves included.
std::size_t copied_bytes(std::span<const Value> values) noexcept;
/// Copies them into `block`, of copied_bytes() and aligned for a Value.
std::span<const Value> copy_values(std::span<const Value> values, std::byte* block) noexcept;

using EventRef = BlockRef;  // handle into an EvidenceStore; 0: none

/// Copies of events under 32-bit handles, each with a count of references; freed when the last is
/// given back. A copy holds all that the event points to, but its TypePlan and RecordFormat, which
/// belong to the program and to the codec. One block each; text that lies inside the raw record is
/// copied once. Not thread-safe: one a shard.
class EvidenceStore {
 public:
  /// One reference, the caller's. An event with the `seq` of the one put last, if that is still
  /// held, is the same event: it is not copied again. O(size of the event).
  EventRef put(const Event& event) {
    if (last_put_ != 0 && get(last_put_).seq == event.seq) {
      retain(last_put_);
      return last_put_;
    }
    last_put_ = put_new(event);
    return last_put_;
  }
  /// The same, for events that have no seq yet: always a copy of its own.
  EventRef put_new(const Event& event);

  /// Stays where it is until its last reference is gone.
  const Event& get(EventRef handle) const noexcept { return record(handle).event; }
  void retain(EventRef handle) noexcept { ++record(handle).references; }
  void release(EventRef handle) noexcept {
    Record& r = record(handle);
    if (--r.references == 0) drop(handle, r.bytes);
  }

  std::size_t events() const noexcept { return events_; }
  /// Of the copies.
  std::size_t bytes() const noexcept { return arena_.used(); }

 private:
  struct Record {
    std::uint32_t references = 0;
    std::uint32_t bytes = 0;  // of the block
    Event event;
  };

  Record& record(EventRef handle) const noexcept { return *arena_.as<Record>(handle); }
  EventRef put_scalars(const Event& event, std::span<const Value> slots);
  void drop(EventRef handle, std::size_t bytes) noexcept;

  ChunkArena arena_;
  EventRef last_put_ = 0;
  std::size_t events_ = 0;
};

}  // namespace weir::nfa
