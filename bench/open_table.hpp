// The hash table of the reference loops: open addressing, linear probing, deletion by shifting back
// (Knuth, TAOCP 6.4, algorithm R). What a good programmer writes who has one rule and integer keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "huge_pages.hpp"

namespace weir::bench {

/// Keys are any integers but kFree. Grows by doubling at half full; entries move when it does.
template <typename V>
class OpenTable {
 public:
  static constexpr std::uint64_t kFree = ~std::uint64_t{0};

  OpenTable() : slots_(1024), mask_(slots_.size() - 1) {}

  /// Room for so many keys without growing.
  void reserve(std::size_t keys) {
    while (slots_.size() < 2 * keys) grow();
  }

  V& operator[](std::uint64_t key) {
    if (2 * (size_ + 1) > slots_.size()) grow();
    std::size_t i = home(key);
    while (slots_[i].key != key) {
      if (slots_[i].key == kFree) {
        slots_[i].key = key;
        ++size_;
        break;
      }
      i = (i + 1) & mask_;
    }
    return slots_[i].value;
  }

  V* find(std::uint64_t key) {
    for (std::size_t i = home(key);; i = (i + 1) & mask_) {
      if (slots_[i].key == key) return &slots_[i].value;
      if (slots_[i].key == kFree) return nullptr;
    }
  }

  void erase(std::uint64_t key) {
    std::size_t hole = home(key);
    while (slots_[hole].key != key) {
      if (slots_[hole].key == kFree) return;
      hole = (hole + 1) & mask_;
    }
    for (std::size_t i = hole;;) {
      i = (i + 1) & mask_;
      if (slots_[i].key == kFree) break;
      const std::size_t from_home = (i - home(slots_[i].key)) & mask_;
      if (from_home < ((i - hole) & mask_)) continue;  // its home lies behind the hole
      slots_[hole] = slots_[i];
      hole = i;
    }
    slots_[hole] = {};
    --size_;
  }

  std::size_t size() const { return size_; }

 private:
  struct Slot {
    std::uint64_t key = kFree;
    V value{};
  };

  std::size_t home(std::uint64_t key) const {
    return static_cast<std::size_t>((key * 0x9e3779b97f4a7c15ULL) >> 32) & mask_;
  }

  void grow() {
    std::vector<Slot, HugePages<Slot>> old(slots_.size() * 2);
    old.swap(slots_);
    mask_ = slots_.size() - 1;
    for (const Slot& slot : old) {
      if (slot.key == kFree) continue;
      std::size_t i = home(slot.key);
      while (slots_[i].key != kFree) i = (i + 1) & mask_;
      slots_[i] = slot;
    }
  }

  std::vector<Slot, HugePages<Slot>> slots_;
  std::size_t mask_;
  std::size_t size_ = 0;
};

}  // namespace weir::bench
