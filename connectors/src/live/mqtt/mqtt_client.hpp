// A connection to an MQTT broker that is made again when it breaks.
//
// libmosquitto without its thread: everything happens within serve(). MQTT 3.1.1, which every
// broker speaks.
#pragma once

#include <mosquitto.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "live/back_off.hpp"
#include "live/wake_event.hpp"
#include "weir/connectors/live/mqtt.hpp"

namespace weir::connectors::mqtt {

/// Called from within serve().
struct Events {
  std::function<void(bool session_present)> connected;
  /// The connection is gone, or could not be made: told once, until it is back.
  std::function<void(const std::string& why)> away;
  std::function<void(const mosquitto_message&)> message;
  std::function<void(int message_id)> published;
};

class Client {
 public:
  Client(MqttClientOptions options, bool keep_session, Events events, Notices& notices);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool open(std::string& error);

  /// Waits for at most `timeout` for something to happen, and does it: connects, writes, and, where
  /// asked to, reads about as many packets as libmosquitto takes at a time.
  void serve(std::chrono::milliseconds timeout, bool reading);
  /// Any thread.
  void wake() const noexcept { wake_.set(); }
  bool woken() const noexcept { return wake_.clear(); }

  /// Says goodbye; connects again only when serve() is asked to read.
  void rest();

  bool connected() const noexcept { return connected_; }
  const std::string& problem() const noexcept { return problem_; }
  mosquitto* handle() noexcept { return handle_.get(); }

 private:
  using Clock = std::chrono::steady_clock;

  static void on_connect(mosquitto*, void* self, int code, int flags);
  static void on_disconnect(mosquitto*, void* self, int code);
  static void on_log(mosquitto*, void* self, int level, const char* text);

  bool set_security(std::string& error);
  void connect(Clock::time_point now);
  void lost(int code);
  void write_all();

  MqttClientOptions options_;
  bool keep_session_;
  Events events_;
  Notices* notices_;
  WakeEvent wake_;
  bool connected_ = false;  // the broker has let us in
  bool resting_ = false;
  bool told_away_ = false;
  std::string problem_;  // of the last attempt; empty while connected
  Clock::time_point next_attempt_{};
  Clock::time_point give_up_{};  // on an attempt that gets no answer
  BackOff back_off_;             // before the next attempt

  struct Destroy {
    void operator()(mosquitto* handle) const noexcept { mosquitto_destroy(handle); }
  };
  std::unique_ptr<mosquitto, Destroy> handle_;
};

}  // namespace weir::connectors::mqtt
