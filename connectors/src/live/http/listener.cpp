#include "live/http/listener.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace weir::connectors {
namespace {

/// Connections that the system holds for us until there is room for them.
constexpr int kBacklog = 1024;

bool split_address(std::string_view address, std::string& host, std::string& port) {
  const std::size_t colon = address.rfind(':');
  if (colon == address.npos || colon + 1 == address.size()) return false;
  port = address.substr(colon + 1);
  if (port.find_first_not_of("0123456789") != port.npos || port.size() > 5) return false;
  if (std::stoul(port) > 65535) return false;
  std::string_view name = address.substr(0, colon);
  if (name.starts_with('[') && name.ends_with(']')) {
    name = name.substr(1, name.size() - 2);
  } else if (name.find(':') != name.npos) {
    return false;
  }
  host = name;
  return true;
}

bool is_loopback(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    return (ntohl(v4->sin_addr.s_addr) >> 24U) == 127;
  }
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
  return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr) != 0;
}

std::uint16_t port_of(int socket) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return 0;
  return ntohs(bound.ss_family == AF_INET
                   ? reinterpret_cast<const sockaddr_in*>(&bound)->sin_port
                   : reinterpret_cast<const sockaddr_in6*>(&bound)->sin6_port);
}

/// -1, with errno, where it cannot listen there.
int listen_at(const addrinfo& at) {
  const int socket =
      ::socket(at.ai_family, at.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, at.ai_protocol);
  if (socket < 0) return -1;
  const int on = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket, at.ai_addr, at.ai_addrlen) == 0 && ::listen(socket, kBacklog) == 0) {
    return socket;
  }
  const int problem = errno;
  ::close(socket);
  errno = problem;
  return -1;
}

std::string tls_problem(std::string_view what, const std::string& file) {
  std::array<char, 256> text{};
  const unsigned long code = ERR_peek_last_error();
  if (code != 0) ERR_error_string_n(code, text.data(), text.size());
  ERR_clear_error();
  return fmt::format("{} {} cannot be used: {}", what, file,
                     code == 0 ? "OpenSSL does not say why" : text.data());
}

}  // namespace

bool open_listener(const std::string& address, Listener& listener, std::string& error) {
  std::string host;
  std::string port;
  if (!split_address(address, host, port)) {
    error = fmt::format("`{}` is no address to listen at, such as 127.0.0.1:9464", address);
    return false;
  }
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int looked_up =
      getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &wanted, &found);
  if (looked_up != 0) {
    error = fmt::format("cannot listen at {}: {}", address, gai_strerror(looked_up));
    return false;
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, freeaddrinfo);
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    listener.socket = listen_at(*at);
    if (listener.socket < 0) continue;
    listener.port = port_of(listener.socket);
    listener.loopback = is_loopback(at->ai_addr);
    return true;
  }
  error = fmt::format("cannot listen at {}: {}", address, std::strerror(errno));
  return false;
}

TlsContext make_server_tls(const TlsServer& options, std::string& error) {
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) {
    error = "OpenSSL gives no TLS context";
    return nullptr;
  }
  SSL_CTX* const tls = context.get();
  SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
  SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // A write that has to wait is repeated with what is left, wherever that lies.
  SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
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
  // Sessions that a client takes up again are bound to a context of ours.
  constexpr std::string_view kSession = "weir";
  SSL_CTX_set_session_id_context(tls, reinterpret_cast<const unsigned char*>(kSession.data()),
                                 static_cast<unsigned>(kSession.size()));
  return context;
}

}  // namespace weir::connectors
