// A fixed set of names, found by guessing first.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace weir::connectors {

/// Finds the names that JSON objects have as keys, in O(1). Records of a log are mostly alike: the
/// name that came after the one before, last time, is compared first, and the hash is computed only
/// where that guess is wrong. Used by one thread at a time, since guesses are remembered.
class NameTable {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;
  /// So many bytes are read from a key's quote on, however short it is.
  static constexpr std::size_t kReadable = 64;

  struct Entry;
  /// Where the guess of the next name stands. Valid until add().
  using Guess = Entry**;
  struct Found {
    std::uint32_t value = kNone;
    Guess next = nullptr;  // the guess of the name behind this one; where there is none, as it was
  };

  NameTable();
  NameTable(NameTable&&) noexcept = default;
  NameTable& operator=(NameTable&&) = delete;

  /// REQUIRES: `name` is not in the table; `value` is not kNone.
  void add(std::string_view name, std::uint32_t value);

  /// The guess for a record's first name.
  Guess first() noexcept { return &first_; }

  /// The guessed name's entry, if `text` begins with it as a key: in quotes and with a colon right
  /// behind it. Null says nothing.
  static Entry* find_guessed(const char* text, Guess guess) noexcept;
  /// The value of any name, or kNone. Corrects the guess.
  Found find(std::string_view name, Guess guess) noexcept;

 private:
  std::size_t hash(std::string_view name) const noexcept;

  Entry* first_ = nullptr;
  std::vector<Entry> entries_;        // the first is no name's: a guess before anything is known
  std::vector<std::uint32_t> slots_;  // entry by hash, 0: none; at most half are taken
};

struct NameTable::Entry {
  static constexpr std::size_t kHead = 16;
  /// The first bytes of a text, zeros where it is shorter.
  struct Head {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
  };
  static std::uint64_t load(const char* text) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, text, sizeof(word));
    return word;
  }

  Head head;              // of "name":
  Head mask;              // of the bytes that count
  Entry* next = nullptr;  // the one that came after this one, last time
  std::uint32_t value = kNone;
  std::uint32_t size = 0;  // of the key
  std::string key;         // "name":
};

inline NameTable::Entry* NameTable::find_guessed(const char* text, Guess guess) noexcept {
  Entry* const entry = *guess;
  const std::uint64_t low = (Entry::load(text) ^ entry->head.low) & entry->mask.low;
  const std::uint64_t high = (Entry::load(text + 8) ^ entry->head.high) & entry->mask.high;
  if ((low | high) != 0) return nullptr;
  if (entry->size <= Entry::kHead) return entry;
  const std::size_t more = entry->size - Entry::kHead;
  return std::memcmp(text + Entry::kHead, entry->key.data() + Entry::kHead, more) == 0 ? entry
                                                                                       : nullptr;
}

}  // namespace weir::connectors
