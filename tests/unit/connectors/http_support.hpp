// What the tests of HTTP share: a raw client, other people's clients, an engine that takes
// everything.
#pragma once

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gzip.hpp"
#include "temp_folder.hpp"
#include "weir/connectors/live/http.hpp"

namespace weir::connectors::test {

using namespace std::chrono_literals;

class Notes final : public Notices {
 public:
  void note(Level, std::string_view reason, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    all_ += fmt::format("{}: {}\n", reason, text);
  }
  bool has(std::string_view reason) const {
    const std::lock_guard lock(mutex_);
    return all_.find(fmt::format("{}: ", reason)) != std::string::npos;
  }
  std::string all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  mutable std::mutex mutex_;
  std::string all_;
};

/// A socket, for what no well-behaved client does. Waits at most ten seconds for anything.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{10, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
  }
  ~RawClient() { close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  /// All until the server closes.
  std::string rest() {
    std::string all;
    while (some(all)) {
    }
    return all;
  }
  /// Until `text` has come, or no more does.
  std::string until(std::string_view text) {
    std::string all;
    while (all.find(text) == std::string::npos && some(all)) {
    }
    return all;
  }
  void end_sending() { ::shutdown(socket_, SHUT_WR); }
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }

 private:
  bool some(std::string& all) {
    char bytes[4096];
    const ssize_t n = ::recv(socket_, bytes, sizeof bytes, 0);
    if (n <= 0) return false;
    all.append(bytes, static_cast<std::size_t>(n));
    return true;
  }
  int socket_;
};

/// Standard output of a command; its exit code where asked for.
inline std::string run(const std::string& command, int* code = nullptr) {
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string out;
  char bytes[4096];
  while (const std::size_t n = std::fread(bytes, 1, sizeof bytes, pipe)) out.append(bytes, n);
  const int status = ::pclose(pipe);
  if (code != nullptr) *code = WEXITSTATUS(status);
  return out;
}

inline std::string post(std::string_view path, std::string_view body,
                        std::string_view headers = "") {
  return fmt::format("POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n{}\r\n{}", path,
                     body.size(), headers, body);
}

/// Takes what a source gives, as an engine would, on a thread of its own. A record that begins with
/// "bad" is refused.
class Engine {
 public:
  explicit Engine(Source& source) : source_(source), thread_([this] { drive(); }) {}
  ~Engine() {
    stopped_ = true;
    source_.wake();
    thread_.join();
  }

  std::vector<std::string> records() const {
    const std::lock_guard lock(mutex_);
    return records_;
  }
  std::uint64_t next_offset() const {
    const std::lock_guard lock(mutex_);
    return next_offset_;
  }
  std::size_t largest_block() const {
    const std::lock_guard lock(mutex_);
    return largest_block_;
  }
  bool offsets_count_up() const {
    const std::lock_guard lock(mutex_);
    return in_order_;
  }
  /// Settles nothing until it is told to go on.
  std::atomic<bool> holds{false};
  std::atomic<int> drained{0};
  std::atomic<int> pause{-1};  // 0, 1: to be passed on to the source

 private:
  void drive() {
    Polled polled;
    while (!stopped_) {
      if (const int wanted = pause.exchange(-1); wanted >= 0) source_.pause(0, wanted == 1);
      source_.poll(polled, 20ms);
      if (polled.kind == Polled::Kind::kDrained) ++drained;
      if (polled.kind == Polled::Kind::kOpened) {
        const std::lock_guard lock(mutex_);
        next_offset_ = polled.next_offset;
      }
      if (polled.kind != Polled::Kind::kRecords) continue;
      std::vector<RefusedRecord> refused;
      {
        const std::lock_guard lock(mutex_);
        largest_block_ = std::max(largest_block_, polled.block.records.size());
        std::size_t index = 0;
        for (const RawRecord& record : polled.block.records) {
          if (record.offset != next_offset_++) in_order_ = false;
          if (record.bytes.starts_with("bad")) {
            refused.push_back({index, RejectReason::kJsonInvalid, "said \"bad\""});
          }
          records_.emplace_back(record.bytes);
          ++index;
        }
        if (polled.next_offset != next_offset_) in_order_ = false;
      }
      while (holds && !stopped_) std::this_thread::sleep_for(2ms);
      if (!stopped_) source_.settled(polled.ticket, refused);
    }
  }

  Source& source_;
  mutable std::mutex mutex_;
  std::vector<std::string> records_;
  std::uint64_t next_offset_ = 0;
  std::size_t largest_block_ = 0;
  bool in_order_ = true;
  std::atomic<bool> stopped_{false};
  std::thread thread_;  // last: it uses the others
};

/// Until `reached`, for at most 20 seconds.
inline bool eventually(const std::function<bool()>& reached) {
  for (int i = 0; i < 4000; ++i) {
    if (reached()) return true;
    std::this_thread::sleep_for(5ms);
  }
  return false;
}

}  // namespace weir::connectors::test
