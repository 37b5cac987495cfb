#include "live/http/listener.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <string_view>

#include "live/listen.hpp"

namespace weir::connectors {
namespace {

/// Connections that the system holds for us until there is room for them.
constexpr int kBacklog = 1024;

/// HOST:PORT, the host of IPv6 in brackets.
bool is_address(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == address.npos || colon + 1 == address.size()) return false;
  const std::string port(address.substr(colon + 1));
  if (port.find_first_not_of("0123456789") != port.npos || port.size() > 5) return false;
  if (std::stoul(port) > 65535) return false;
  const std::string_view host = address.substr(0, colon);
  return host.find(':') == host.npos || (host.starts_with('[') && host.ends_with(']'));
}

bool is_loopback(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return (ntohl(v4.sin_addr.s_addr) >> 24U) == 127;
  }
  return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr) != 0;
}

std::uint16_t port_of(const sockaddr_storage& address) {
  return ntohs(address.ss_family == AF_INET
                   ? reinterpret_cast<const sockaddr_in&>(address).sin_port
                   : reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
}

}  // namespace

bool open_listener(const std::string& address, Listener& listener, std::string& error) {
  if (!is_address(address)) {
    error = fmt::format("`{}` is no address to listen at, such as 127.0.0.1:9464", address);
    return false;
  }
  listener.socket = listen_tcp(address, error, kBacklog);
  if (!listener.socket) {
    error = "cannot listen at " + error;
    return false;
  }
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (getsockname(listener.socket.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    error = "cannot listen at " + system_problem(address, errno);
    return false;
  }
  listener.port = port_of(bound);
  listener.loopback = is_loopback(bound);
  return true;
}

}  // namespace weir::connectors
