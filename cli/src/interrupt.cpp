#include "interrupt.hpp"

#include <signal.h>

#include <csignal>

namespace weir::cli {
namespace {

volatile std::sig_atomic_t flag = 0;

void on_signal(int) {
  flag = 1;
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  // SA_RESETHAND: the second one finds the default. Reads are not restarted, so that a wait for
  // standard input ends.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() noexcept {
  return flag != 0;
}

}  // namespace weir::cli
