// Where the handlers of POSTs and the thread that drives the source meet.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <stop_token>

#include "live/http/remembered_keys.hpp"
#include "live/http/submission.hpp"
#include "weir/connectors/live/http.hpp"
#include "weir/connectors/live/source.hpp"

namespace weir::connectors {

class HttpInbox {
 public:
  HttpInbox(const HttpSourceOptions& options, std::uint64_t offset)
      : options_(options), keys_(options.idempotency_keys), offset_(offset) {}

  // Of handlers, any thread.

  /// Puts it in and waits for its answer; or answers at once where there is no room, where its key
  /// was seen before with another body, or where the source is closed.
  HttpResponse submit(SubmissionPtr submission, const std::stop_token& stopping);
  /// What submit() would answer at once, whatever the body holds; false where it would not.
  bool turns_away(HttpResponse& answer);

  // Of the source's thread, but for wake() and close().

  void poll(Polled& into, std::chrono::milliseconds timeout);
  void pause(bool paused);
  void settled(std::uint64_t ticket, std::span<const RefusedRecord> refused);
  void wake();
  /// Nothing more comes in, and whoever waits is answered.
  void close();
  std::uint64_t offset() const noexcept { return offset_; }

 private:
  using Lock = std::unique_lock<std::mutex>;
  /// A part of a submission that the engine has.
  struct HandedOut {
    std::uint64_t ticket = 0;
    SubmissionPtr submission;
    std::size_t first = 0;
    std::size_t count = 0;
  };

  bool is_busy(std::size_t more_bytes) const noexcept;
  bool turns_away_locked(std::size_t bytes, HttpResponse& answer) const;
  HttpResponse wait(Lock& lock, const SubmissionPtr& submission, const std::stop_token& stopping);
  void hand_out(Polled& into);
  void answer(Submission& submission);

  const HttpSourceOptions options_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<SubmissionPtr> queue_;  // with records that are not handed out yet
  std::deque<HandedOut> handed_out_;
  std::size_t waiting_ = 0;  // submissions without an answer
  std::size_t waiting_bytes_ = 0;
  RememberedKeys keys_;
  bool paused_ = false;
  bool closed_ = false;
  bool woken_ = false;
  bool drained_told_ = false;
  std::uint64_t last_ticket_ = 0;
  std::uint64_t offset_;  // of the next record
};

}  // namespace weir::connectors
