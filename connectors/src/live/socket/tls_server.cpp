#include "live/socket/tls_server.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <limits>

namespace weir::connectors {
namespace {

/// What OpenSSL says of the last failure; its queue is empty then.
std::string tls_problem(const std::string& file) {
  const char* const reason = ::ERR_reason_error_string(::ERR_peek_last_error());
  ::ERR_clear_error();
  return file + ": " + (reason == nullptr ? "cannot be used for TLS" : reason);
}

}  // namespace

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

std::unique_ptr<SSL_CTX, FreeSsl> make_tls_server(const TlsServer& options, std::string& error) {
  std::unique_ptr<SSL_CTX, FreeSsl> context(::SSL_CTX_new(::TLS_server_method()));
  ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  // Sessions are not resumed: nothing has to be kept of a client that has gone. Nor are tickets
  // sent: a client that only writes would close with them unread, which makes the system throw away
  // what it has sent last.
  ::SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_num_tickets(context.get(), 0);
  ::SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
  if (::SSL_CTX_use_certificate_chain_file(context.get(), options.cert_file.c_str()) != 1) {
    error = tls_problem(options.cert_file);
    return nullptr;
  }
  if (::SSL_CTX_use_PrivateKey_file(context.get(), options.key_file.c_str(), SSL_FILETYPE_PEM) !=
          1 ||
      ::SSL_CTX_check_private_key(context.get()) != 1) {
    error = tls_problem(options.key_file);
    return nullptr;
  }
  if (options.client_ca_file.empty()) return context;
  const char* const ca = options.client_ca_file.c_str();
  if (::SSL_CTX_load_verify_locations(context.get(), ca, nullptr) != 1) {
    error = tls_problem(options.client_ca_file);
    return nullptr;
  }
  ::SSL_CTX_set_client_CA_list(context.get(), ::SSL_load_client_CA_file(ca));
  ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return context;
}

}  // namespace weir::connectors
