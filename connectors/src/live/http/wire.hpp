// A connected socket, plain or TLS, on which every wait has an end.
#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>

namespace weir::connectors {

using Deadline = std::chrono::steady_clock::time_point;

/// Used by one thread, but for stop_reading() and cut().
class Wire {
 public:
  enum class Io : std::uint8_t { kOk, kClosed, kTimeOut };

  /// Takes the socket over. `tls`: null for none; it outlives the wire.
  Wire(int socket, SSL_CTX* tls);
  ~Wire();  // closes
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  Io handshake(Deadline deadline);
  /// At least one byte into `out`, `got` of them.
  Io read(std::span<char> out, std::size_t& got, Deadline deadline);
  /// All of `bytes`. Each wait for room lasts at most `patience`.
  Io write(std::string_view bytes, std::chrono::milliseconds patience);
  /// The far end has closed its side, or the connection is broken. Does not wait.
  bool far_end_gone() const;
  /// Ends our side, and drops what still comes until the far end has ended its own: to close with
  /// bytes unread would take the answer away from a client that is still sending.
  void finish(Deadline deadline);

  /// A read under way, and each later one, says kClosed.
  void stop_reading() const noexcept;
  /// The same of writes, too.
  void cut() const noexcept;

 private:
  Io wait(short events, Deadline deadline) const;
  /// What an SSL call that gave `result` has to wait for; kOk: call again.
  Io wait_tls(int result, Deadline deadline) const;

  int socket_;
  SSL* ssl_ = nullptr;
  bool broken_ = false;  // TLS: no goodbye may be said
};

}  // namespace weir::connectors
