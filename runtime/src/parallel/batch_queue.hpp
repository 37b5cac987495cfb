// A queue between threads: moodycamel's ConcurrentQueue, and the only place that knows it.
//
// ThreadSanitizer does not understand its fences: tests/tsan.supp has a line for it.
#pragma once

#include <concurrentqueue/concurrentqueue.h>

#include <utility>

namespace weir::runtime {

/// First in, first out. One thread at a time pushes and one at a time pops, not always the same;
/// what lets one go after the other (a lock, a flag) orders their memory as well. Neither waits.
/// Unbounded by itself: whoever pushes counts what is under way.
template <typename T>
class BatchQueue {
 public:
  BatchQueue() : producer_(queue_), consumer_(queue_) {}
  BatchQueue(const BatchQueue&) = delete;
  BatchQueue& operator=(const BatchQueue&) = delete;

  void push(T item) { queue_.enqueue(producer_, std::move(item)); }
  bool pop(T& item) { return queue_.try_dequeue(consumer_, item); }

 private:
  // The order of items is kept within one producer: all go through this one token.
  moodycamel::ConcurrentQueue<T> queue_;
  moodycamel::ProducerToken producer_;
  moodycamel::ConsumerToken consumer_;
};

}  // namespace weir::runtime
