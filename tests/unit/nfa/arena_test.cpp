#include "weir/nfa/arena.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <new>
#include <random>
#include <vector>

namespace weir::nfa {
namespace {

TEST_CASE("blocks do not overlap, stay where they are and are used again") {
  struct Held {
    BlockRef block;
    std::size_t bytes;
    unsigned char fill;
    std::byte* at;
  };
  ChunkArena arena;
  std::vector<Held> held;
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    if (held.empty() || random() % 5 < 3) {
      // Mostly small; some have a chunk of their own.
      const std::size_t bytes = 1 + (random() % 50 == 0 ? random() % 200'000 : random() % 300);
      Held h{arena.allocate(bytes), bytes, static_cast<unsigned char>(random()), nullptr};
      REQUIRE(h.block != 0);
      h.at = arena.at(h.block);
      std::memset(h.at, h.fill, bytes);
      held.push_back(h);
    } else {
      const std::size_t which = random() % held.size();
      std::swap(held[which], held.back());
      const Held h = held.back();
      held.pop_back();
      REQUIRE(arena.at(h.block) == h.at);
      for (std::size_t b = 0; b < h.bytes; ++b) {
        REQUIRE(static_cast<unsigned char>(h.at[b]) == h.fill);
      }
      arena.free(h.block, h.bytes);
    }
  }
  for (const Held& h : held) arena.free(h.block, h.bytes);
  CHECK(arena.used() == 0);
  const std::size_t capacity = arena.capacity();
  for (int i = 0; i < 100; ++i) arena.allocate(40);
  CHECK(arena.capacity() == capacity);
}

TEST_CASE("arena: no more chunks than handles can name") {
  ChunkArena arena(3);
  const BlockRef large = arena.allocate(ChunkArena::kChunkBytes);
  CHECK((large >> ChunkArena::kChunkBits) == 1);
  arena.allocate(ChunkArena::kChunkBytes);
  CHECK_THROWS_AS(arena.allocate(ChunkArena::kChunkBytes), std::bad_alloc);
  // What is given back can be had again, and what fits into the chunk that is begun still does.
  arena.free(large, ChunkArena::kChunkBytes);
  CHECK(arena.allocate(ChunkArena::kChunkBytes) == large);
  CHECK(arena.allocate(40) != 0);
}

}  // namespace
}  // namespace weir::nfa
