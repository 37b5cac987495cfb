// Records of panes, all of one size: the one that events go into of each key side by side, those
// before it in a ring a key.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "weir/nfa/huge_pages.hpp"

namespace weir::runtime {

/// A row for each key, in lines of the cache of its own: found without a look at the key.
class OpenRows {
 public:
  void set_row_size(std::size_t bytes) { lines_ = (bytes + sizeof(Line) - 1) / sizeof(Line); }
  /// Keys below it have a row.
  std::size_t keys() const noexcept { return memory_.size() / lines_; }
  /// Rows may move.
  void resize(std::size_t keys) { memory_.resize(keys * lines_); }
  std::byte* at(std::size_t key) noexcept { return memory_[key * lines_].bytes; }
  const std::byte* at(std::size_t key) const noexcept { return memory_[key * lines_].bytes; }
  void prefetch(std::size_t key) const noexcept {
    for (std::size_t i = 0; i < lines_; ++i) __builtin_prefetch(&memory_[key * lines_ + i]);
  }

 private:
  struct alignas(64) Line {
    std::byte bytes[64] = {};
  };
  std::size_t lines_ = 1;  // of a row
  std::vector<Line, nfa::HugePages<Line>> memory_;
};

/// Memory for the rows of all keys, in large pages once there are many: blocks of a power of two of
/// rows, freed into lists by size. O(1), amortised.
class RowMemory {
 public:
  /// At a multiple of a line of the cache. `capacity` is a power of two.
  std::byte* allocate(std::uint32_t capacity, std::size_t row_size) {
    Free*& list = free_[list_of(capacity)];
    if (list != nullptr) return reinterpret_cast<std::byte*>(std::exchange(list, list->next));
    const std::size_t bytes = (capacity * row_size + kLine - 1) / kLine * kLine;
    if (bytes > left_) begin_part(bytes);
    left_ -= bytes;
    return std::exchange(next_, next_ + bytes);
  }
  void free(std::byte* block, std::uint32_t capacity) noexcept {
    Free*& list = free_[list_of(capacity)];
    list = new (block) Free{list};
  }

 private:
  static constexpr std::size_t kLine = 64;
  struct Free {
    Free* next;
  };
  struct ToSystem {
    void operator()(std::byte* part) const noexcept { std::free(part); }
  };

  static std::size_t list_of(std::uint32_t capacity) noexcept {
    return static_cast<std::size_t>(std::countr_zero(capacity));
  }
  /// Each is twice the one before it, up to a large page. What is left of that is not used.
  void begin_part(std::size_t bytes) {
    left_ = std::max(bytes, part_bytes_);
    next_ = static_cast<std::byte*>(nfa::allocate_pages(left_));
    parts_.emplace_back(next_);
    part_bytes_ = std::min(part_bytes_ * 2, nfa::kHugePage);
  }

  std::array<Free*, 32> free_{};  // by the logarithm of their rows
  std::vector<std::unique_ptr<std::byte[], ToSystem>> parts_;
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;  // of the last part
  std::size_t part_bytes_ = std::size_t{16} << 10;
};

/// The rows of one key, the oldest first, in a RowMemory that outlives them and takes all back when
/// it goes. They may be moved byte by byte. A row begins at a multiple of 16 where its size is one
/// (of a line of the cache, where it is that), and stays where it is until the next push_back().
class PaneRows {
 public:
  bool empty() const noexcept { return count_ == 0; }
  std::uint32_t size() const noexcept { return count_; }

  std::byte* at(std::uint32_t i, std::size_t row_size) const noexcept {
    return rows_ + ((head_ + i) & (capacity_ - 1)) * row_size;
  }

  /// The row at i, or where push_back() puts one.
  void prefetch(std::uint32_t i, std::size_t row_size) const noexcept {
    if (capacity_ > 0) __builtin_prefetch(at(i, row_size), 1);
  }

  void push_back(const std::byte* row, std::size_t row_size, RowMemory& memory) {
    if (count_ == capacity_) grow(row_size, memory);
    std::memcpy(at(count_++, row_size), row, row_size);
  }

  void pop_front() noexcept {
    head_ = (head_ + 1) & (capacity_ - 1);
    --count_;
  }

  /// As new; memory for a few rows is kept.
  void clear(RowMemory& memory) noexcept {
    constexpr std::uint32_t kFew = 8;
    head_ = count_ = 0;
    if (capacity_ <= kFew) return;
    memory.free(rows_, capacity_);
    capacity_ = 0;
  }

 private:
  void grow(std::size_t row_size, RowMemory& memory) {
    constexpr std::uint32_t kFirst = 2;
    const std::uint32_t capacity = capacity_ == 0 ? kFirst : capacity_ * 2;
    std::byte* const rows = memory.allocate(capacity, row_size);
    if (capacity_ > 0) {
      const std::uint32_t tail = std::min(count_, capacity_ - head_);
      std::memcpy(rows, rows_ + head_ * row_size, tail * row_size);
      std::memcpy(rows + tail * row_size, rows_, (count_ - tail) * row_size);
      memory.free(rows_, capacity_);
    }
    rows_ = rows;
    capacity_ = capacity;
    head_ = 0;
  }

  std::byte* rows_ = nullptr;
  std::uint32_t capacity_ = 0;  // a power of two, or 0
  std::uint32_t head_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace weir::runtime
