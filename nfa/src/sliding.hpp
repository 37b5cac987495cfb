// Makers of the sliding aggregates, and the queues that they are made of.
#pragma once

#include <algorithm>
#include <boost/circular_buffer.hpp>
#include <cstddef>
#include <memory>
#include <utility>

#include "weir/nfa/sliding.hpp"

namespace weir::nfa {

// One file each, sliding_*.cpp.
std::unique_ptr<SlidingAggregate> make_sliding_count();        // count
std::unique_ptr<SlidingAggregate> make_sliding_sum();          // sum, avg
std::unique_ptr<SlidingAggregate> make_sliding_kept(Agg agg);  // min, max, first or last
std::unique_ptr<SlidingAggregate> make_sliding_sample();       // median, percentile
std::unique_ptr<SlidingAggregate> make_sliding_deviation();    // stddev
std::unique_ptr<SlidingAggregate> make_sliding_distinct();     // distinct, count_distinct

template <typename T>
using Queue = boost::circular_buffer<T>;

/// Appends; a queue that is full grows to twice its size.
template <typename T>
void push(Queue<T>& queue, T item) {
  constexpr std::size_t kFirst = 4;
  if (queue.full()) queue.set_capacity(std::max(kFirst, queue.capacity() * 2));
  queue.push_back(std::move(item));
}

/// Empties it; memory for a few items is kept.
template <typename T>
void clear(Queue<T>& queue) {
  constexpr std::size_t kFew = 64;
  queue.clear();
  if (queue.capacity() > kFew) queue.set_capacity(0);
}

}  // namespace weir::nfa
