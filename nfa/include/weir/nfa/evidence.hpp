// Events copied out of the batch they came in, and values in memory of their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

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
/// belong to the program and to the codec. Text that lies inside the raw record is copied once. Not
/// thread-safe: one a shard.
///
/// Most events are kept to be counted or dropped, and nobody looks at them: what all events of a
/// kind have in common is kept once, and the Event is put together when it is first asked for.
class EvidenceStore {
 public:
  /// One reference, the caller's. An event with the `seq` of the one put last, if that is still
  /// held, is the same event: it is not copied again. O(size of the event).
  EventRef put(const Event& event) {
    if (last_put_ != 0 && seq(last_put_) == event.seq) {
      retain(last_put_);
      return last_put_;
    }
    last_put_ = put_compact(event);
    return last_put_;
  }
  /// The same, for events that have no seq yet: always a copy of its own.
  EventRef put_new(const Event& event);

  /// Stays where it is until its last reference is gone. O(1), amortised.
  const Event& get(EventRef handle) {
    const BlockRef view = record(handle).view;
    return view != 0 ? *arena_.as<Event>(view) : make_view(handle);
  }
  std::uint64_t seq(EventRef handle) const noexcept {
    const Record& r = record(handle);
    return r.kind == kWhole ? whole(r).seq : compact(r).seq;
  }
  std::int64_t ts(EventRef handle) const noexcept {
    const Record& r = record(handle);
    return r.kind == kWhole ? whole(r).ts.ns : compact(r).ts.ns;
  }
  void retain(EventRef handle) noexcept { ++record(handle).references; }
  void release(EventRef handle) noexcept {
    if (--record(handle).references == 0) drop(handle);
  }
  /// Asks for the memory that retain(), release(), seq() and ts() touch.
  void prefetch(EventRef handle) const noexcept { arena_.prefetch(handle); }

  std::size_t events() const noexcept { return events_; }
  /// Of the copies.
  std::size_t bytes() const noexcept { return arena_.used(); }

 private:
  /// What events have in common whose copies have the same form.
  struct Kind {
    TypeId type = kOtherType;
    EventOrigin origin = EventOrigin::kSource;
    std::uint32_t slots = 0;
    const TypePlan* plan = nullptr;
    const RecordFormat* format = nullptr;
    bool is_of(const Event& event) const noexcept {
      return plan == event.plan && format == event.format && type == event.type &&
             origin == event.origin;
    }
  };
  static constexpr std::uint32_t kWhole = 0;
  static constexpr std::size_t kMaxKinds = 256;  // events of others are kept whole

  /// Of a kind: behind it a Compact. kWhole: behind it the Event, then Values, then all text.
  struct Record {
    std::uint32_t references;
    BlockRef view;       // the Event; 0: not made yet
    std::uint32_t size;  // of the raw record; kWhole: of the block
    std::uint32_t kind;  // index into kinds_
  };
  /// What an event does not share with others of its kind. Behind it the slots, and the raw record,
  /// which all text lies in.
  struct Compact {
    Timestamp ts;
    std::uint64_t seq;
    Position position;
    Value* slots() noexcept { return reinterpret_cast<Value*>(this + 1); }
  };
  static constexpr std::size_t kCompactBytes = sizeof(Record) + sizeof(Compact);
  static_assert(kCompactBytes == 48);

  Record& record(EventRef handle) const noexcept { return *arena_.as<Record>(handle); }
  static const Event& whole(const Record& r) noexcept {
    return *reinterpret_cast<const Event*>(&r + 1);
  }
  static const Compact& compact(const Record& r) noexcept {
    return *reinterpret_cast<const Compact*>(&r + 1);
  }
  std::size_t block_bytes(const Record& r) const noexcept {
    return r.kind == kWhole ? r.size
                            : kCompactBytes + kinds_[r.kind].slots * sizeof(Value) + r.size;
  }
  EventRef put_compact(const Event& event);
  std::uint32_t kind_of(const Event& event);
  std::uint32_t find_kind(const Event& event);
  const Event& make_view(EventRef handle);
  void drop(EventRef handle) noexcept;

  ChunkArena arena_;
  std::vector<Kind> kinds_{1};            // the first: kWhole
  std::vector<std::uint32_t> last_kind_;  // by TypeId: of the event put last
  EventRef last_put_ = 0;
  std::size_t events_ = 0;
};

}  // namespace weir::nfa
