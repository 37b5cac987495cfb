// A sink: takes records (alerts, late and rejected events: one JSON object each) to where they go.
//
// Each sink is driven by one thread of its own (Outbox in connectors/src/live), which keeps the
// queue, and tries again, ever more rarely, what the far end could not take: a sink itself neither
// queues nor waits for better times.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "weir/connectors/live/source.hpp"

namespace weir::connectors {

struct OutRecord {
  std::string_view text;  // one JSON object, no line end
  std::string_view key;   // the alert's key as text: one value as it is, several as a JSON array;
                          // empty for a rule without a key
  std::string_view id;    // of the alert; empty for other streams
};

struct SendResult {
  enum class State : std::uint8_t {
    kDone,      // all of them
    kTryAgain,  // from the first that is not done: the far end is down or busy
    kRefused,   // the first that is not done will never be taken
    kClosed,    // nothing will ever be taken again, as somebody wanted (a pipe's reader has gone)
  };
  State state = State::kDone;
  std::size_t done = 0;                      // so many are through, in order
  std::string problem;                       // a sentence without secrets; empty for kDone
  std::chrono::milliseconds retry_after{0};  // kTryAgain: the far end asks for so long a wait
};

class Sink {
 public:
  virtual ~Sink() = default;
  /// In order. Returns within some seconds, whatever the far end does. What is sent again after
  /// kTryAgain may arrive twice: ids tell.
  virtual SendResult send(std::span<const OutRecord> records) = 0;
  /// All that was sent is where the sink's guarantee says (on disk, acknowledged). `done` counts,
  /// in order, what was sent since the last flush. The sink need not remember what is not done:
  /// that is sent again, from there on (less the one that is kRefused).
  virtual SendResult flush() = 0;
  /// Called at least once a second: for what time alone brings about (rotation).
  virtual void tick() {}
};

}  // namespace weir::connectors
