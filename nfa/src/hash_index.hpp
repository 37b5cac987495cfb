// Numbers found by the hash of what they stand for, which the owner keeps and compares.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace weir::nfa {

/// Open addressing; nothing is taken out. The owner's hashes are of good quality in their low bits.
class HashIndex {
 public:
  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return entries_.size(); }

  /// The first number put in with this hash of which `same` is true.
  template <typename Same>
  std::optional<std::uint32_t> find(std::uint64_t hash, Same same) const {
    if (entries_.empty()) return std::nullopt;
    const std::size_t mask = entries_.size() - 1;
    for (std::size_t at = hash & mask; entries_[at].number != kFree; at = (at + 1) & mask) {
      if (entries_[at].hash == hash && same(entries_[at].number)) return entries_[at].number;
    }
    return std::nullopt;
  }

  void add(std::uint64_t hash, std::uint32_t number) {
    if (2 * (size_ + 1) > entries_.size()) grow();
    place({hash, number});
    ++size_;
  }

  /// As new, in the memory that there is.
  void clear() {
    entries_.assign(entries_.size(), {});
    size_ = 0;
  }

 private:
  static constexpr std::uint32_t kFree = 0xffffffff;
  struct Entry {
    std::uint64_t hash = 0;
    std::uint32_t number = kFree;
  };

  void place(const Entry& entry) {
    const std::size_t mask = entries_.size() - 1;
    std::size_t at = entry.hash & mask;
    while (entries_[at].number != kFree) at = (at + 1) & mask;
    entries_[at] = entry;
  }

  void grow() {
    constexpr std::size_t kFirst = 8;
    std::vector<Entry> before(entries_.empty() ? kFirst : 2 * entries_.size());
    before.swap(entries_);
    for (const Entry& entry : before) {
      if (entry.number != kFree) place(entry);
    }
  }

  std::vector<Entry> entries_;  // a power of two, at most half of them taken
  std::size_t size_ = 0;
};

}  // namespace weir::nfa
