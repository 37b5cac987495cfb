// The thread that accepts, and the connections that it keeps: at most so many, each with a thread.
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <list>
#include <system_error>
#include <thread>

#include "live/http/connection.hpp"
#include "live/http/listener.hpp"
#include "live/http/quiet_pipe.hpp"
#include "live/server_tls.hpp"
#include "live/wake_event.hpp"

namespace weir::connectors {
namespace {

/// After it, when the server stops, clients that do not take their answers are cut off.
constexpr std::chrono::milliseconds kStopGrace{1000};
/// Before it is tried again, where the system has no more descriptors or threads.
constexpr std::chrono::milliseconds kOutOfResources{100};

class Server final : public HttpServer {
 public:
  Server(HttpServerOptions options, TlsContext tls, Notices& notices)
      : service_(std::move(options), notices), tls_(std::move(tls)) {}
  ~Server() override { stop(); }

  void route(std::string method, std::string path, Handler handler) override {
    service_.routes[std::move(path)][std::move(method)] = {std::move(handler), false};
  }
  void open_route(std::string method, std::string path, Handler handler) override {
    service_.routes[std::move(path)][std::move(method)] = {std::move(handler), true};
  }
  bool start(std::string& error) override;
  std::uint16_t port() const override { return listener_.port; }
  void stop() override;

 private:
  struct Client {
    Client(int socket, SSL_CTX* tls, HttpService& service) : connection(socket, tls, service) {}
    HttpConnection connection;
    std::atomic<bool> done{false};
    std::thread thread;
  };

  void accept_clients();
  void accept_one();
  /// Joins the threads of those that are through; how many are left.
  std::size_t reap();
  void warn_of_open_door() const;

  HttpService service_;
  TlsContext tls_;
  Listener listener_;
  WakeEvent woken_;            // a connection is through, or the server stops
  std::list<Client> clients_;  // of the accepting thread, then of stop()
  std::thread accepting_;
};

bool Server::start(std::string& error) {
  if (!open_listener(service_.options.listen, listener_, error)) return false;
  try {
    if (woken_.descriptor() < 0) throw std::system_error(EMFILE, std::generic_category());
    accepting_ = std::thread([this] { accept_clients(); });
  } catch (const std::system_error& problem) {
    error = fmt::format("cannot listen: {}", problem.what());
    listener_.socket.reset();
    return false;
  }
  warn_of_open_door();
  return true;
}

void Server::warn_of_open_door() const {
  const HttpServerOptions& options = service_.options;
  if (listener_.loopback) return;
  if (options.bearer_token.empty() && options.tls.client_ca_file.empty()) {
    service_.notices->note(Notices::Level::kWarning, "http_open",
                           fmt::format("{} is open to the network, without a token or "
                                       "certificates of clients",
                                       options.listen));
  } else if (options.tls.cert_file.empty()) {
    service_.notices->note(
        Notices::Level::kWarning, "http_plain",
        fmt::format("{} is open to the network without TLS: its token can be read on the way",
                    options.listen));
  }
}

void Server::accept_clients() {
  while (!service_.stop.stop_requested()) {
    const bool full = reap() >= service_.options.max_connections;
    if (full) {
      for (const Client& client : clients_) {
        if (!client.connection.idle()) continue;
        // Whoever is waiting in the system's queue may use its place.
        pollfd waiting{listener_.socket.get(), POLLIN, 0};
        if (::poll(&waiting, 1, 0) > 0) client.connection.stop_reading();
        break;
      }
    }
    std::array<pollfd, 2> asked{
        {{woken_.descriptor(), POLLIN, 0}, {listener_.socket.get(), POLLIN, 0}}};
    // While it is full an idle connection may come to be, which nobody tells.
    const int ready = ::poll(asked.data(), full ? 1 : 2, full ? 50 : -1);
    if (ready <= 0) continue;
    if ((asked[0].revents & POLLIN) != 0) woken_.clear();
    if (!full && (asked[1].revents & POLLIN) != 0) accept_one();
  }
}

void Server::accept_one() {
  const int socket = ::accept4(listener_.socket.get(), nullptr, nullptr, SOCK_CLOEXEC);
  if (socket < 0) {
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      service_.notices->note(Notices::Level::kWarning, "http_accept",
                             fmt::format("a client has to wait: {}", std::strerror(errno)));
      std::this_thread::sleep_for(kOutOfResources);
    }
    return;
  }
  Client& client = clients_.emplace_back(socket, tls_.get(), service_);
  try {
    client.thread = std::thread([this, &client] {
      const QuietPipe quiet;
      client.connection.serve();
      client.done = true;
      woken_.set();
    });
  } catch (const std::system_error& problem) {
    service_.notices->note(Notices::Level::kWarning, "http_accept",
                           fmt::format("a client is sent away: {}", problem.what()));
    clients_.pop_back();
    std::this_thread::sleep_for(kOutOfResources);
  }
}

std::size_t Server::reap() {
  clients_.remove_if([](Client& client) {
    if (!client.done) return false;
    client.thread.join();
    return true;
  });
  return clients_.size();
}

void Server::stop() {
  if (!accepting_.joinable()) return;
  service_.stop.request_stop();
  woken_.set();
  accepting_.join();
  listener_.socket.reset();
  for (const Client& client : clients_) client.connection.stop_reading();
  const auto grace = std::chrono::steady_clock::now() + kStopGrace;
  while (reap() > 0) {
    if (std::chrono::steady_clock::now() >= grace) {
      for (const Client& client : clients_) client.connection.cut();
    }
    woken_.wait_for(-1, 0, std::chrono::milliseconds(100));
    woken_.clear();
  }
}

TlsContext make_http_tls(const TlsServer& options, std::string& error) {
  TlsContext context = make_server_tls(options, error);
  if (context == nullptr) return nullptr;
  SSL_CTX* const tls = context.get();
  SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // A write that has to wait is repeated with what is left, wherever that lies.
  SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Sessions that a client takes up again are bound to a context of ours.
  constexpr std::string_view kSession = "weir";
  SSL_CTX_set_session_id_context(tls, reinterpret_cast<const unsigned char*>(kSession.data()),
                                 static_cast<unsigned>(kSession.size()));
  return context;
}

}  // namespace

std::unique_ptr<HttpServer> make_http_server(HttpServerOptions options, Notices& notices,
                                             std::string& error) {
  TlsContext tls;
  if (!options.tls.cert_file.empty()) {
    tls = make_http_tls(options.tls, error);
    if (tls == nullptr) return nullptr;
  } else if (!options.tls.key_file.empty() || !options.tls.client_ca_file.empty()) {
    error = "a key or a clients' CA needs a certificate of the server's beside it";
    return nullptr;
  }
  if (options.max_connections == 0) options.max_connections = 1;
  return std::make_unique<Server>(std::move(options), std::move(tls), notices);
}

}  // namespace weir::connectors
