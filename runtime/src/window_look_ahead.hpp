// Asks memory ahead of time for what the next events of a batch will touch of windows: with many
// keys each event is in another place, and a thread that waits for one after the other does little
// else.
#pragma once

#include <algorithm>
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

/// Software-pipelined prefetching (Chen et al., "Improving Hash Join Performance through
/// Prefetching", ICDE 2004), a group of events at a time: before a group's turn what its keys'
/// entries point to is asked for, of the next one the entries and open panes, of those behind it
/// the events themselves. It changes nothing.
class WindowLookAhead {
 public:
  static constexpr std::size_t kGroup = Engine::kAhead;

  /// Both outlive it.
  WindowLookAhead(const Dispatch& dispatch, const std::vector<std::unique_ptr<Shard>>& shards)
      : dispatch_(dispatch), shards_(shards) {}

  /// `events` are to be delivered next: all that are left of those that come together. To be called
  /// for each kGroup of them, from the first on. O(kGroup).
  void look(std::span<const Event> events) {
    if (!shards_.front()->has_many_windows()) return;
    for (std::size_t i = 0; i < found_; ++i) {
      places_[i].shard->prefetch_window_values(places_[i].derive, places_[i].slot);
    }
    found_ = 0;
    for (const Event& event : part(events, 1)) {
      for (const WindowReader& reader : dispatch_.of(event.type, event.origin).windows) {
        if (found_ < places_.size() && find(reader, event, places_[found_])) ++found_;
      }
    }
    for (const Event& event : part(events, 2)) __builtin_prefetch(event.slots);
    for (const Event& event : part(events, 3)) {
      const auto* const bytes = reinterpret_cast<const char*>(&event);
      __builtin_prefetch(bytes);
      __builtin_prefetch(bytes + sizeof event - 1);
    }
  }

 private:
  struct Place {
    const Shard* shard = nullptr;
    nfa::DeriveId derive = 0;
    WindowSlot slot = kNoWindowSlot;
  };

  /// The n-th group.
  static std::span<const Event> part(std::span<const Event> events, std::size_t n) {
    const std::span<const Event> rest = events.subspan(std::min(events.size(), n * kGroup));
    return rest.first(std::min(rest.size(), kGroup));
  }

  bool find(const WindowReader& reader, const Event& event, Place& place) const {
    const std::optional<std::uint64_t> hash = hash_in_slots(reader, event);
    if (!hash) return false;
    place.derive = reader.derive;
    place.shard = shards_[shards_.size() == 1 ? 0 : *hash % shards_.size()].get();
    place.slot = place.shard->prefetch_window_key(reader.derive, *hash);
    return place.slot != kNoWindowSlot;
  }

  const Dispatch& dispatch_;
  const std::vector<std::unique_ptr<Shard>>& shards_;
  std::array<Place, kGroup> places_;  // of the group whose turn is next
  std::size_t found_ = 0;
};

}  // namespace weir::runtime
