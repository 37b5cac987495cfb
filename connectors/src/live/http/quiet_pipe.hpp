// Writes to a connection that is gone, in libraries that write without MSG_NOSIGNAL (OpenSSL).
#pragma once

#include <csignal>
#include <ctime>

namespace weir::connectors {

/// While it lives, SIGPIPE does nothing to the calling thread. (It comes to the thread that wrote.)
class QuietPipe {
 public:
  QuietPipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~QuietPipe() {
    if (sigismember(&before_, SIGPIPE) != 0) return;
    const timespec at_once{};
    while (sigtimedwait(&pipe_, nullptr, &at_once) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  QuietPipe(const QuietPipe&) = delete;
  QuietPipe& operator=(const QuietPipe&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
};

}  // namespace weir::connectors
