#include "weir/runtime/crew.hpp"

#include <signal.h>

#include <thread>
#include <utility>
#include <vector>

namespace weir::runtime {
namespace {

/// No signal is delivered to the threads that are made meanwhile: a read that waits is interrupted
/// in the thread that called run(), or not at all.
class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

void Crew::run(std::span<Stage* const> stages, const std::function<bool()>& done) {
  std::vector<std::jthread> others;
  {
    const SignalsHeld held;
    for (std::size_t t = 1; t < threads_; ++t) {
      others.emplace_back([this, t, stages, &done] { work(t, stages, done); });
    }
  }
  work(0, stages, done);
  others.clear();
  if (failure_ != nullptr) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Crew::tell() {
  pieces_.fetch_add(1, std::memory_order_release);
  pieces_.notify_all();
}

void Crew::work(std::size_t thread, std::span<Stage* const> stages,
                const std::function<bool()>& done) {
  try {
    while (!failed_.load(std::memory_order_acquire) && !done()) {
      const std::uint32_t seen = pieces_.load(std::memory_order_acquire);
      bool worked = false;
      for (std::size_t i = 0; i < stages.size() && !worked; ++i) {
        worked = stages[i]->run_one(thread);
      }
      if (worked) {
        tell();
      } else if (!done()) {
        pieces_.wait(seen, std::memory_order_acquire);
      }
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (failure_ == nullptr) failure_ = std::current_exception();
    failed_.store(true, std::memory_order_release);
  }
  tell();  // who waits for work that will not come
}

}  // namespace weir::runtime
