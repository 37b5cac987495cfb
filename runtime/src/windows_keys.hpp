// The keys that have windows open, numbered densely, found by their bytes.
#pragma once

#include <boost/container/string.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "weir/event/value.hpp"
#include "weir/nfa/evidence.hpp"

namespace weir::runtime {

/// A key as an event has it.
struct WindowKey {
  std::string_view bytes;  // one text for each key
  std::uint64_t hash = 0;  // of the bytes
  std::span<const Value> values;
};

/// `State` is what the owner keeps for each key; one that was removed is another's later.
template <typename State>
class WindowKeys {
 public:
  using Slot = std::uint32_t;

  /// What finding a key reads is in one line of the cache, for keys of up to 23 bytes.
  struct alignas(64) Entry {
    std::uint64_t hash = 0;
    boost::container::string bytes;
    State state;
  };

  WindowKeys() : index_(0, Hash{&entries_}, Same{&entries_}) {}
  WindowKeys(const WindowKeys&) = delete;
  WindowKeys& operator=(const WindowKeys&) = delete;

  /// The key's slot; a new one gets a copy of the key.
  Slot find_or_add(const WindowKey& key) {
    const auto found = index_.find(key);
    return found != index_.end() ? *found : add(key);
  }

  Entry& operator[](Slot slot) { return entries_[slot]; }
  const Entry& operator[](Slot slot) const { return entries_[slot]; }
  std::span<const Value> values(Slot slot) const { return values_[slot].get(); }
  /// The slot is read soon.
  void prefetch(Slot slot) const noexcept {
    __builtin_prefetch(&entries_[slot]);
    __builtin_prefetch(&values_[slot]);
  }
  /// Keys there are.
  std::size_t size() const noexcept { return index_.size(); }
  /// Above all slots handed out so far.
  Slot slots() const noexcept { return static_cast<Slot>(entries_.size()); }

  /// The key is found no more. Its entry stays as it is until the next is added.
  void remove(Slot slot) {
    index_.erase(slot);
    free_.push_back(slot);
  }

 private:
  using Entries = std::vector<Entry>;
  struct Hash {
    using is_transparent = void;
    using is_avalanching = void;
    const Entries* entries;
    std::size_t operator()(Slot slot) const noexcept { return (*entries)[slot].hash; }
    std::size_t operator()(const WindowKey& key) const noexcept { return key.hash; }
  };
  struct Same {
    using is_transparent = void;
    const Entries* entries;
    bool operator()(Slot a, Slot b) const noexcept { return a == b; }
    bool operator()(const WindowKey& key, Slot slot) const noexcept {
      const Entry& entry = (*entries)[slot];
      return entry.hash == key.hash && std::string_view(entry.bytes) == key.bytes;
    }
    bool operator()(Slot slot, const WindowKey& key) const noexcept { return (*this)(key, slot); }
  };

  Slot add(const WindowKey& key) {
    Slot slot = 0;
    if (free_.empty()) {
      slot = slots();
      entries_.emplace_back();
      values_.emplace_back();
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    Entry& entry = entries_[slot];
    entry.hash = key.hash;
    entry.bytes.assign(key.bytes.data(), key.bytes.size());
    values_[slot].assign(key.values);
    index_.insert(slot);
    return slot;
  }

  Entries entries_;                      // by slot
  std::vector<nfa::ValuesCopy> values_;  // by slot
  std::vector<Slot> free_;
  boost::unordered_flat_set<Slot, Hash, Same> index_;
};

}  // namespace weir::runtime
