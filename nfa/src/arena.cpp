#include "weir/nfa/arena.hpp"

namespace weir::nfa {

ChunkArena::ChunkArena() : free_(kClasses, 0) {
  fill_chunk_ = add_chunk(kChunkBytes);
  fill_at_ = 1;  // handle 0 is no block
}

std::uint32_t ChunkArena::add_chunk(std::size_t bytes) {
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
  owned_[chunk].reset(new std::byte[bytes]);
  chunks_[chunk] = owned_[chunk].get();
  capacity_ += bytes;
  return chunk;
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
    fill_chunk_ = add_chunk(kChunkBytes);
    fill_at_ = 0;
  }
  const BlockRef block = fill_chunk_ << kChunkBits | fill_at_;
  fill_at_ += static_cast<std::uint32_t>(units);
  return block;
}

BlockRef ChunkArena::allocate_large(std::size_t bytes) {
  const std::size_t rounded = (bytes + kUnit - 1) / kUnit * kUnit;
  used_ += rounded;
  return add_chunk(rounded) << kChunkBits;
}

}  // namespace weir::nfa
