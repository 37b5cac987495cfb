// One client of a socket source.
#pragma once

#include <chrono>
#include <memory>

#include "input/record_splitter.hpp"
#include "live/descriptor.hpp"
#include "live/socket/tls_server.hpp"

namespace weir::connectors {

/// Asked of a connection at a time.
inline constexpr std::size_t kConnectionReadBytes = 64 * 1024;

class Connection {
 public:
  using Clock = std::chrono::steady_clock;

  /// `tls`: null, there is none.
  Connection(Descriptor socket, std::unique_ptr<TlsSession> tls, RecordSplitter splitter,
             Clock::time_point now)
      : socket_(std::move(socket)),
        tls_(std::move(tls)),
        splitter_(std::move(splitter)),
        last_record_(now) {}

  enum class Got : std::uint8_t {
    kRecords,   // and maybe there are more
    kMore,      // no record yet, but maybe more bytes of it: others have their turn first
    kNothing,   // for now
    kWantsOut,  // for now: TLS has to write first
    kClosed,    // for good
  };
  Got read(RecordBlock& block, Clock::time_point now);

  int descriptor() const noexcept { return socket_.get(); }
  /// When it had its last record, was accepted, or was let go on.
  Clock::time_point last_record() const noexcept { return last_record_; }
  void let_go_on(Clock::time_point now) noexcept { last_record_ = now; }
  /// Memory that it holds.
  std::size_t bytes() const noexcept { return splitter_.capacity(); }
  bool shaken_hands() const noexcept { return tls_ == nullptr || tls_->shaken_hands(); }

 private:
  TlsSession::State read_some(std::size_t& bytes);

  Descriptor socket_;
  std::unique_ptr<TlsSession> tls_;
  RecordSplitter splitter_;
  Clock::time_point last_record_;
  bool ended_ = false;
};

}  // namespace weir::connectors
