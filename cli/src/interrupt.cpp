#include "interrupt.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

namespace weir::cli {
namespace {

// Set by whichever thread the signal goes to, read by all.
std::atomic<int> flag = 0;
static_assert(std::atomic<int>::is_always_lock_free);

int nothing = -1;  // /dev/null

/// A wait for standard input ends: from now on it reads as ended.
void on_signal(int) {
  flag = 1;
  if (nothing >= 0) ::dup2(nothing, STDIN_FILENO);
}

}  // namespace

void catch_interrupts() {
  nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  struct sigaction action {};
  action.sa_handler = on_signal;
  // SA_RESETHAND: the second one finds the default.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() noexcept {
  return flag != 0;
}

}  // namespace weir::cli
