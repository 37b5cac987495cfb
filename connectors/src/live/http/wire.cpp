#include "live/http/wire.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

namespace weir::connectors {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

int milliseconds_until(Deadline deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
}

}  // namespace

Wire::Wire(int socket, SSL_CTX* tls) : socket_(socket) {
  fcntl(socket_, F_SETFL, fcntl(socket_, F_GETFL) | O_NONBLOCK);
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (tls == nullptr) return;
  ssl_ = SSL_new(tls);
  if (ssl_ != nullptr) SSL_set_fd(ssl_, socket_);
  broken_ = ssl_ == nullptr;
}

Wire::~Wire() {
  SSL_free(ssl_);
  ::close(socket_);
}

Wire::Io Wire::wait(short events, Deadline deadline) const {
  pollfd asked{socket_, events, 0};
  while (true) {
    // Not even once more: a far end that always has a byte ready would never be done.
    if (steady_clock::now() >= deadline) return Io::kTimeOut;
    const int ready = ::poll(&asked, 1, milliseconds_until(deadline));
    if (ready > 0) return Io::kOk;  // errors are told by the call that follows
    if (ready == 0) return Io::kTimeOut;
    if (errno != EINTR) return Io::kClosed;
  }
}

Wire::Io Wire::wait_tls(int result, Deadline deadline) const {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
      return wait(POLLIN, deadline);
    case SSL_ERROR_WANT_WRITE:
      return wait(POLLOUT, deadline);
    default:
      return Io::kClosed;
  }
}

Wire::Io Wire::handshake(Deadline deadline) {
  if (broken_) return Io::kClosed;
  if (ssl_ == nullptr) return Io::kOk;
  while (true) {
    ERR_clear_error();
    const int result = SSL_accept(ssl_);
    if (result == 1) return Io::kOk;
    if (const Io io = wait_tls(result, deadline); io != Io::kOk) {
      broken_ = true;
      return io;
    }
  }
}

Wire::Io Wire::read(std::span<char> out, std::size_t& got, Deadline deadline) {
  got = 0;
  while (true) {
    Io io = Io::kOk;
    if (ssl_ != nullptr) {
      ERR_clear_error();
      const int n =
          SSL_read(ssl_, out.data(),
                   static_cast<int>(std::min<std::size_t>(out.size(), std::size_t{INT_MAX})));
      if (n > 0) {
        got = static_cast<std::size_t>(n);
        return Io::kOk;
      }
      io = wait_tls(n, deadline);
      if (io == Io::kClosed) broken_ = SSL_get_shutdown(ssl_) == 0;
    } else {
      const ssize_t n = ::recv(socket_, out.data(), out.size(), 0);
      if (n > 0) {
        got = static_cast<std::size_t>(n);
        return Io::kOk;
      }
      if (n == 0) return Io::kClosed;
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return Io::kClosed;
      io = wait(POLLIN, deadline);
    }
    if (io != Io::kOk) return io;
  }
}

Wire::Io Wire::write(std::string_view bytes, milliseconds patience) {
  while (!bytes.empty()) {
    Io io = Io::kOk;
    const Deadline deadline = steady_clock::now() + patience;
    if (ssl_ != nullptr) {
      if (broken_) return Io::kClosed;
      ERR_clear_error();
      const int n =
          SSL_write(ssl_, bytes.data(),
                    static_cast<int>(std::min<std::size_t>(bytes.size(), std::size_t{INT_MAX})));
      if (n > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(n));
        continue;
      }
      io = wait_tls(n, deadline);
      if (io == Io::kClosed) broken_ = true;
    } else {
      const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(n));
        continue;
      }
      if (n < 0 && errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return Io::kClosed;
      io = wait(POLLOUT, deadline);
    }
    if (io != Io::kOk) return io;
  }
  return Io::kOk;
}

bool Wire::far_end_gone() const {
  pollfd asked{socket_, POLLRDHUP, 0};
  return ::poll(&asked, 1, 0) > 0;
}

void Wire::finish(Deadline deadline) {
  if (ssl_ != nullptr && !broken_) {
    ERR_clear_error();
    SSL_shutdown(ssl_);  // our goodbye; the far end's is not waited for
  }
  ::shutdown(socket_, SHUT_WR);
  std::array<char, 16384> dropped;
  while (steady_clock::now() < deadline) {
    const ssize_t n = ::recv(socket_, dropped.data(), dropped.size(), 0);
    if (n > 0 || (n < 0 && errno == EINTR)) continue;
    if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) return;
    if (wait(POLLIN, deadline) != Io::kOk) return;
  }
}

void Wire::stop_reading() const noexcept {
  ::shutdown(socket_, SHUT_RD);
}

void Wire::cut() const noexcept {
  ::shutdown(socket_, SHUT_RDWR);
}

}  // namespace weir::connectors
