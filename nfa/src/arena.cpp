#include "weir/nfa/arena.hpp"

namespace weir::nfa {

ChunkArena::ChunkArena() : free_(kClasses, 0) {
  fill_chunk_ = add_fill_chunk();
  fill_at_ = 1;  // handle 0 is no block
}

std::byte* ChunkArena::allocate_memory(std::size_t bytes) {
  capacity_ += bytes;
  return static_cast<std::byte*>(allocate_pages(bytes));
}

std::uint32_t ChunkArena::add_chunk(std::byte* memory, bool owned) {
  std::uint32_t chunk = 0;
  if (spare_.empty()) {
    chunk = static_cast<std::uint32_t>(chunks_.size());
    chunks_.emplace_back();
    owned_.emplace_back();
    spare_.reserve(chunks_.capacity());  // free() must not allocate
  } else {
    chunk = spare_.back();
    spare_.pop_back();
  }
  owned_[chunk].reset(owned ? memory : nullptr);
  chunks_[chunk] = memory;
  return chunk;
}

/// A chunk to cut blocks from. The first ones are asked for one by one: most shards stay small.
std::uint32_t ChunkArena::add_fill_chunk() {
  if (chunks_.size() < kSingleChunks) return add_chunk(allocate_memory(kChunkBytes), true);
  const bool first = slab_chunks_ == 0;
  if (first) {
    slab_ = allocate_memory(kSlabChunks * kChunkBytes);
    slab_chunks_ = kSlabChunks;
  }
  std::byte* const memory = slab_;
  slab_ += kChunkBytes;
  --slab_chunks_;
  return add_chunk(memory, first);
}

BlockRef ChunkArena::allocate_slow(std::size_t units) {
  if (fill_at_ + units > std::size_t{1} << kChunkBits) {
    // What is left of the chunk is a free block of its size.
    const std::size_t left = (std::size_t{1} << kChunkBits) - fill_at_;
    if (left > 0 && left < kClasses) {
      const BlockRef rest = fill_chunk_ << kChunkBits | fill_at_;
      *as<BlockRef>(rest) = free_[left];
      free_[left] = rest;
    }
    fill_chunk_ = add_fill_chunk();
    fill_at_ = 0;
  }
  const BlockRef block = fill_chunk_ << kChunkBits | fill_at_;
  fill_at_ += static_cast<std::uint32_t>(units);
  return block;
}

BlockRef ChunkArena::allocate_large(std::size_t bytes) {
  const std::size_t rounded = (bytes + kUnit - 1) / kUnit * kUnit;
  used_ += rounded;
  return add_chunk(allocate_memory(rounded), true) << kChunkBits;
}

}  // namespace weir::nfa
