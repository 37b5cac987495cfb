// Interrupts a thread that waits for descriptors.
#pragma once

#include <poll.h>
#include <sys/eventfd.h>

#include <chrono>
#include <cstdint>

#include "live/descriptor.hpp"

namespace weir::connectors {

class WakeEvent {
 public:
  WakeEvent() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  /// Any thread, and signal handlers. Stays set until clear().
  void set() const noexcept {
    const std::uint64_t one = 1;
    // It can only fail where it is set already.
    [[maybe_unused]] const ssize_t written = ::write(fd_.get(), &one, sizeof one);
  }
  /// Says whether it was set.
  bool clear() const noexcept {
    std::uint64_t count = 0;
    return ::read(fd_.get(), &count, sizeof count) == sizeof count;
  }
  /// Becomes readable when it is set.
  int descriptor() const noexcept { return fd_.get(); }

  /// Waits until `fd` has one of `events`, or this is set, or the time is over. Says whether `fd`
  /// has. An `fd` below 0 never has.
  bool wait_for(int fd, short events, std::chrono::milliseconds timeout) const noexcept {
    pollfd waited[] = {{fd, events, 0}, {fd_.get(), POLLIN, 0}};
    ::poll(waited, 2, static_cast<int>(timeout.count()));
    return waited[0].revents != 0;
  }

 private:
  Descriptor fd_;
};

}  // namespace weir::connectors
