// Messages that come one by one, into the block that a poll gives.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "weir/connectors/live/source.hpp"

namespace weir::connectors {

/// Fills a RecordBlock, which has to stay where it is meanwhile. Each message is one record; a line
/// end behind it is not part of it.
class MessageBlock {
 public:
  MessageBlock(RecordBlock& block, std::size_t max_record_bytes)
      : block_(&block), max_record_bytes_(max_record_bytes) {
    block.records.clear();
    block.reserve(kMaxPolledBytes, 0);
  }

  bool empty() const noexcept { return block_->records.empty(); }

  /// False where the block is full, and nothing has happened. An empty one takes every message.
  bool add(std::string_view message, std::uint64_t offset) {
    if (closed_ || block_->records.size() == kMaxPolledRecords) return false;
    if (message.ends_with('\n')) message.remove_suffix(1);
    if (message.ends_with('\r')) message.remove_suffix(1);
    RejectReason fault = RejectReason::kNone;
    if (message.size() > max_record_bytes_) {
      message = message.substr(0, std::min(message.size(), kKeptOfLongRecord));
      fault = RejectReason::kRecordTooLong;
    }
    if (used_ + message.size() + 1 > block_->capacity) {
      if (!empty()) return false;
      block_->reserve(message.size() + 1, 0);
    }
    char* const at = block_->data.get() + used_;
    if (!message.empty()) std::memcpy(at, message.data(), message.size());
    // Records of a block are told apart by what is between them as well (JsonIndex).
    at[message.size()] = '\n';
    used_ += message.size() + 1;
    block_->records.push_back({{at, message.size()}, offset, fault});
    // What is cut off may only stand at the end (RecordBlock::readable).
    closed_ = fault != RejectReason::kNone;
    return true;
  }

 private:
  RecordBlock* block_;
  std::size_t max_record_bytes_;
  std::size_t used_ = 0;
  bool closed_ = false;
};

}  // namespace weir::connectors
