// Sockets that listen.
#pragma once

#include <sys/socket.h>

#include <string>

#include "live/descriptor.hpp"

namespace weir::connectors {

/// A socket that listens, or that datagrams come to; never blocks. Empty, with `error`, where it
/// cannot be had. `backlog`: connections that the system holds until they are accepted.
Descriptor listen_tcp(const std::string& address, std::string& error, int backlog = SOMAXCONN);
Descriptor bind_udp(const std::string& address, std::string& error);
/// Takes the place of a socket that nobody listens at any more.
Descriptor listen_unix(const std::string& path, std::string& error);

/// "127.0.0.1:5514", as it turned out to be (a port of 0 is the system's choice).
std::string local_address(int socket);

}  // namespace weir::connectors
