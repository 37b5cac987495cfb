// Events that runs hold: copied once per store, shared by all runs that bound them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "weir/event/event.hpp"

namespace weir::nfa {

using EventRef = std::uint32_t;  // handle into an EvidenceStore; 0: none

/// Owns copies of events, counted references, one allocation an event. Not thread-safe: a shard's
/// own.
class EvidenceStore {
 public:
  EvidenceStore();

  /// A handle with one reference of the caller's. Asking for the event of the last put() again
  /// gives the same handle. What the event points to is copied.
  EventRef put(const Event& event);
  /// Valid while a reference is held; the address does not change.
  const Event& get(EventRef ref) const noexcept { return slots_[ref].holder->event; }
  void retain(EventRef ref) noexcept { ++slots_[ref].references; }
  void release(EventRef ref) noexcept;

  std::size_t events() const noexcept { return held_; }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  struct Holder {
    Event event;
    std::unique_ptr<std::byte[]> memory;
    std::size_t size = 0;
  };
  struct Slot {
    std::unique_ptr<Holder> holder;
    std::uint32_t references = 0;
  };
  std::vector<Slot> slots_;
  std::vector<EventRef> free_;
  std::size_t held_ = 0;
  std::size_t bytes_ = 0;
  EventRef last_ = 0;
  std::uint64_t last_seq_ = 0;
};

}  // namespace weir::nfa
