// Ends a scenario's process where one piece of work takes longer than its bound: what looks at the
// clock between events cannot see an event that takes for ever.
#pragma once

#include <signal.h>
#include <unistd.h>

#include <algorithm>

namespace weir::bench {

/// The exit status that tells run_isolated() so.
inline constexpr int kTooLong = 4;

/// While it lives. One at a time.
class Watchdog {
 public:
  explicit Watchdog(double seconds) {
    signal(SIGALRM, [](int) { _exit(kTooLong); });
    alarm(static_cast<unsigned>(std::max(seconds, 1.0)) + 1);
  }
  ~Watchdog() { alarm(0); }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
};

}  // namespace weir::bench
