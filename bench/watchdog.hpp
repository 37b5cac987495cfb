// Ends a scenario's process where one piece of work takes longer than its bound: what looks at the
// clock between events cannot see an event that takes for ever.
#pragma once

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

namespace weir::bench {

/// The exit status that tells run_isolated() so.
inline constexpr int kTooLong = 4;

/// While it lives; `seconds` of CPU time. One at a time.
class Watchdog {
 public:
  explicit Watchdog(double seconds) {
    signal(SIGPROF, [](int) { _exit(kTooLong); });
    set(static_cast<time_t>(seconds) + 1);
  }
  ~Watchdog() { set(0); }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  static void set(time_t seconds) {
    const itimerval timer{.it_interval = {}, .it_value = {seconds, 0}};
    setitimer(ITIMER_PROF, &timer, nullptr);
  }
};

}  // namespace weir::bench
