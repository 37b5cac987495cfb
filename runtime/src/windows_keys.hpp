// The keys that have windows open, numbered densely.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "key_table.hpp"
#include "keys.hpp"
#include "weir/event/value.hpp"
#include "weir/nfa/evidence.hpp"
#include "weir/nfa/huge_pages.hpp"

namespace weir::runtime {

/// A key as an event has it.
struct WindowKey {
  std::uint64_t hash = 0;  // the same for equal keys
  std::span<const Value> values;
};

using WindowSlot = std::uint32_t;
inline constexpr WindowSlot kNoWindowSlot = 0xffffffff;

/// `State` is what the owner keeps for each key; one that was removed is another's later.
template <typename State>
class WindowKeys {
 public:
  using Slot = WindowSlot;

  /// What finding a key reads is in one line of the cache, but for texts and for keys of several
  /// values.
  struct alignas(64) Entry {
    std::uint64_t hash = 0;
    Value first;  // of values(), which hold its text; null where there are none
    State state;
  };

  /// The key's slot; a new one gets a copy of the key.
  Slot find_or_add(const WindowKey& key) {
    const KeyTable::Id found = index_.find(key.hash, [&](KeyTable::Id id) {
      const Entry& entry = entries_[slot_of(id)];
      if (entry.hash != key.hash) return false;
      return key.values.size() == 1 ? same_key({&entry.first, 1}, key.values)
                                    : same_key(values(slot_of(id)), key.values);
    });
    return found != 0 ? slot_of(found) : add(key);
  }
  /// Where a key with this hash most probably is, without a look at it.
  Slot likely(std::uint64_t hash) const noexcept {
    const KeyTable::Id id = index_.find(hash, [](KeyTable::Id) { return true; });
    return id != 0 ? slot_of(id) : kNoWindowSlot;
  }

  Entry& operator[](Slot slot) { return entries_[slot]; }
  const Entry& operator[](Slot slot) const { return entries_[slot]; }
  std::span<const Value> values(Slot slot) const { return values_[slot].get(); }
  /// The slot is looked up soon: its entry is brought near, and a little later what that points to.
  void prefetch_entry(Slot slot) const noexcept { __builtin_prefetch(&entries_[slot]); }
  void prefetch_text(Slot slot) const noexcept {
    const Value& first = entries_[slot].first;
    if (first.type() == ValueType::kString) __builtin_prefetch(first.as_string().data());
  }
  /// It closes a window soon.
  void prefetch(Slot slot) const noexcept {
    prefetch_entry(slot);
    __builtin_prefetch(&values_[slot]);
  }
  /// Keys there are.
  std::size_t size() const noexcept { return index_.size(); }
  /// Above all slots handed out so far.
  Slot slots() const noexcept { return static_cast<Slot>(entries_.size()); }

  /// The key is found no more. Its entry stays as it is until the next is added.
  void remove(Slot slot) {
    index_.erase(KeyTable::tag_of(entries_[slot].hash), id_of(slot));
    free_.push_back(slot);
  }

 private:
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
    values_[slot].assign(key.values);
    entry.first = key.values.empty() ? Value{} : values_[slot].get().front();
    index_.insert(key.hash, id_of(slot));
    return slot;
  }

  // In the index 0 is no key.
  static KeyTable::Id id_of(Slot slot) noexcept { return slot + 1; }
  static Slot slot_of(KeyTable::Id id) noexcept { return id - 1; }

  std::vector<Entry, nfa::HugePages<Entry>> entries_;  // by slot
  std::vector<nfa::ValuesCopy> values_;                // by slot
  std::vector<Slot> free_;
  KeyTable index_;
};

}  // namespace weir::runtime
