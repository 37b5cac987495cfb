// One request after another from a connection, within bounds, by Boost.Beast's parser.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "live/http/wire.hpp"
#include "weir/connectors/live/http.hpp"

namespace weir::connectors {

/// What all requests of a server hold of bodies, against a bound.
class BodyBudget {
 public:
  explicit BodyBudget(std::size_t bytes) : left_(bytes) {}
  bool take(std::size_t bytes) noexcept;
  void give_back(std::size_t bytes) noexcept { left_ += bytes; }

 private:
  std::atomic<std::size_t> left_;
};

/// A part of the budget, given back at the end.
class BodyShare {
 public:
  explicit BodyShare(BodyBudget& budget) : budget_(&budget) {}
  ~BodyShare() { budget_->give_back(taken_); }
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;
  bool grow(std::size_t bytes) noexcept {
    if (!budget_->take(bytes)) return false;
    taken_ += bytes;
    return true;
  }

 private:
  BodyBudget* budget_;
  std::size_t taken_ = 0;
};

class RequestReader {
 public:
  enum class Result : std::uint8_t {
    kOk,
    kClosed,  // by the client, or cut by us: nothing can be answered
    kIdle,    // the client has asked nothing in time
    kSlow,    // it began, and did not come to an end in time
    kBad,     // no HTTP/1.x
    kHeadTooLarge,
    kBodyTooLarge,
    kNoRoom,  // the server's budget of bodies is spent
  };

  explicit RequestReader(Wire& wire);
  ~RequestReader();

  /// Waits until `idle` for a first byte; then the request has to be here within `arrive_within`,
  /// body and all.
  Result read_head(HttpRequest& request, Deadline idle, std::chrono::milliseconds arrive_within);
  /// These after read_head() gave kOk.
  bool has_body() const noexcept;
  std::optional<std::uint64_t> body_length() const noexcept;  // where the client said it
  bool waits_for_continue() const noexcept;
  bool keep_alive() const noexcept;
  /// The body as it was sent, transfer coding undone.
  Result read_body(std::string& body, std::size_t max_bytes, BodyShare& share);

 private:
  struct State;
  Result fill();

  Wire& wire_;
  Deadline arrive_by_{};
  std::unique_ptr<State> state_;
};

}  // namespace weir::connectors
