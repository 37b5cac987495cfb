// A queue in one piece of memory, for the deadlines of the reference loops.
#pragma once

#include <cstddef>
#include <vector>

#include "huge_pages.hpp"

namespace weir::bench {

/// First in, first out. Elements are numbered from 0 as they come; grows by doubling.
template <typename T>
class Ring {
 public:
  bool empty() const { return first_ == end_; }
  std::size_t first() const { return first_; }
  std::size_t end() const { return end_; }
  T& front() { return items_[first_ & mask_]; }
  /// REQUIRES: first() <= number < end().
  T& operator[](std::size_t number) { return items_[number & mask_]; }
  void pop_front() { ++first_; }
  void push_back(const T& item) {
    if (end_ - first_ == items_.size()) grow();
    items_[end_++ & mask_] = item;
  }

 private:
  void grow() {
    std::vector<T, HugePages<T>> larger(items_.size() * 2);
    for (std::size_t i = first_; i != end_; ++i) {
      larger[i & (larger.size() - 1)] = items_[i & mask_];
    }
    items_.swap(larger);
    mask_ = items_.size() - 1;
  }

  std::vector<T, HugePages<T>> items_ = std::vector<T, HugePages<T>>(1024);
  std::size_t mask_ = 1023;
  std::size_t first_ = 0;
  std::size_t end_ = 0;
};

}  // namespace weir::bench
