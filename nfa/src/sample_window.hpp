// A sliding multiset that is asked for some of its ranks: only the members around these stand in
// order.
//
// Two bounds enclose the members around the ranks that are asked for; the others are counted. A
// member that comes or goes moves a rank by one at most, so that ranks stay between the bounds for
// a while. When one has left them, new bounds are found by selection (C. A. R. Hoare, "Find",
// 1961). The bounds are a share of all members away from the ranks: as many members come and go
// before they have to be found again, which is O(1) a member, amortised. A member between the
// bounds costs what OrderStatistics asks for it, of a high percentile that is one in ten.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "order_statistics.hpp"
#include "sliding.hpp"

namespace weir::nfa {

/// Members in a queue; the window is the first of them. `Less` is a total order: members that it
/// holds equal are interchangeable. `scratch` of any function is room that many windows share.
template <typename T, typename Less>
class SampleWindow {
 public:
  bool empty() const noexcept { return members_.empty(); }
  /// All, also those outside of the window.
  const Queue<T>& members() const noexcept { return members_; }
  /// Members in the window.
  std::size_t size() const noexcept { return size_; }

  /// The newest member, outside of the window.
  void push(const T& v) { nfa::push(members_, v); }

  /// The window reaches over `n` members more.
  void take_in(std::size_t n, std::vector<T>& scratch) {
    below_ += sift(size_, n, scratch);
    ordered_.insert(scratch);
    size_ += n;
  }

  /// The oldest `n` members are gone. REQUIRES: they are in the window.
  void drop(std::size_t n, std::vector<T>& scratch) {
    below_ -= sift(0, n, scratch);
    ordered_.erase(scratch);
    size_ -= n;
    members_.erase_begin(n);
  }

  /// Until the window changes, kth(k) is known for lowest <= k <= highest. REQUIRES: lowest <=
  /// highest < size().
  void focus(std::size_t lowest, std::size_t highest, std::vector<T>& scratch) {
    const bool inside = lowest >= below_ && highest < below_ + ordered_.size();
    if (!inside || ordered_.size() > most_) choose_bounds(lowest, highest, scratch);
  }

  /// The k-th smallest member of the window, from 0.
  const T& kth(std::size_t k) const noexcept { return ordered_.kth(k - below_); }

  /// As new; memory for a few members is kept.
  void clear() {
    nfa::clear(members_);
    ordered_.clear();
    size_ = below_ = 0;
    bounded_below_ = bounded_above_ = false;
    most_ = kFew;
  }

  /// What take_in(), drop() and kth() read, as far as it is a few members each.
  void prefetch() const noexcept {
    constexpr std::size_t kLine = 64;
    const auto prefetch_from = [](const T* first) {
      __builtin_prefetch(first);
      __builtin_prefetch(reinterpret_cast<const char*>(first) + kLine);
    };
    if (members_.empty()) return;
    prefetch_from(&members_.front());
    if (size_ < members_.size()) prefetch_from(&members_[size_]);
    ordered_.prefetch();
  }

 private:
  static constexpr std::size_t kFew = 64;

  /// How many of `n` members from the first-th on lie below the bounds. Those between them are left
  /// in `between`, in order.
  std::size_t sift(std::size_t first, std::size_t n, std::vector<T>& between) const {
    between.clear();
    std::size_t below = 0;
    const auto sift_piece = [&](const T* from, const T* to) {
      for (; from != to; ++from) {
        if (bounded_below_ && less_(*from, low_)) {
          ++below;
        } else if (!bounded_above_ || !less_(high_, *from)) {
          between.push_back(*from);
        }
      }
    };
    // The ring's two pieces.
    const auto one = members_.array_one();
    const auto two = members_.array_two();
    const std::size_t last = first + n;
    sift_piece(one.first + std::min(first, one.second), one.first + std::min(last, one.second));
    if (last > one.second) {
      const std::size_t begin = first > one.second ? first - one.second : 0;
      sift_piece(two.first + begin, two.first + (last - one.second));
    }
    std::sort(between.begin(), between.end(), less_);
    return below;
  }

  void choose_bounds(std::size_t lowest, std::size_t highest, std::vector<T>& scratch) {
    constexpr std::size_t kLeastMargin = 16;
    constexpr std::size_t kShare = 16;
    const std::size_t margin = std::max(kLeastMargin, size_ / kShare);
    const std::size_t low = lowest > margin ? lowest - margin : 0;
    const std::size_t high = std::min(highest + margin, size_ - 1);
    const bool all = low == 0 && high == size_ - 1;
    if (all && !bounded_below_ && !bounded_above_) return;

    bounded_below_ = low > 0;
    bounded_above_ = high + 1 < size_;
    const auto window_end = members_.begin() + static_cast<std::ptrdiff_t>(size_);
    scratch.assign(members_.begin(), window_end);
    const auto at_low = scratch.begin() + static_cast<std::ptrdiff_t>(low);
    const auto at_high = scratch.begin() + static_cast<std::ptrdiff_t>(high);
    if (bounded_below_) {
      std::nth_element(scratch.begin(), at_low, scratch.end(), less_);
      low_ = *at_low;
    }
    if (bounded_above_) {
      std::nth_element(at_low, at_high, scratch.end(), less_);
      high_ = *at_high;
    }
    ordered_.clear();
    below_ = sift(0, size_, scratch);
    ordered_.insert(scratch);
    most_ = std::max(kFew, 2 * ordered_.size());
  }

  Queue<T> members_;
  std::size_t size_ = 0;
  std::size_t below_ = 0;  // members of the window that are less than low_
  T low_{};
  T high_{};
  bool bounded_below_ = false;  // else there is no low_
  bool bounded_above_ = false;
  std::size_t most_ = kFew;           // of ordered_, before narrower bounds are looked for
  OrderStatistics<T, Less> ordered_;  // those from low_ to high_, both included
  [[no_unique_address]] Less less_;
};

}  // namespace weir::nfa
