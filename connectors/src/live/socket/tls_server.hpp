// TLS of a server's connections, by OpenSSL.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <span>
#include <string>

#include "live/server_tls.hpp"

namespace weir::connectors {

struct FreeSsl {
  void operator()(SSL* session) const noexcept { ::SSL_free(session); }
};

/// One client's session over a socket that does not block and outlives it.
class TlsSession {
 public:
  TlsSession(SSL_CTX& context, int socket);

  enum class State : std::uint8_t {
    kBytes,
    kWaitToRead,   // until the socket has bytes
    kWaitToWrite,  // until it takes some
    kEnd,          // the client has said so
    kBroken,       // or it has gone without
  };
  /// Shakes hands first. `bytes`: how many are in `room`.
  State read(std::span<char> room, std::size_t& bytes);
  bool shaken_hands() const noexcept { return ::SSL_is_init_finished(session_.get()) != 0; }

 private:
  std::unique_ptr<SSL, FreeSsl> session_;
};

/// make_server_tls() for clients that only write.
TlsContext make_tls_server(const TlsServer& options, std::string& error);

}  // namespace weir::connectors
