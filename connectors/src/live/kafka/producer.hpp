// An idempotent producer, and what it has under way.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "live/delivery_window.hpp"
#include "live/kafka/client_conf.hpp"
#include "live/kafka/handles.hpp"

namespace weir::connectors::kafka {

/// Not for several threads.
class Producer {
 public:
  enum class Queued { kYes, kFull, kTooLarge, kFailed };

  Producer(KafkaSinkOptions options, Notices& notices);

  bool open(std::string& error);

  /// A failure from here on (`problem()`) is over with restart().
  Queued queue(const OutRecord& record);
  /// Waits until all that is under way is acknowledged, or some of it has failed, or the time is
  /// over.
  void wait(std::chrono::milliseconds timeout);
  void serve() { rd_kafka_poll(client_.get(), 0); }

  DeliveryWindow& window() noexcept { return window_; }
  /// Why nothing gets through; empty: nothing is known.
  const std::string& problem() const noexcept { return problem_; }
  bool broken() const noexcept { return broken_; }

  /// A new client, for which the brokers know no sequence yet; what was under way may have arrived,
  /// or not. False where there can be none, with the problem.
  bool restart();

 private:
  static void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque);
  static void on_error(rd_kafka_t* client, int error, const char* reason, void* opaque);

  KafkaSinkOptions options_;
  Notices* notices_;
  CallbackContext context_;
  std::string problem_;
  bool broken_ = false;    // the client, for good
  bool failed_ = false;    // some of what is under way
  DeliveryWindow window_;  // the client's messages point into it
  std::unique_ptr<rd_kafka_t, Destroy<rd_kafka_destroy>> client_;
};

}  // namespace weir::connectors::kafka
