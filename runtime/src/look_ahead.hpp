// Asks memory ahead of time for what the next events of a batch will touch: with many keys each
// event is in another place, and a thread that waits for one after the other does little else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dispatch.hpp"
#include "keys.hpp"
#include "shard.hpp"
#include "weir/event/event.hpp"

namespace weir::runtime {

/// A software pipeline over a batch: of an event some places ahead the slot in the table of keys,
/// of a nearer one the key's block, of the next ones the events that it holds, each when the one
/// before has had time to arrive. It changes nothing. Only the first key of an event is followed.
class LookAhead {
 public:
  /// Both outlive it.
  LookAhead(const Dispatch& dispatch, const std::vector<std::unique_ptr<Shard>>& shards)
      : dispatch_(dispatch), shards_(shards) {}

  /// Before the first event. False: there is nothing to gain, and before() is not to be called.
  bool begin(std::span<const Event> events) {
    constexpr std::size_t kFewest = 8;  // what is shorter is over before memory has answered
    if (events.size() < kFewest || !shards_.front()->has_many_keys()) return false;
    for (std::size_t i = 0; i < kTable; ++i) find(events, i);
    return true;
  }
  /// Before the event with index `next`. O(1).
  void before(std::span<const Event> events, std::size_t next) {
    find(events, next + kTable);
    follow(next + kBlock, Shard::Prefetch::kPartition);
    follow(next + kNodes, Shard::Prefetch::kNodes);
    follow(next + kHeld, Shard::Prefetch::kEvents);
  }

 private:
  // Places ahead of the event that is next: what takes longest first.
  static constexpr std::size_t kTable = 12;
  static constexpr std::size_t kBlock = 9;
  static constexpr std::size_t kNodes = 6;
  static constexpr std::size_t kHeld = 3;

  struct Place {
    const Shard* shard = nullptr;  // null: nothing is asked for
    nfa::KeySpecId key = nfa::kNoKey;
    std::uint64_t hash = 0;
  };

  Place& at(std::size_t i) noexcept { return places_[i % places_.size()]; }

  void find(std::span<const Event> events, std::size_t i) {
    Place& place = at(i);
    place.shard = nullptr;
    if (i >= events.size()) return;
    const Event& event = events[i];
    const std::vector<RuleGroup>& groups = dispatch_.of(event.type, event.origin).groups;
    if (groups.empty() || !groups.front().in_slots || groups.front().slots.size() != 1) return;
    const std::uint16_t slot = groups.front().slots.front();
    if (slot == kNoSlot || event.slots[slot].is_null()) return;
    place.key = groups.front().key;
    place.hash = hash_key({event.slots + slot, 1});
    place.shard = shards_[shards_.size() == 1 ? 0 : place.hash % shards_.size()].get();
    follow(i, Shard::Prefetch::kSlot);
  }
  void follow(std::size_t i, Shard::Prefetch what) {
    const Place& place = at(i);
    if (place.shard != nullptr) place.shard->prefetch(what, place.key, place.hash);
  }

  const Dispatch& dispatch_;
  const std::vector<std::unique_ptr<Shard>>& shards_;
  std::array<Place, 16> places_;
};

}  // namespace weir::runtime
