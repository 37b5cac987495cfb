#include "weir/nfa/arena.hpp"

#include <new>

#include "weir/nfa/huge_pages.hpp"

namespace weir::nfa {

ChunkArena::ChunkArena(std::uint32_t max_chunks) : max_chunks_(max_chunks), free_(kClasses, 0) {
  fill_chunk_ = add_chunk(kChunkBytes);
  fill_at_ = 1;  // handle 0 is no block
}

std::uint32_t ChunkArena::add_chunk(std::size_t bytes) {
  std::uint32_t chunk = 0;
  if (spare_.empty()) {
    if (chunks_.size() == max_chunks_) throw std::bad_alloc();
    chunk = static_cast<std::uint32_t>(chunks_.size());
    chunks_.emplace_back();
    owned_.emplace_back();
    spare_.reserve(chunks_.capacity());  // free() must not allocate
  } else {
    chunk = spare_.back();
    spare_.pop_back();
  }
  constexpr std::size_t kLarge = 2 * kHugePage;
  if (bytes == kChunkBytes && capacity_ >= kLarge) {
    chunks_[chunk] = cut_from_page();
  } else {
    owned_[chunk].reset(new std::byte[bytes]);
    chunks_[chunk] = owned_[chunk].get();
  }
  capacity_ += bytes;
  return chunk;
}

/// A chunk that is never given back.
std::byte* ChunkArena::cut_from_page() {
  if (page_left_ == 0) {
    pages_.emplace_back(static_cast<std::byte*>(allocate_pages(kHugePage)));
    page_left_ = kHugePage;
  }
  page_left_ -= kChunkBytes;
  return pages_.back().get() + page_left_;
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
  const BlockRef block = add_chunk(rounded) << kChunkBits;
  used_ += rounded;
  return block;
}

}  // namespace weir::nfa
