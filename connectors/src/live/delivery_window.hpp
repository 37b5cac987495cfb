// What a sink has handed to its client library and is not acknowledged yet.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>

#include "weir/connectors/live/sink.hpp"

namespace weir::connectors {

/// Whoever drives a sink sends again what it was told is not done. What is under way already has to
/// be known again then, so that it is waited for and not sent twice.
class DeliveryWindow {
 public:
  struct Entry {
    enum class State : std::uint8_t { kUnderWay, kAcknowledged, kFailed };
    std::string text;
    std::string key;
    std::uint64_t handle = 0;  // the library's name for it
    State state = State::kUnderWay;
    int error = 0;  // the library's; kFailed
  };

  /// So many of the first `records` are those under way, in order. None, although there are some
  /// under way: somebody gave up on those.
  std::size_t known(std::span<const OutRecord> records) const {
    const std::size_t n = std::min(records.size(), entries_.size());
    std::size_t same = 0;
    while (same < n && entries_[same].text == records[same].text &&
           entries_[same].key == records[same].key) {
      ++same;
    }
    return same;
  }

  /// Stays where it is until it is dropped.
  Entry& add(const OutRecord& record) {
    bytes_ += record.text.size() + record.key.size();
    return entries_.emplace_back(Entry{std::string(record.text), std::string(record.key)});
  }
  void remove_last() {
    bytes_ -= entries_.back().text.size() + entries_.back().key.size();
    entries_.pop_back();
  }
  /// Drops what is acknowledged, as far as nothing before it is not; how many these were.
  std::size_t drop_acknowledged() {
    std::size_t dropped = 0;
    while (!entries_.empty() && entries_.front().state == Entry::State::kAcknowledged) {
      bytes_ -= entries_.front().text.size() + entries_.front().key.size();
      entries_.pop_front();
      ++dropped;
    }
    return dropped;
  }
  void clear() {
    entries_.clear();
    bytes_ = 0;
  }

  bool empty() const noexcept { return entries_.empty(); }
  std::size_t size() const noexcept { return entries_.size(); }
  std::size_t bytes() const noexcept { return bytes_; }
  Entry& front() { return entries_.front(); }
  std::deque<Entry>& entries() noexcept { return entries_; }

 private:
  std::deque<Entry> entries_;
  std::size_t bytes_ = 0;
};

}  // namespace weir::connectors
