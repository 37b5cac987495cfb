#include "live/socket/tls_server.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <limits>

namespace weir::connectors {
TlsSession::TlsSession(SSL_CTX& context, int socket) : session_(::SSL_new(&context)) {
  ::SSL_set_fd(session_.get(), socket);
  ::SSL_set_accept_state(session_.get());
}

TlsSession::State TlsSession::read(std::span<char> room, std::size_t& bytes) {
  bytes = 0;
  ::ERR_clear_error();
  const int wanted =
      static_cast<int>(std::min<std::size_t>(room.size(), std::numeric_limits<int>::max()));
  const int n = ::SSL_read(session_.get(), room.data(), wanted);
  if (n > 0) {
    bytes = static_cast<std::size_t>(n);
    return State::kBytes;
  }
  const int code = ::SSL_get_error(session_.get(), n);
  ::ERR_clear_error();
  switch (code) {
    case SSL_ERROR_WANT_READ:
      return State::kWaitToRead;
    case SSL_ERROR_WANT_WRITE:
      return State::kWaitToWrite;
    case SSL_ERROR_ZERO_RETURN:
      return State::kEnd;
    default:
      return State::kBroken;
  }
}

TlsContext make_tls_server(const TlsServer& options, std::string& error) {
  TlsContext context = make_server_tls(options, error);
  if (context == nullptr) return nullptr;
  // Sessions are not resumed: nothing has to be kept of a client that has gone. Nor are tickets
  // sent: a client that only writes would close with them unread, which makes the system throw away
  // what it has sent last.
  ::SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_num_tickets(context.get(), 0);
  ::SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
  return context;
}

}  // namespace weir::connectors
