// HTTP: a server that all of Weir's listening is built on, a source that is posted to, and sinks
// that post: a webhook, and Alertmanager.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/connectors/live/security.hpp"
#include "weir/connectors/live/sink.hpp"
#include "weir/connectors/live/source.hpp"

namespace weir::connectors {

/// Of a request's line and headers; more is answered with 431.
inline constexpr std::size_t kMaxHttpHeadBytes = 16 * 1024;
inline constexpr std::size_t kMaxHttpHeaders = 100;

struct HttpServerOptions {
  std::string listen = "127.0.0.1:9464";  // host:port; [::1]:port; :port for every IPv4 address;
                                          // port 0: one that is free
  TlsServer tls;
  std::string bearer_token;                            // empty: none is asked for
  std::size_t max_body_bytes = std::size_t{16} << 20;  // also when unwrapped; then 413
  /// Held by all requests that are being received or answered; then 503 with Retry-After.
  std::size_t max_all_bodies_bytes = std::size_t{256} << 20;
  /// Others wait in the system's queue, and an idle connection is closed for them.
  std::size_t max_connections = 64;
  /// A request that takes longer to arrive is cut off, as is a client that takes nothing of its
  /// answer for so long.
  std::chrono::seconds slow_client{10};
  std::chrono::seconds idle_close{60};  // a connection that asks nothing more for so long
};

struct HttpRequest {
  std::string method;
  std::string path;                                          // percent-decoded, without the query
  std::vector<std::pair<std::string, std::string>> query;    // decoded
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;                                          // gzip and zstd are unwrapped
  /// Asked for when the server stops: a handler that waits for something answers then.
  std::stop_token stopping;

  /// The first header of this (lower-case) name; null where there is none.
  const std::string* header(std::string_view name) const noexcept;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  /// Given, the body is what it appends, piece by piece, until it says false (`weir tap`). It is
  /// destroyed, and asked no more, when the client goes away or the server stops; so that this is
  /// noticed it returns at least once a second, with nothing where there is nothing.
  std::function<bool(std::string& piece)> stream;
};

/// {"error":"<word>","detail":"<sentence>"}
HttpResponse http_error(int status, std::string_view word, std::string_view detail);

/// A server with its own threads, one for each connection. Routes are added before start(), paths
/// are compared whole; handlers are called by any of the threads. Before a handler is called the
/// request has been held against the options; unknown paths (404), methods (405), encodings (415)
/// and what a browser sends on behalf of another site (403) are answered without it. HEAD is
/// answered as GET, without the body.
class HttpServer {
 public:
  /// It may take the request's parts away.
  using Handler = std::function<HttpResponse(HttpRequest&)>;
  virtual ~HttpServer() = default;  // stops
  virtual void route(std::string method, std::string path, Handler handler) = 0;
  /// A path that is answered without the bearer token (/healthz, /readyz).
  virtual void open_route(std::string method, std::string path, Handler handler) = 0;
  /// False, with `error`, where it cannot listen.
  virtual bool start(std::string& error) = 0;
  virtual std::uint16_t port() const = 0;  // after start(): also where the options said 0
  /// Requests that have not arrived yet are cut off, handlers are told (HttpRequest::stopping) and
  /// waited for, their answers are sent within about a second. Not from a handler.
  virtual void stop() = 0;
};
std::unique_ptr<HttpServer> make_http_server(HttpServerOptions options, Notices& notices,
                                             std::string& error);

struct HttpSourceOptions {
  HttpServerOptions server;  // where `shared` is not given
  /// Given, the source is a route of this server, which is not started yet; the server may outlive
  /// the source (503 then), or be destroyed before it.
  HttpServer* shared = nullptr;
  std::string path = "/";
  std::size_t max_waiting_requests = 64;  // not settled yet; then 429 with Retry-After
  std::size_t max_waiting_bytes = std::size_t{64} << 20;  // of theirs; then likewise
  std::size_t idempotency_keys = 10000;                   // remembered, with their answers
  std::chrono::milliseconds settle_within{30000};         // then 503; the records stay
};

/// Records of one request; then 413.
inline constexpr std::size_t kMaxHttpRecords = 500'000;
/// So many rejected records are named in an answer; of others there is the count.
inline constexpr std::size_t kMaxHttpRejectionsShown = 1000;

/// POST of NDJSON or of a JSON array: one record a line or element. Answers when the records are
/// settled: 200 {"accepted":N,"rejected":[{"index":i,"reason":"...","detail":"..."}]}; 400 where
/// none was accepted; 413, 415, 429. An Idempotency-Key that was seen before gets the answer of
/// then. A request of more records than one poll may give comes as several blocks, each with a
/// ticket of its own; it is answered when all are settled. The offset counts records.
std::unique_ptr<Source> make_http_source(HttpSourceOptions options, StartOffsets start,
                                         Notices& notices, std::string& error);

/// http:// or https://; the scheme decides on TLS, whatever TlsClient::on says. User names and
/// passwords have their own places and may not stand in the URL.
struct HttpClientOptions {
  std::string url;
  TlsClient tls;
  std::string bearer_token;
  Login basic;
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::milliseconds timeout{5000};  // of a request, from the name's look-up to the answer
};

// Both sinks: 2xx is done; no answer, 401, 407, 408, 425, 429, 3xx and 5xx are tried again (after
// Retry-After); any other status refuses the records. Where it refuses several at once they are
// sent one by one, so that only those that are at fault are lost.

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
