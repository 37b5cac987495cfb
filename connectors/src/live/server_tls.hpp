// What every TLS server of ours has in common: its certificate, its key, whom it lets in.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "weir/connectors/live/security.hpp"

namespace weir::connectors {

struct FreeTlsContext {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, FreeTlsContext>;

/// TLS 1.2 and up; of sessions and modes OpenSSL's defaults. Null, with `error` a sentence, where
/// the files do not do.
TlsContext make_server_tls(const TlsServer& options, std::string& error);

}  // namespace weir::connectors
