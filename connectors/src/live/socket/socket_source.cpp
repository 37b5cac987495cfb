// Lines and syslog messages over sockets, all of them by one thread.
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>

#include "live/socket/connection.hpp"
#include "live/socket/datagrams.hpp"
#include "live/listen.hpp"
#include "live/wake_event.hpp"
#include "weir/connectors/live/socket.hpp"

namespace weir::connectors {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using Level = Notices::Level;

constexpr std::size_t kReadyAtOnce = 64;
/// Of what connections hold of records that are not whole yet, together. Whoever would exceed it is
/// cut off.
constexpr std::size_t kMaxHeldBytes = std::size_t{64} << 20;
constexpr std::chrono::seconds kHandshakeTime{10};
/// How often connections are looked through for those that say nothing.
constexpr milliseconds kSweepEvery{1000};
/// Where the system has no descriptors left, so long nobody is let in.
constexpr milliseconds kNoRoomPause{1000};

class SocketSource final : public Source {
 public:
  SocketSource(SocketSourceOptions options, std::uint64_t start, Notices& notices)
      : options_(std::move(options)),
        notices_(&notices),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        offset_(start) {
    watch(EPOLL_CTL_ADD, wake_.descriptor(), EPOLLIN);
  }

  ~SocketSource() override {
    if (unix_) ::unlink(options_.unix_path.c_str());
  }

  bool open(std::string& error) {
    if (!options_.tls.cert_file.empty()) {
      tls_ = make_tls_server(options_.tls, error);
      if (tls_ == nullptr) return false;
    }
    if (!options_.tcp.empty()) {
      tcp_ = listen_tcp(options_.tcp, error);
      if (!tcp_) return false;
      listens(tcp_.get(), "tcp:" + local_address(tcp_.get()));
    }
    if (!options_.unix_path.empty()) {
      unix_ = listen_unix(options_.unix_path, error);
      if (!unix_) return false;
      listens(unix_.get(), "unix:" + options_.unix_path);
    }
    if (!options_.udp.empty()) {
      Descriptor socket = bind_udp(options_.udp, error);
      if (!socket) return false;
      listens(socket.get(), "udp:" + local_address(socket.get()));
      datagrams_.emplace(std::move(socket), options_.max_record_bytes);
    }
    if (name_.empty()) error = "a socket source needs one of tcp, udp and unix_path";
    return !name_.empty();
  }

  void poll(Polled& into, milliseconds timeout) override {
    into.text.clear();
    into.ticket = 0;
    into.partition = 0;
    into.next_offset = offset_;
    if (!std::exchange(opened_, true)) {
      into.kind = Polled::Kind::kOpened;
      into.text = name_;
      return;
    }
    into.kind = Polled::Kind::kNothing;
    if (paused_) {
      wake_.wait_for(-1, 0, timeout);
      wake_.clear();
      return;
    }
    const Clock::time_point deadline = Clock::now() + timeout;
    while (!read_ready(into)) {
      const Clock::time_point now = Clock::now();
      if (now >= next_sweep_) sweep(now);
      if (!ready_.empty()) {
        if (now >= deadline || wake_.clear()) return;
        continue;
      }
      // Whoever is told that there is nothing has asked for it without waiting.
      const Clock::time_point until =
          drained_ ? std::max(now, std::min(deadline, next_sweep_)) : now;
      const bool woken = wait(std::chrono::ceil<milliseconds>(until - now));
      if (!ready_.empty()) continue;
      if (!std::exchange(drained_, true)) {
        into.kind = Polled::Kind::kDrained;
        return;
      }
      if (woken || Clock::now() >= deadline) return;
    }
  }

  void pause(std::uint32_t, bool paused) override {
    if (paused_ && !paused) {
      // Nobody is to blame for what was not read.
      for (auto& [fd, client] : clients_) client.connection.let_go_on(Clock::now());
    }
    paused_ = paused;
  }

  void wake() override { wake_.set(); }

 private:
  struct Client {
    Connection connection;
    bool wants_out = false;
  };

  void listens(int socket, const std::string& address) {
    watch(EPOLL_CTL_ADD, socket, EPOLLIN);
    name_ += (name_.empty() ? "" : " ") + address;
    notices_->note(Level::kInfo, "listening", "listening at " + address);
  }

  void watch(int operation, int fd, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    ::epoll_ctl(epoll_.get(), operation, fd, &event);
  }

  /// Fills ready_; says whether wake() was called.
  bool wait(milliseconds timeout) {
    std::array<epoll_event, kReadyAtOnce> events;
    const int n = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                               static_cast<int>(timeout.count()));
    bool woken = false;
    for (int i = 0; i < n; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == wake_.descriptor()) {
        woken = wake_.clear();
      } else {
        ready_.push_back(fd);
      }
    }
    return woken;
  }

  /// Each that is ready once, until one has records.
  bool read_ready(Polled& into) {
    for (std::size_t left = ready_.size(); left > 0 && !ready_.empty(); --left) {
      const int fd = ready_.front();
      ready_.pop_front();
      if (fd == tcp_.get() || fd == unix_.get()) {
        accept_some(fd);
      } else if (datagrams_ && fd == datagrams_->descriptor()) {
        const bool any = datagrams_->read(into.block);
        tell_dropped();
        if (any) return give(into);
      } else if (read_connection(fd, into)) {
        return give(into);
      }
    }
    return false;
  }

  bool give(Polled& into) {
    drained_ = false;
    for (RawRecord& record : into.block.records) record.offset = offset_++;
    into.kind = Polled::Kind::kRecords;
    into.next_offset = offset_;
    return true;
  }

  bool read_connection(int fd, Polled& into) {
    const auto found = clients_.find(fd);
    if (found == clients_.end()) return false;
    auto& [connection, wants_out] = found->second;
    held_bytes_ -= connection.bytes();
    const Connection::Got got = connection.read(into.block, Clock::now());
    held_bytes_ += connection.bytes();
    switch (got) {
      case Connection::Got::kRecords:
      case Connection::Got::kMore:
        // What TLS has decrypted already, the socket does not show as ready.
        ready_.push_back(fd);
        break;
      case Connection::Got::kNothing:
        if (std::exchange(wants_out, false)) watch(EPOLL_CTL_MOD, fd, EPOLLIN);
        break;
      case Connection::Got::kWantsOut:
        if (!std::exchange(wants_out, true)) watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
        break;
      case Connection::Got::kClosed:
        drop(fd);
        return false;
    }
    if (held_bytes_ > kMaxHeldBytes && got != Connection::Got::kRecords) {
      notices_->note(Level::kWarning, "connection_cut_off",
                     name_ +
                         ": a connection was cut off, since all of them together hold more than " +
                         std::to_string(kMaxHeldBytes >> 20) + " MiB of unfinished records");
      drop(fd);
    }
    return got == Connection::Got::kRecords;
  }

  void drop(int fd) {
    const auto found = clients_.find(fd);
    held_bytes_ -= found->second.connection.bytes();
    clients_.erase(found);
    // The number may be another connection's soon.
    std::erase(ready_, fd);
  }

  void accept_some(int listener) {
    for (std::size_t n = 0; n < kReadyAtOnce; ++n) {
      Descriptor socket(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (!socket) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
          notices_->note(Level::kError, "cannot_accept", system_problem(name_, errno));
          // It would stay ready, and be asked again and again.
          watch(EPOLL_CTL_MOD, listener, 0);
          accept_again_ = Clock::now() + kNoRoomPause;
        }
        return;
      }
      if (clients_.size() >= options_.max_connections) {
        notices_->note(Level::kWarning, "too_many_connections",
                       name_ + ": more than " + std::to_string(options_.max_connections) +
                           " connections: the others are turned away");
        continue;
      }
      add_connection(std::move(socket), listener);
    }
  }

  void add_connection(Descriptor socket, int listener) {
    const int fd = socket.get();
    std::unique_ptr<TlsSession> tls;
    if (tls_ != nullptr && listener == tcp_.get()) tls = std::make_unique<TlsSession>(*tls_, fd);
    const RecordFraming framing = options_.framing == SocketSourceOptions::Framing::kSyslog
                                      ? RecordFraming::kSyslog
                                      : RecordFraming::kLines;
    Connection connection(std::move(socket), std::move(tls),
                          RecordSplitter(framing, ',', options_.max_record_bytes), Clock::now());
    clients_.emplace(fd, Client{std::move(connection)});
    watch(EPOLL_CTL_ADD, fd, EPOLLIN);
  }

  /// Cuts off who has said nothing whole for too long.
  void sweep(Clock::time_point now) {
    next_sweep_ = now + kSweepEvery;
    std::vector<int> silent;
    for (const auto& [fd, client] : clients_) {
      const Connection& connection = client.connection;
      const Clock::duration allowed =
          connection.shaken_hands() ? Clock::duration(options_.idle_close) : kHandshakeTime;
      if (now - connection.last_record() > allowed) silent.push_back(fd);
    }
    for (const int fd : silent) drop(fd);
    if (!silent.empty()) {
      notices_->note(Level::kInfo, "connection_idle",
                     name_ + ": " + std::to_string(silent.size()) +
                         " connections were closed that had no whole record for too long");
    }
    if (accept_again_ != Clock::time_point{} && now >= accept_again_) {
      accept_again_ = {};
      for (const int listener : {tcp_.get(), unix_.get()}) {
        if (listener >= 0) watch(EPOLL_CTL_MOD, listener, EPOLLIN);
      }
    }
  }

  void tell_dropped() {
    const std::uint32_t dropped = datagrams_->dropped();
    if (dropped == 0) return;
    notices_->note(Level::kWarning, "datagrams_dropped",
                   name_ + ": the system has dropped " + std::to_string(dropped) +
                       " datagrams that were not read in time");
  }

  SocketSourceOptions options_;
  Notices* notices_;
  WakeEvent wake_;
  Descriptor epoll_;
  TlsContext tls_;
  Descriptor tcp_;
  Descriptor unix_;
  std::optional<Datagrams> datagrams_;
  std::unordered_map<int, Client> clients_;  // by descriptor
  std::deque<int> ready_;                    // descriptors, each read once in its turn
  std::string name_;
  std::size_t held_bytes_ = 0;  // by connections
  std::uint64_t offset_;        // records so far
  bool opened_ = false;
  bool paused_ = false;
  bool drained_ = false;
  Clock::time_point next_sweep_;
  Clock::time_point accept_again_;  // zero: now
};

}  // namespace

std::unique_ptr<Source> make_socket_source(SocketSourceOptions options, StartOffsets start,
                                           Notices& notices, std::string& error) {
  const auto named =
      std::find_if(start.begin(), start.end(), [](const auto& at) { return at.partition == 0; });
  const std::uint64_t offset = named == start.end() ? 0 : named->offset;
  auto source = std::make_unique<SocketSource>(std::move(options), offset, notices);
  return source->open(error) ? std::move(source) : nullptr;
}

}  // namespace weir::connectors
