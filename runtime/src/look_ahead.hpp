// Asks memory ahead of time for what the next events of a batch will touch: with many keys each
// event is in another place, and a thread that waits for one after the other does little else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "dispatch.hpp"
#include "keys.hpp"
#include "shard.hpp"
#include "weir/event/event.hpp"
#include "weir/runtime/engine.hpp"

namespace weir::runtime {

/// Group prefetching (Chen et al., "Improving Hash Join Performance through Prefetching", ICDE
/// 2004): of all events of a group first the slots in the table of keys, then the keys' blocks,
/// then the nodes, and then the events that they hold. Each step asks for what the next one reads,
/// and by the time that a group is through memory has answered. It changes nothing. Of an event's
/// keys the first kKeys are followed.
class LookAhead {
 public:
  static constexpr std::size_t kGroup = Engine::kAhead;
  static constexpr std::size_t kKeys = 4;

  /// Both outlive it.
  LookAhead(const Dispatch& dispatch, const std::vector<std::unique_ptr<Shard>>& shards)
      : dispatch_(dispatch), shards_(shards) {}

  /// `events` are the next to be delivered, at most kGroup. O(events).
  void look(std::span<const Event> events) {
    if (!shards_.front()->has_many_keys()) return;
    std::size_t n = 0;
    for (const Event& event : events) {
      const std::vector<RuleGroup>& groups = dispatch_.of(event.type, event.origin).groups;
      for (std::size_t i = 0; i < groups.size() && i < kKeys; ++i) {
        if (find(groups[i], event, places_[n])) ++n;
      }
    }
    const std::span<Place> places(places_.data(), n);
    for (Place& p : places) p.partition = p.shard->prefetch_partition(p.key, p.hash);
    for (Place& p : places) p.state = p.shard->prefetch_nodes(p.partition);
    for (const Place& p : places) p.shard->prefetch_events(p.state);
  }

 private:
  struct Place {
    const Shard* shard = nullptr;
    nfa::KeySpecId key = nfa::kNoKey;
    std::uint64_t hash = 0;
    PartitionId partition = 0;
    nfa::BlockRef state = 0;
  };

  bool find(const KeySlots& of, const Event& event, Place& place) const {
    const std::optional<std::uint64_t> hash = hash_in_slots(of, event);
    if (!hash) return false;
    place.key = of.key;
    place.hash = *hash;
    place.shard = shards_[shards_.size() == 1 ? 0 : *hash % shards_.size()].get();
    place.shard->prefetch_slot(place.key, place.hash);
    return true;
  }

  const Dispatch& dispatch_;
  const std::vector<std::unique_ptr<Shard>>& shards_;
  std::array<Place, kGroup * kKeys> places_;
};

}  // namespace weir::runtime
