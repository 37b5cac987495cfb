// What an outbox has taken from its queues and not settled yet.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <utility>

#include "live/outbox/record_pack.hpp"

namespace weir::connectors {

/// In order: records that were sent, and may or may not be through, and then those still to be
/// sent, all in the last pack.
class Flight {
 public:
  struct Batch {
    RecordPack pack;
    bool from_disk = false;
    std::size_t settled = 0;  // of its records
  };

  void add(RecordPack pack, bool from_disk) {
    bytes_ += pack.bytes();
    batches_.push_back({std::move(pack), from_disk, 0});
    to_send_ = batches_.back().pack.records();
  }

  bool empty() const noexcept { return batches_.empty(); }
  std::size_t bytes() const noexcept { return bytes_; }
  std::size_t unsettled() const noexcept { return unsettled_; }  // sent
  bool all_sent() const noexcept { return to_send_ == 0; }

  /// Of the last batch, those that are still to be sent.
  std::vector<OutRecord> to_send() const {
    std::vector<OutRecord> records = batches_.back().pack.all();
    records.erase(records.begin(), records.end() - static_cast<std::ptrdiff_t>(to_send_));
    return records;
  }
  void sent(std::size_t records) {
    to_send_ -= records;
    unsettled_ += records;
  }

  /// The first that is not settled. REQUIRES: there is one.
  OutRecord first() const { return batches_.front().pack.at(batches_.front().settled); }

  /// The first `records` are settled; a batch that is done with is given to `done`.
  template <typename Done>
  void settle(std::size_t records, Done&& done) {
    while (records > 0 && !batches_.empty()) {
      Batch& batch = batches_.front();
      const std::size_t some = std::min(records, batch.pack.records() - batch.settled);
      const std::size_t of_sent = std::min(some, unsettled_);
      unsettled_ -= of_sent;
      to_send_ -= some - of_sent;
      batch.settled += some;
      records -= some;
      done(batch, some);
      if (batch.settled < batch.pack.records()) return;
      bytes_ -= batch.pack.bytes();
      batches_.pop_front();
    }
  }

  /// What is not settled, last batch first: nothing is in flight any more.
  template <typename Back>
  void give_back(Back&& back) {
    for (; !batches_.empty(); batches_.pop_back()) {
      Batch& batch = batches_.back();
      batch.pack.drop_front(batch.settled);
      back(batch);
    }
    bytes_ = unsettled_ = to_send_ = 0;
  }

 private:
  std::deque<Batch> batches_;
  std::size_t bytes_ = 0;
  std::size_t unsettled_ = 0;
  std::size_t to_send_ = 0;  // of the last batch
};

}  // namespace weir::connectors
