#include "live/socket/connection.hpp"

#include <sys/socket.h>

#include "weir/connectors/live/source.hpp"

namespace weir::connectors {

Connection::Got Connection::read(RecordBlock& block, Clock::time_point now) {
  // A line without end is no reason to read on for ever.
  for (std::size_t asked = 0; asked < kMaxPolledBytes; asked += kConnectionReadBytes) {
    if (splitter_.take(block, kMaxPolledRecords)) {
      last_record_ = now;
      return Got::kRecords;
    }
    if (ended_) return Got::kClosed;
    std::size_t bytes = 0;
    switch (read_some(bytes)) {
      case TlsSession::State::kBytes:
        splitter_.added(bytes);
        break;
      case TlsSession::State::kWaitToRead:
        return Got::kNothing;
      case TlsSession::State::kWaitToWrite:
        return Got::kWantsOut;
      case TlsSession::State::kEnd:
        splitter_.end();
        ended_ = true;
        break;
      case TlsSession::State::kBroken:
        splitter_.end(true);
        ended_ = true;
        break;
    }
  }
  return Got::kMore;
}

TlsSession::State Connection::read_some(std::size_t& bytes) {
  using State = TlsSession::State;
  const std::span<char> room = splitter_.room(kConnectionReadBytes);
  if (tls_ != nullptr) return tls_->read(room, bytes);
  while (true) {
    const ssize_t n = ::recv(socket_.get(), room.data(), room.size(), 0);
    if (n > 0) {
      bytes = static_cast<std::size_t>(n);
      return State::kBytes;
    }
    if (n == 0) return State::kEnd;
    if (errno == EINTR) continue;
    return errno == EAGAIN || errno == EWOULDBLOCK ? State::kWaitToRead : State::kBroken;
  }
}

}  // namespace weir::connectors
