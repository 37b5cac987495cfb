// HTTP: a server that all of Weir's listening is built on, a source that is posted to, and sinks
// that post: a webhook, and Alertmanager.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/connectors/live/security.hpp"
#include "weir/connectors/live/sink.hpp"
#include "weir/connectors/live/source.hpp"

namespace weir::connectors {

struct HttpServerOptions {
  std::string listen = "127.0.0.1:9464";
  TlsServer tls;
  std::string bearer_token;                            // empty: none is asked for
  std::size_t max_body_bytes = std::size_t{16} << 20;  // also when unwrapped
  std::size_t max_connections = 64;
  std::chrono::seconds slow_client{10};  // a request that takes longer to arrive is cut off
};

struct HttpRequest {
  std::string method;
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;                                          // gzip is unwrapped
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  /// Given, the body is what it appends, piece by piece, until it says false (`weir tap`).
  std::function<bool(std::string& piece)> stream;
};

/// A server with its own threads. Routes are added before start(); handlers are called by any of
/// them.
class HttpServer {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;
  virtual ~HttpServer() = default;  // stops
  virtual void route(std::string method, std::string path, Handler handler) = 0;
  /// A path that is answered without the bearer token (/healthz, /readyz).
  virtual void open_route(std::string method, std::string path, Handler handler) = 0;
  /// False, with `error`, where it cannot listen.
  virtual bool start(std::string& error) = 0;
  virtual std::uint16_t port() const = 0;  // after start(): also where the options said 0
  virtual void stop() = 0;
};
std::unique_ptr<HttpServer> make_http_server(HttpServerOptions options, Notices& notices,
                                             std::string& error);

struct HttpSourceOptions {
  HttpServerOptions server;  // where `shared` is not given
  std::string path = "/";
  std::size_t max_waiting_requests = 64;  // then 429 with Retry-After
  std::size_t idempotency_keys = 10000;   // remembered, with their answers
};

/// POST of NDJSON or of a JSON array: one record a line or element. Answers when the records are
/// settled: 200 {"accepted":N,"rejected":[{"index":i,"reason":"...","detail":"..."}]}; 400 where
/// none was accepted; 413, 415, 429. An Idempotency-Key that was seen before gets the answer of
/// then.
std::unique_ptr<Source> make_http_source(HttpSourceOptions options, StartOffsets start,
                                         Notices& notices, std::string& error);

struct HttpClientOptions {
  std::string url;
  TlsClient tls;
  std::string bearer_token;
  Login basic;
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::milliseconds timeout{5000};
};

struct WebhookSinkOptions {
  HttpClientOptions client;
  std::size_t batch = 100;  // records a request, as NDJSON; 1: one JSON object
};
std::unique_ptr<Sink> make_webhook_sink(WebhookSinkOptions options, Notices& notices,
                                        std::string& error);

struct AlertmanagerSinkOptions {
  HttpClientOptions client;  // url of Alertmanager; /api/v2/alerts is added
  std::vector<std::pair<std::string, std::string>> labels;  // added to alertname (the rule),
                                                            // severity, stream and the key's values
  std::chrono::seconds resolve_after{300};                  // endsAt - now
  std::string generator_url;
};
std::unique_ptr<Sink> make_alertmanager_sink(AlertmanagerSinkOptions options, Notices& notices,
                                             std::string& error);

}  // namespace weir::connectors
