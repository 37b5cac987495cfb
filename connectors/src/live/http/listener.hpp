// What a server of ours needs before its first connection: an address to listen at, a certificate.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>

#include "weir/connectors/live/security.hpp"

namespace weir::connectors {

struct Listener {
  int socket = -1;  // listening, non-blocking, closed on exec; the caller's
  std::uint16_t port = 0;
  bool loopback = true;  // nobody but this machine can reach it
};

/// "host:port", "[v6]:port", ":port" for every IPv4 address. False, with `error` a sentence, where
/// that cannot be.
bool open_listener(const std::string& address, Listener& listener, std::string& error);

struct FreeTlsContext {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, FreeTlsContext>;

/// TLS 1.2 and up. Null, with `error` a sentence, where the files do not do.
TlsContext make_server_tls(const TlsServer& options, std::string& error);

}  // namespace weir::connectors
