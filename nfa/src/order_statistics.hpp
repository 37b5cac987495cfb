// A multiset that knows its k-th smallest member.
//
// Members stand in order in blocks of at most kBlock, and the blocks in order of their members.
// Runs of members in order are put in and taken out together, so that a block is gone through once
// for all members of a run that fall into it. O(log blocks + kBlock) for a run's members in one
// block, O(blocks) for the k-th.
#pragma once

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace weir::nfa {

/// `Less` is a total order: members that it holds equal are interchangeable.
template <typename T, typename Less = std::less<T>>
class OrderStatistics {
 public:
  std::size_t size() const noexcept { return size_; }

  /// REQUIRES: k < size().
  const T& kth(std::size_t k) const noexcept {
    for (std::size_t b = 0;; ++b) {
      if (k < blocks_[b].size()) return blocks_[b][k];
      k -= blocks_[b].size();
    }
  }

  /// REQUIRES: `run` is in order.
  void insert(std::span<const T> run) {
    if (run.empty()) return;
    size_ += run.size();
    if (blocks_.empty()) blocks_.emplace_back();
    std::size_t b = 0;
    while (!run.empty()) {
      b = block_of(run.front(), b);
      std::size_t n = run.size();
      if (b + 1 < blocks_.size()) {
        const auto end = std::upper_bound(run.begin(), run.end(), blocks_[b].back(), less_);
        n = std::max<std::size_t>(1, static_cast<std::size_t>(end - run.begin()));
      }
      merge(blocks_[b], run.first(n));
      split(b);
      run = run.subspan(n);
    }
  }

  /// REQUIRES: `run` is in order, and all of it are members.
  void erase(std::span<const T> run) {
    size_ -= run.size();
    std::size_t b = 0;
    while (!run.empty()) {
      b = block_of(run.front(), b);
      run = run.subspan(take_out(blocks_[b], run));
      // Equal members may go on in the next block.
      if (blocks_[b].empty() && blocks_.size() > 1) {
        blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(b));
      } else if (!join(b)) {
        ++b;
      }
    }
  }

  /// As new; memory for a few members is kept.
  void clear() {
    size_ = 0;
    if (blocks_.size() > 1 || (!blocks_.empty() && blocks_[0].capacity() > kFew)) {
      blocks_.clear();
    } else if (!blocks_.empty()) {
      blocks_[0].clear();
    }
  }

  /// The greatest members: high percentiles are asked for more than low ones.
  void prefetch() const noexcept {
    if (size_ == 0) return;
    constexpr std::size_t kLine = 64 / sizeof(T);
    const Block& last = blocks_.back();
    const T* const first = last.size() > 4 * kLine ? &last.back() - 4 * kLine : last.data();
    for (const T* at = first; at <= &last.back(); at += kLine) __builtin_prefetch(at);
    __builtin_prefetch(&last.back());
  }

 private:
  using Block = std::vector<T>;
  static constexpr std::size_t kBlock = 256;
  static constexpr std::size_t kFew = 64;

  /// The first block from `from` on whose last member is not less than `v`, or the last block.
  std::size_t block_of(const T& v, std::size_t from) const {
    const auto last = blocks_.end() - 1;
    return static_cast<std::size_t>(
        std::partition_point(
            blocks_.begin() + static_cast<std::ptrdiff_t>(std::min(from, blocks_.size() - 1)), last,
            [&](const Block& b) { return less_(b.back(), v); }) -
        blocks_.begin());
  }

  /// From the back, so that what stands before the run's first member does not move.
  void merge(Block& block, std::span<const T> run) {
    auto from = static_cast<std::ptrdiff_t>(block.size());
    block.resize(block.size() + run.size());
    auto to = block.end();
    for (std::size_t left = run.size(); left-- > 0;) {
      const auto at = std::upper_bound(block.begin(), block.begin() + from, run[left], less_);
      to = std::move_backward(at, block.begin() + from, to);
      from = at - block.begin();
      *--to = run[left];
    }
  }

  /// How many of the run were in the block: those up to its last member.
  std::size_t take_out(Block& block, std::span<const T> run) {
    auto from = std::lower_bound(block.begin(), block.end(), run.front(), less_);
    auto to = from;
    std::size_t taken = 0;
    while (from != block.end()) {
      ++from;
      if (++taken == run.size()) break;
      const auto at = std::lower_bound(from, block.end(), run[taken], less_);
      to = std::move(from, at, to);
      from = at;
    }
    block.erase(std::move(from, block.end(), to), block.end());
    return taken;
  }

  void split(std::size_t b) {
    const std::size_t n = blocks_[b].size();
    if (n <= kBlock) return;
    constexpr std::size_t kPart = kBlock / 2;
    const std::size_t parts = (n + kPart - 1) / kPart;
    std::vector<Block> made;
    for (std::size_t p = 1; p < parts; ++p) {
      const auto begin = blocks_[b].begin() + static_cast<std::ptrdiff_t>(p * kPart);
      const auto end =
          blocks_[b].begin() + static_cast<std::ptrdiff_t>(std::min(n, (p + 1) * kPart));
      made.emplace_back().reserve(kBlock);
      made.back().assign(begin, end);
    }
    blocks_[b].resize(kPart);
    blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(b) + 1,
                   std::make_move_iterator(made.begin()), std::make_move_iterator(made.end()));
  }

  /// With the next block, where both are small.
  bool join(std::size_t b) {
    if (b + 1 >= blocks_.size() || blocks_[b].size() + blocks_[b + 1].size() > kBlock / 2) {
      return false;
    }
    blocks_[b].insert(blocks_[b].end(), blocks_[b + 1].begin(), blocks_[b + 1].end());
    blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(b) + 1);
    return true;
  }

  boost::container::small_vector<Block, 1> blocks_;  // an empty one stands alone
  std::size_t size_ = 0;
  [[no_unique_address]] Less less_;
};

}  // namespace weir::nfa
