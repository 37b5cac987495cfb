// One client of the server: its requests, one after another, and their answers.
#pragma once

#include <atomic>
#include <map>
#include <stop_token>
#include <string>

#include "live/http/request_reader.hpp"
#include "live/http/wire.hpp"
#include "weir/connectors/live/http.hpp"

namespace weir::connectors {

/// What all connections of a server share; it does not change while there are any.
struct HttpService {
  struct Route {
    HttpServer::Handler handler;
    bool open = false;  // without the bearer token
  };

  HttpServerOptions options;
  Notices* notices = nullptr;
  std::map<std::string, std::map<std::string, Route>> routes;  // path, method
  BodyBudget bodies;
  std::stop_source stop;

  HttpService(HttpServerOptions server_options, Notices& server_notices)
      : options(std::move(server_options)),
        notices(&server_notices),
        bodies(options.max_all_bodies_bytes) {}
};

class HttpConnection {
 public:
  /// Takes the socket over.
  HttpConnection(int socket, SSL_CTX* tls, HttpService& service)
      : service_(service), wire_(socket, tls), reader_(wire_) {}

  /// Until the client or the server has enough of it.
  void serve();

  // Any thread.

  /// It waits for the client's next request, which may never come.
  bool idle() const noexcept { return idle_.load(std::memory_order_relaxed); }
  void stop_reading() const noexcept { wire_.stop_reading(); }
  void cut() const noexcept { wire_.cut(); }

 private:
  /// False where the connection ends.
  bool serve_one(bool first);
  bool answer_bad(RequestReader::Result result);
  /// The route of the request, or null, with what to say instead.
  const HttpService::Route* admit(const HttpRequest& request, HttpResponse& refusal) const;
  /// False, with what to say, where it is not taken. Status 0: nothing can be said.
  bool receive_body(HttpRequest& request, BodyShare& share, HttpResponse& refusal);
  bool answer(const HttpRequest& request, HttpResponse response, bool keep_alive);
  bool stream(HttpResponse& response, bool chunked);

  HttpService& service_;
  Wire wire_;
  RequestReader reader_;
  std::atomic<bool> idle_{false};
};

}  // namespace weir::connectors
