#include "live/server_tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>

#include <string_view>

namespace weir::connectors {
namespace {

/// `what`: the part that the file is for. OpenSSL's queue of errors is empty then.
std::string tls_problem(std::string_view what, const std::string& file) {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return fmt::format("{}: cannot be used as {}: {}", file, what,
                     reason == nullptr ? "OpenSSL does not say why" : reason);
}

}  // namespace

TlsContext make_server_tls(const TlsServer& options, std::string& error) {
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) {
    error = "OpenSSL gives no TLS context";
    return nullptr;
  }
  SSL_CTX* const tls = context.get();
  SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
  if (SSL_CTX_use_certificate_chain_file(tls, options.cert_file.c_str()) != 1) {
    error = tls_problem("the certificate", options.cert_file);
    return nullptr;
  }
  if (SSL_CTX_use_PrivateKey_file(tls, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(tls) != 1) {
    error = tls_problem("the key", options.key_file);
    return nullptr;
  }
  if (options.client_ca_file.empty()) return context;
  const char* const ca = options.client_ca_file.c_str();
  if (SSL_CTX_load_verify_locations(tls, ca, nullptr) != 1) {
    error = tls_problem("the clients' CA", options.client_ca_file);
    return nullptr;
  }
  SSL_CTX_set_client_CA_list(tls, SSL_load_client_CA_file(ca));
  SSL_CTX_set_verify(tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return context;
}

}  // namespace weir::connectors
