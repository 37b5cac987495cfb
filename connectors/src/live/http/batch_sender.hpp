// What the sinks that post have in common: batches, and one by one where a batch is refused.
#pragma once

#include <chrono>
#include <functional>
#include <span>

#include "weir/connectors/live/sink.hpp"

namespace weir::connectors {

/// Of the records' text in a request; a single record may be larger.
inline constexpr std::size_t kMaxPostBytes = std::size_t{4} << 20;

struct BatchBounds {
  std::size_t records = 100;
  /// No further request is begun once so much time is over; the rest is to be tried again.
  std::chrono::milliseconds time{5000};
};

/// Gives all of `records` to `post`, some at a time, in order. Where it refuses several they are
/// given to it one by one. What it says of done is of no meaning: it does all or nothing.
SendResult send_in_batches(std::span<const OutRecord> records, BatchBounds bounds,
                           const std::function<SendResult(std::span<const OutRecord>)>& post);

}  // namespace weir::connectors
