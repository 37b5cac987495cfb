// Records of panes, all of one size: the one that events go into of each key side by side, those
// before it in a ring a key.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

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
  std::vector<Line> memory_;
};

/// The rows of one key, the oldest first. They may be moved byte by byte. A row begins at a
/// multiple of 16 where its size is one (of a line of the cache, where it is that), and stays where
/// it is until the next push_back().
class PaneRows {
 public:
  bool empty() const noexcept { return count_ == 0; }
  std::uint32_t size() const noexcept { return count_; }

  std::byte* at(std::uint32_t i, std::size_t row_size) const noexcept {
    return memory_.get() + ((head_ + i) & (capacity_ - 1)) * row_size;
  }

  /// The row at i, or where push_back() puts one.
  void prefetch(std::uint32_t i, std::size_t row_size) const noexcept {
    if (capacity_ > 0) __builtin_prefetch(at(i, row_size), 1);
  }

  void push_back(const std::byte* row, std::size_t row_size) {
    if (count_ == capacity_) grow(row_size);
    std::memcpy(at(count_++, row_size), row, row_size);
  }

  void pop_front() noexcept {
    head_ = (head_ + 1) & (capacity_ - 1);
    --count_;
  }

  /// As new; memory for a few rows is kept.
  void clear() noexcept {
    constexpr std::uint32_t kFew = 8;
    head_ = count_ = 0;
    if (capacity_ <= kFew) return;
    memory_.reset();
    capacity_ = 0;
  }

 private:
  static constexpr std::align_val_t kLine{64};
  struct Free {
    void operator()(std::byte* p) const noexcept { ::operator delete[](p, kLine); }
  };
  using Memory = std::unique_ptr<std::byte[], Free>;

  void grow(std::size_t row_size) {
    constexpr std::uint32_t kFirst = 2;
    const std::uint32_t capacity = capacity_ == 0 ? kFirst : capacity_ * 2;
    Memory memory(static_cast<std::byte*>(::operator new[](capacity* row_size, kLine)));
    const std::uint32_t tail = std::min(count_, capacity_ - head_);
    if (count_ > 0) {
      std::memcpy(memory.get(), memory_.get() + head_ * row_size, tail * row_size);
      std::memcpy(memory.get() + tail * row_size, memory_.get(), (count_ - tail) * row_size);
    }
    memory_ = std::move(memory);
    capacity_ = capacity;
    head_ = 0;
  }

  Memory memory_;
  std::uint32_t capacity_ = 0;  // a power of two, or 0
  std::uint32_t head_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace weir::runtime
