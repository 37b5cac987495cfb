// A fixed set of names, found by guessing first.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace weir::connectors {

/// Finds a name in O(1). Records of a log are mostly alike: the name that came after the one
/// before, last time, is compared first, and the hash is computed only where that guess is wrong.
/// Used by one thread at a time, since guesses are remembered.
class NameTable {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;
  /// So many bytes from a name's first on are read, however short it is.
  static constexpr std::size_t kReadable = 16;

  /// Where the guess of the next name stands. Valid until add().
  using Guess = std::uint32_t*;

  NameTable();

  /// REQUIRES: `name` is not in the table; `value` is not kNone.
  void add(std::string_view name, std::uint32_t value);

  /// The guess for a record's first name.
  Guess first() noexcept { return &first_; }

  /// The value of a name, or kNone. kReadable bytes are readable from name.data() on. Moves `guess`
  /// on to the next name's.
  std::uint32_t find(std::string_view name, Guess& guess) noexcept {
    const Head head(name);
    Entry& guessed = entries_[*guess];
    if (guessed.is(name, head)) {
      guess = &guessed.next;
      return guessed.value;
    }
    for (std::size_t slot = hash(head, name.size());; ++slot) {
      const std::uint32_t index = slots_[slot & (slots_.size() - 1)];
      if (index == 0) return kNone;
      Entry& entry = entries_[index];
      if (!entry.is(name, head)) continue;
      *guess = index;
      guess = &entry.next;
      return entry.value;
    }
  }

 private:
  /// A name's first 16 bytes, zeros behind it.
  struct Head {
    explicit Head(std::string_view name) noexcept;
    std::uint64_t low, high;
  };
  struct Entry {
    Head head;
    std::string name;
    std::uint32_t value;
    std::uint32_t next;  // the entry that came after this one, last time

    bool is(std::string_view other, const Head& other_head) const noexcept {
      return head.low == other_head.low && head.high == other_head.high &&
             name.size() == other.size() &&
             (other.size() <= kReadable ||
              std::memcmp(name.data(), other.data(), other.size()) == 0);
    }
  };

  std::size_t hash(const Head& head, std::size_t size) const noexcept {
    // Multiplicative hashing (Knuth, 6.4): the high bits of the product depend on all others.
    constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
    return static_cast<std::size_t>(((head.low ^ size) * kOdd ^ head.high) * kOdd >> shift_);
  }

  std::uint32_t first_ = 0;
  std::vector<Entry> entries_;        // the first is no name's: a guess before anything is known
  std::vector<std::uint32_t> slots_;  // entry by hash, 0: none; at most half are taken
  unsigned shift_ = 0;
};

inline NameTable::Head::Head(std::string_view name) noexcept {
  // Bytes behind the name are masked, not branched over: 0xff so often as the name is long.
  static constexpr unsigned char kMask[32] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                              0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  const std::size_t skip = kReadable - (name.size() < kReadable ? name.size() : kReadable);
  std::uint64_t mask = 0;
  std::memcpy(&low, name.data(), sizeof(low));
  std::memcpy(&mask, kMask + skip, sizeof(mask));
  low &= mask;
  std::memcpy(&high, name.data() + sizeof(low), sizeof(high));
  std::memcpy(&mask, kMask + skip + sizeof(mask), sizeof(mask));
  high &= mask;
}

}  // namespace weir::connectors
