// The two clocks that live sources and sinks go by. Rules never read one.
#pragma once

#include <chrono>
#include <cstdint>

#include "weir/event/time.hpp"

namespace weir::connectors {

/// Of the monotonic clock, ns: what LiveEngine::tick() and InputBlock::arrived mean.
inline std::int64_t monotonic_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

inline Timestamp to_timestamp(std::chrono::system_clock::time_point at) {
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count()};
}
inline Timestamp wall_time() {
  return to_timestamp(std::chrono::system_clock::now());
}

}  // namespace weir::connectors
