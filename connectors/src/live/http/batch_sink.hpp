// What the sinks that post have in common: batches, and one by one where a batch is refused.
#pragma once

#include <chrono>
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

/// A sink that gives its records to post(), some at a time, in order, and where it refuses several,
/// one by one. What is answered is done.
class BatchSink : public Sink {
 public:
  explicit BatchSink(BatchBounds bounds) : bounds_(bounds) {}
  SendResult send(std::span<const OutRecord> records) final;
  SendResult flush() final { return {}; }

 protected:
  const BatchBounds& bounds() const noexcept { return bounds_; }

 private:
  /// All of them or none; what it says of done is of no meaning.
  virtual SendResult post(std::span<const OutRecord> records) = 0;

  BatchBounds bounds_;
};

}  // namespace weir::connectors
