// Blocks of an arena found by a number that they carry.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "weir/nfa/arena.hpp"

namespace weir::nfa {

/// Chains through the blocks themselves: T has `key`, any number, and `next` and `previous` for the
/// table. Several blocks may have one key. All O(1), amortised; memory is asked for only where
/// there are more blocks than ever before.
template <typename T>
class BlockHash {
 public:
  BlockRef first(const ChunkArena& arena, std::uint64_t key) const noexcept {
    return heads_.empty() ? 0 : from(arena, heads_[place(key)], key);
  }
  /// The next with the key of `block`.
  BlockRef next(const ChunkArena& arena, BlockRef block) const noexcept {
    const T& t = *arena.as<T>(block);
    return from(arena, t.next, t.key);
  }

  void insert(const ChunkArena& arena, BlockRef block) {
    if (size_ >= heads_.size()) grow(arena);
    ++size_;
    link(arena, block);
  }
  void erase(const ChunkArena& arena, BlockRef block) noexcept {
    const T& t = *arena.as<T>(block);
    (t.previous == 0 ? heads_[place(t.key)] : arena.as<T>(t.previous)->next) = t.next;
    if (t.next != 0) arena.as<T>(t.next)->previous = t.previous;
    --size_;
  }
  std::size_t size() const noexcept { return size_; }

 private:
  static constexpr std::size_t kFirst = 64;

  std::size_t place(std::uint64_t key) const noexcept {
    return static_cast<std::size_t>((key * 0x9e3779b97f4a7c15ULL) >> shift_);
  }
  static BlockRef from(const ChunkArena& arena, BlockRef block, std::uint64_t key) noexcept {
    while (block != 0 && arena.as<T>(block)->key != key) block = arena.as<T>(block)->next;
    return block;
  }
  void link(const ChunkArena& arena, BlockRef block) noexcept {
    T& t = *arena.as<T>(block);
    BlockRef& head = heads_[place(t.key)];
    t.next = head;
    t.previous = 0;
    if (head != 0) arena.as<T>(head)->previous = block;
    head = block;
  }
  void grow(const ChunkArena& arena) {
    std::vector<BlockRef> before(heads_.empty() ? kFirst : 2 * heads_.size());
    before.swap(heads_);
    shift_ = 64U - static_cast<unsigned>(std::countr_zero(heads_.size()));
    for (BlockRef block : before) {
      while (block != 0) {
        const BlockRef after = arena.as<T>(block)->next;
        link(arena, block);
        block = after;
      }
    }
  }

  std::vector<BlockRef> heads_;  // a power of two
  unsigned shift_ = 0;
  std::size_t size_ = 0;
};

}  // namespace weir::nfa
