// Memory for state: chunks of one size, cut into blocks that 32-bit handles name.
//
// Everything that a shard holds lives here (see "Arena chunk" in ARCHITECTURE.md): no pointer names
// it from outside, so that chunks can be written down and read back.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "weir/nfa/prefetch.hpp"

namespace weir::nfa {

using BlockRef = std::uint32_t;  // 0: none

/// Blocks of any size, freed into lists by size: allocation and release are O(1), and in steady
/// state nothing is asked of the system. A block never moves. What is large lies in large pages.
/// Not thread-safe: a shard's own.
class ChunkArena {
 public:
  static constexpr std::size_t kUnit = 8;  // sizes are rounded up to it
  static constexpr unsigned kChunkBits = 13;
  static constexpr std::size_t kChunkBytes = kUnit << kChunkBits;  // 64 KiB

  /// As many chunks as handles can name: 32 GiB of small blocks.
  static constexpr std::uint32_t kMaxChunks = 1U << (32 - kChunkBits);

  /// With more than `max_chunks` chunks allocate() throws std::bad_alloc: for whoever keeps handles
  /// in fewer than 32 bits. REQUIRES: 1 to kMaxChunks.
  explicit ChunkArena(std::uint32_t max_chunks = kMaxChunks);
  ChunkArena(ChunkArena&&) noexcept = default;
  ChunkArena& operator=(ChunkArena&&) noexcept = default;

  /// `bytes` is above 0. Uninitialised; aligned to kUnit.
  BlockRef allocate(std::size_t bytes);
  /// REQUIRES: `bytes` as it was allocated with.
  void free(BlockRef block, std::size_t bytes) noexcept;

  std::byte* at(BlockRef block) const noexcept {
    return chunks_[block >> kChunkBits] + std::size_t{block & kInChunk} * kUnit;
  }
  template <typename T>
  T* as(BlockRef block) const noexcept {
    static_assert(alignof(T) <= kUnit);
    return reinterpret_cast<T*>(at(block));
  }

  /// Asks for the first bytes of a block, or for so many lines of the cache of it.
  void prefetch(BlockRef block, std::size_t lines = 1) const noexcept {
    constexpr std::size_t kLine = 64;
    if (!holds(block)) return;
    const std::byte* const first = at(block);
    for (std::size_t i = 0; i < lines; ++i) nfa::prefetch(first + i * kLine);
  }
  /// Whether the memory of a block that has been allocated is still there, be it free or not.
  bool holds(BlockRef block) const noexcept { return chunks_[block >> kChunkBits] != nullptr; }

  /// In blocks that are not free.
  std::size_t used() const noexcept { return used_; }
  /// Held from the system.
  std::size_t capacity() const noexcept { return capacity_; }

 private:
  struct Pages {
    void operator()(std::byte* page) const noexcept { std::free(page); }
  };
  static constexpr std::uint32_t kInChunk = (1U << kChunkBits) - 1;
  /// A larger block has a chunk of its own, given back to the system when it is freed.
  static constexpr std::size_t kLargest = kChunkBytes / 4;
  static constexpr std::size_t kClasses = kLargest / kUnit + 1;

  BlockRef allocate_slow(std::size_t units);
  BlockRef allocate_large(std::size_t bytes);
  std::uint32_t add_chunk(std::size_t bytes);
  std::byte* cut_from_page();

  std::uint32_t max_chunks_;
  std::vector<std::byte*> chunks_;
  std::vector<std::unique_ptr<std::byte[]>> owned_;  // by chunk; null: it is a part of a page
  std::vector<std::unique_ptr<std::byte, Pages>> pages_;
  std::size_t page_left_ = 0;         // bytes of the last page
  std::vector<std::uint32_t> spare_;  // numbers of chunks that were freed
  std::vector<BlockRef> free_;        // by size in units: the first of a list
  std::uint32_t fill_chunk_ = 0;      // blocks are cut from its end on
  std::uint32_t fill_at_ = 0;         // in units
  std::size_t used_ = 0;
  std::size_t capacity_ = 0;
};

inline BlockRef ChunkArena::allocate(std::size_t bytes) {
  const std::size_t units = (bytes + kUnit - 1) / kUnit;
  if (units >= kClasses) return allocate_large(bytes);
  used_ += units * kUnit;
  const BlockRef block = free_[units];
  if (block == 0) return allocate_slow(units);
  free_[units] = *as<BlockRef>(block);
  return block;
}

inline void ChunkArena::free(BlockRef block, std::size_t bytes) noexcept {
  const std::size_t units = (bytes + kUnit - 1) / kUnit;
  used_ -= units * kUnit;
  if (units >= kClasses) {
    const std::uint32_t chunk = block >> kChunkBits;
    capacity_ -= units * kUnit;
    owned_[chunk].reset();
    chunks_[chunk] = nullptr;
    spare_.push_back(chunk);
    return;
  }
  *as<BlockRef>(block) = free_[units];
  free_[units] = block;
}

}  // namespace weir::nfa
