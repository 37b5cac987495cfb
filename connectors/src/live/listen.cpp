#include "live/listen.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <memory>

namespace weir::connectors {
namespace {

/// What the system holds of datagrams that are not read yet, where it lets us have so much.
constexpr int kDatagramBuffer = 4 << 20;
constexpr int kSocketFlags = SOCK_CLOEXEC | SOCK_NONBLOCK;

struct FreeAddresses {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

/// HOST:PORT, [IPV6]:PORT, or :PORT for all addresses.
Addresses resolve(const std::string& address, int type, std::string& error) {
  const std::size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon == std::string::npos ? 0 : colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (colon == std::string::npos || colon + 1 == address.size()) {
    error = address + ": write HOST:PORT";
    return nullptr;
  }
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = type;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), address.c_str() + colon + 1,
                                 &hints, &found);
  if (code != 0) error = address + ": " + ::gai_strerror(code);
  return Addresses(code == 0 ? found : nullptr);
}

void set_option(int socket, int level, int name, int value) {
  ::setsockopt(socket, level, name, &value, sizeof value);
}

/// Bound to the first of the addresses that will have it.
Descriptor bind_to(const std::string& address, int type, std::string& error) {
  const Addresses found = resolve(address, type, error);
  for (const addrinfo* at = found.get(); at != nullptr; at = at->ai_next) {
    Descriptor socket(::socket(at->ai_family, type | kSocketFlags, at->ai_protocol));
    if (socket && type == SOCK_STREAM) set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (socket && ::bind(socket.get(), at->ai_addr, at->ai_addrlen) == 0) return socket;
    error = system_problem(address, errno);
  }
  return {};
}

}  // namespace

Descriptor listen_tcp(const std::string& address, std::string& error, int backlog) {
  Descriptor socket = bind_to(address, SOCK_STREAM, error);
  if (socket && ::listen(socket.get(), backlog) != 0) {
    error = system_problem(address, errno);
    socket.reset();
  }
  return socket;
}

Descriptor bind_udp(const std::string& address, std::string& error) {
  Descriptor socket = bind_to(address, SOCK_DGRAM, error);
  if (socket) {
    set_option(socket.get(), SOL_SOCKET, SO_RCVBUF, kDatagramBuffer);
    set_option(socket.get(), SOL_SOCKET, SO_RXQ_OVFL, 1);
  }
  return socket;
}

Descriptor listen_unix(const std::string& path, std::string& error) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    error = path + ": the path of a Unix socket has at most " +
            std::to_string(sizeof address.sun_path - 1) + " bytes";
    return {};
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const auto* const named = reinterpret_cast<const sockaddr*>(&address);
  struct stat info {};
  const Descriptor caller(::socket(AF_UNIX, SOCK_STREAM | kSocketFlags, 0));
  // A file of another kind is not ours to delete.
  if (::lstat(path.c_str(), &info) == 0 && S_ISSOCK(info.st_mode) &&
      ::connect(caller.get(), named, sizeof address) != 0 && errno == ECONNREFUSED) {
    ::unlink(path.c_str());
  }
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | kSocketFlags, 0));
  if (!socket || ::bind(socket.get(), named, sizeof address) != 0 ||
      ::listen(socket.get(), SOMAXCONN) != 0) {
    error = system_problem(path, errno);
    socket.reset();
  }
  return socket;
}

std::string local_address(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  char host[NI_MAXHOST] = "";
  char port[NI_MAXSERV] = "";
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      ::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host, sizeof host, port,
                    sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "?";
  }
  if (address.ss_family == AF_INET6) return fmt::format("[{}]:{}", host, port);
  return fmt::format("{}:{}", host, port);
}

}  // namespace weir::connectors
