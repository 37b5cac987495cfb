// Threads that do whatever there is to do.
//
// Work is cut into stages. A stage does one piece of work at a time for any thread that asks, and
// guards itself; who does what does not show in the results. No thread has a task of its own, so
// that two cores are both busy however the work is spread over the stages.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <span>

namespace weir::runtime {

class Stage {
 public:
  virtual ~Stage() = default;
  /// Does one piece of work; false where there is none to do right now. Any thread, several at
  /// once; `thread` is the caller's number, from 0. A piece that cannot be done because of another
  /// thread's is no work: that thread will look again when it is done with its own.
  virtual bool run_one(std::size_t thread) = 0;
};

class Crew {
 public:
  /// So many threads, the one that calls run() among them. REQUIRES: 1 at least.
  explicit Crew(std::size_t threads) : threads_(threads) {}

  /// Works until `done`. Stages are asked in their order, so that the first of them is the one
  /// whose work is the most urgent. The caller's thread is number 0; the others take no signals.
  /// What a stage throws ends the work and is thrown here.
  void run(std::span<Stage* const> stages, const std::function<bool()>& done);

  /// There may be work that no stage of the crew's has made: who waits looks again. Any thread.
  void wake() { tell(); }

  std::size_t threads() const noexcept { return threads_; }

 private:
  void work(std::size_t thread, std::span<Stage* const> stages, const std::function<bool()>& done);
  void tell();

  std::size_t threads_;
  std::atomic<std::uint32_t> pieces_{0};  // done so far: whoever found no work waits for the next
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::exception_ptr failure_;  // under mutex_
};

}  // namespace weir::runtime
