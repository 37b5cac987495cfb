// Where a server of ours listens.
#pragma once

#include <cstdint>
#include <string>

#include "live/descriptor.hpp"

namespace weir::connectors {

struct Listener {
  Descriptor socket;  // listening, non-blocking, closed on exec
  std::uint16_t port = 0;
  bool loopback = true;  // nobody but this machine can reach it
};

/// "host:port", "[v6]:port", ":port" for every IPv4 address. False, with `error` a sentence, where
/// that cannot be.
bool open_listener(const std::string& address, Listener& listener, std::string& error);

}  // namespace weir::connectors
