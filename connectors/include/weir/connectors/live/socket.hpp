// Lines over TCP and Unix sockets, and syslog over TCP and UDP.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "weir/connectors/live/security.hpp"
#include "weir/connectors/live/source.hpp"

namespace weir::connectors {

struct SocketSourceOptions {
  enum class Framing : std::uint8_t {
    kLines,
    kSyslog,  // RFC 6587: octet counting or lines, told by each message's first byte
  };
  std::string tcp;        // host:port ("127.0.0.1:5514", "[::1]:5514"); empty: none
  std::string udp;        // one record a datagram; empty: none
  std::string unix_path;  // stream socket; empty: none
  Framing framing = Framing::kLines;
  TlsServer tls;  // of tcp
  std::size_t max_connections = 256;
  std::size_t max_record_bytes = kMaxRecordBytes;
  std::chrono::seconds idle_close{600};  // a connection that says nothing for so long is closed
};

/// One partition; the offset counts records. While it is paused, sockets are not read, so that TCP
/// holds its senders back; datagrams that the system then drops are counted and told, where it says
/// so.
std::unique_ptr<Source> make_socket_source(SocketSourceOptions options, StartOffsets start,
                                           Notices& notices, std::string& error);

}  // namespace weir::connectors
