#include "live/mqtt/mqtt_client.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <random>
#include <utility>

namespace weir::connectors::mqtt {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kFirstDelay{100};
constexpr std::chrono::milliseconds kMaxDelay{10000};
constexpr auto kConnectWait = 10s;
constexpr auto kLastWrites = 500ms;
constexpr int kVerifyNothing = 0;  // OpenSSL's SSL_VERIFY_NONE
constexpr auto kMisc = 1000ms;     // keep-alive is looked after so often

Client& self_of(void* self) {
  return *static_cast<Client*>(self);
}

const char* path_or_null(const std::string& path) {
  return path.empty() ? nullptr : path.c_str();
}

std::string problem_of(int code) {
  return code == MOSQ_ERR_ERRNO ? std::strerror(errno) : mosquitto_strerror(code);
}

}  // namespace

Client::Client(MqttClientOptions options, bool keep_session, Events events, Notices& notices)
    : options_(std::move(options)),
      keep_session_(keep_session),
      events_(std::move(events)),
      notices_(&notices),
      back_off_(kFirstDelay, kMaxDelay, std::random_device{}()) {}

Client::~Client() {
  if (handle_ == nullptr || !connected_) return;
  write_all();
  mosquitto_disconnect(handle_.get());
}

/// Acknowledgements that wait, above all: what they are for would come again.
void Client::write_all() {
  const auto deadline = Clock::now() + kLastWrites;
  while (mosquitto_socket(handle_.get()) >= 0 && mosquitto_want_write(handle_.get()) &&
         Clock::now() < deadline) {
    wake_.wait_for(mosquitto_socket(handle_.get()), POLLOUT, 10ms);
    mosquitto_loop_write(handle_.get(), 1);
  }
}

bool Client::open(std::string& error) {
  static std::once_flag once;
  std::call_once(once, [] { mosquitto_lib_init(); });
  handle_.reset(mosquitto_new(path_or_null(options_.client_id), !keep_session_, this));
  if (handle_ == nullptr) {
    error = "mqtt: the client cannot be made";
    return false;
  }
  // The name of libmosquitto for: all calls are made by one thread.
  mosquitto_threaded_set(handle_.get(), false);
  mosquitto_connect_with_flags_callback_set(handle_.get(), on_connect);
  mosquitto_disconnect_callback_set(handle_.get(), on_disconnect);
  mosquitto_log_callback_set(handle_.get(), on_log);
  mosquitto_message_callback_set(handle_.get(),
                                 [](mosquitto*, void* self, const mosquitto_message* message) {
                                   if (self_of(self).events_.message)
                                     self_of(self).events_.message(*message);
                                 });
  mosquitto_publish_callback_set(handle_.get(), [](mosquitto*, void* self, int message_id) {
    if (self_of(self).events_.published) self_of(self).events_.published(message_id);
  });
  return set_security(error);
}

bool Client::set_security(std::string& error) {
  const TlsClient& tls = options_.tls;
  int code = MOSQ_ERR_SUCCESS;
  if (tls.on) {
    code = mosquitto_tls_set(handle_.get(), path_or_null(tls.ca_file),
                             tls.ca_file.empty() ? "/etc/ssl/certs" : nullptr,
                             path_or_null(tls.cert_file), path_or_null(tls.key_file), nullptr);
    if (code == MOSQ_ERR_SUCCESS && !tls.verify) {
      mosquitto_tls_insecure_set(handle_.get(), true);
      code = mosquitto_tls_opts_set(handle_.get(), kVerifyNothing, nullptr, nullptr);
    }
  }
  if (code == MOSQ_ERR_SUCCESS && !options_.login.user.empty()) {
    code = mosquitto_username_pw_set(handle_.get(), options_.login.user.c_str(),
                                     options_.login.password.c_str());
  }
  if (code == MOSQ_ERR_SUCCESS) return true;
  error = std::string("mqtt: TLS or login cannot be set: ") + problem_of(code);
  return false;
}

void Client::serve(std::chrono::milliseconds timeout, bool reading) {
  auto now = Clock::now();
  if (reading) resting_ = false;
  if (mosquitto_socket(handle_.get()) < 0 && !resting_ && now >= next_attempt_) connect(now);

  const int fd = mosquitto_socket(handle_.get());
  if (fd < 0) {
    if (!resting_) {
      timeout =
          std::min(timeout, std::chrono::ceil<std::chrono::milliseconds>(next_attempt_ - now));
    }
    wake_.wait_for(-1, 0, std::max(timeout, 0ms));
    return;
  }
  // Until the broker has let us in there is no message that could be read.
  reading = reading || !connected_;
  const int events = (reading ? POLLIN : 0) | (mosquitto_want_write(handle_.get()) ? POLLOUT : 0);
  timeout = std::min<std::chrono::milliseconds>(timeout, kMisc);
  // TLS may hold what the socket no longer shows.
  if (options_.tls.on && reading) timeout = std::min<std::chrono::milliseconds>(timeout, 20ms);
  const bool ready = wake_.wait_for(fd, static_cast<short>(events), timeout);
  if (reading && (ready || options_.tls.on) && mosquitto_socket(handle_.get()) >= 0) {
    // Before anything is written: of a connection that broke, what has arrived still counts.
    mosquitto_loop_read(handle_.get(), 1);
  }
  if (mosquitto_want_write(handle_.get())) mosquitto_loop_write(handle_.get(), 1);
  if (mosquitto_socket(handle_.get()) >= 0) mosquitto_loop_misc(handle_.get());

  now = Clock::now();
  if (!connected_ && now >= give_up_ && mosquitto_socket(handle_.get()) >= 0) {
    // libmosquitto has no call that drops a connection; it notices that this one is gone.
    ::shutdown(mosquitto_socket(handle_.get()), SHUT_RDWR);
    mosquitto_loop_read(handle_.get(), 1);
  }
}

void Client::connect(Clock::time_point now) {
  give_up_ = now + kConnectWait;
  const int code = mosquitto_connect_async(handle_.get(), options_.host.c_str(), options_.port,
                                           static_cast<int>(options_.keep_alive.count()));
  if (code != MOSQ_ERR_SUCCESS) lost(code);
}

void Client::lost(int code) {
  connected_ = false;
  if (resting_) return;
  problem_ = "mqtt: " + options_.host + ":" + std::to_string(options_.port) + ": " +
             (code == 0 ? "the connection was closed" : problem_of(code));
  next_attempt_ = Clock::now() + back_off_.next();
  if (std::exchange(told_away_, true)) return;
  if (events_.away) events_.away(problem_);
}

void Client::rest() {
  if (resting_) return;
  resting_ = true;
  if (mosquitto_socket(handle_.get()) < 0) return;
  write_all();
  mosquitto_disconnect(handle_.get());
  write_all();
}

void Client::on_connect(mosquitto*, void* self, int code, int flags) {
  Client& client = self_of(self);
  if (code != 0) {
    client.notices_->note(
        Notices::Level::kError, "mqtt_refused",
        std::string("mqtt: the broker refuses us: ") + mosquitto_connack_string(code));
    return;  // the broker closes the connection
  }
  client.connected_ = true;
  client.told_away_ = false;
  client.back_off_.reset();
  client.problem_.clear();
  client.events_.connected((flags & 1) != 0);
}

void Client::on_disconnect(mosquitto*, void* self, int code) {
  self_of(self).lost(code);
}

void Client::on_log(mosquitto*, void* self, int level, const char* text) {
  if (level != MOSQ_LOG_WARNING && level != MOSQ_LOG_ERR) return;
  self_of(self).notices_->note(Notices::Level::kWarning, "mqtt_client", text);
}

}  // namespace weir::connectors::mqtt
