// Open addressing from the hash of a key to the partition that is open for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "weir/nfa/huge_pages.hpp"
#include "weir/nfa/prefetch.hpp"

namespace weir::runtime {

/// Linear probing over slots of 8 bytes, at most three quarters of them taken; holes are closed
/// when an entry goes (Knuth, TAOCP 6.4, algorithm R), so that there are no tombstones. Hashes are
/// the caller's, and so is the comparison of keys. Not thread-safe.
class KeyTable {
 public:
  using Id = std::uint32_t;  // 0: none

  /// The entry with this hash for which `is(id)` holds, or 0.
  template <typename Is>
  Id find(std::uint64_t hash, Is&& is) const {
    if (slots_.empty()) return 0;
    const auto tag = tag_of(hash);
    for (std::size_t i = home(tag);; i = (i + 1) & mask_) {
      const Slot& slot = slots_[i];
      if (slot.id == 0) return 0;
      if (slot.tag == tag && is(slot.id)) return slot.id;
    }
  }

  /// REQUIRES: no entry of the same key.
  void insert(std::uint64_t hash, Id id) {
    if ((size_ + 1) * 4 > slots_.size() * 3) grow();
    put({id, tag_of(hash)});
    ++size_;
  }

  /// REQUIRES: it is there.
  void erase(std::uint32_t tag, Id id) {
    std::size_t hole = home(tag);
    while (slots_[hole].id != id) hole = (hole + 1) & mask_;
    for (std::size_t i = (hole + 1) & mask_; slots_[i].id != 0; i = (i + 1) & mask_) {
      // What stands behind the hole may move into it, unless its home lies between the two.
      const std::size_t from_home = (i - home(slots_[i].tag)) & mask_;
      if (from_home < ((i - hole) & mask_)) continue;
      slots_[hole] = slots_[i];
      hole = i;
    }
    slots_[hole] = {};
    --size_;
  }

  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (const Slot& slot : slots_) {
      if (slot.id != 0) visit(slot.id);
    }
  }

  /// Asks for the memory that find() will look at.
  void prefetch(std::uint32_t tag) const noexcept {
    if (!slots_.empty()) nfa::prefetch(&slots_[home(tag)]);
  }
  /// Most probably what find() will give.
  Id likely(std::uint64_t hash) const noexcept {
    if (slots_.empty()) return 0;
    const std::uint32_t tag = tag_of(hash);
    std::size_t i = home(tag);
    while (slots_[i].id != 0 && slots_[i].tag != tag) i = (i + 1) & mask_;
    return slots_[i].id;
  }

  std::size_t size() const noexcept { return size_; }

  /// All of the hash that is used: entries with one tag have one place.
  static std::uint32_t tag_of(std::uint64_t hash) noexcept {
    return static_cast<std::uint32_t>(hash >> 32);
  }

 private:
  struct Slot {
    Id id = 0;
    std::uint32_t tag = 0;
  };
  using Slots = std::vector<Slot, nfa::HugePages<Slot>>;

  /// The tag alone says where an entry belongs, so that the table grows without a look at its keys.
  std::size_t home(std::uint32_t tag) const noexcept { return tag & mask_; }

  void put(Slot slot) {
    std::size_t i = home(slot.tag);
    while (slots_[i].id != 0) i = (i + 1) & mask_;
    slots_[i] = slot;
  }
  void grow() {
    Slots old(slots_.empty() ? 16 : slots_.size() * 2);
    old.swap(slots_);
    mask_ = slots_.size() - 1;
    for (const Slot& slot : old) {
      if (slot.id != 0) put(slot);
    }
  }

  Slots slots_;
  std::size_t mask_ = 0;
  std::size_t size_ = 0;
};

}  // namespace weir::runtime
