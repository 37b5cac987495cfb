#include "run/run_api.hpp"

#include <utility>

namespace weir::cli {
namespace {

using connectors::HttpRequest;
using connectors::HttpResponse;

constexpr int kUnavailable = 503;

HttpResponse json(std::string body, int status = 200) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

HttpResponse text(std::string body, std::string_view type) {
  HttpResponse response;
  response.content_type = type;
  response.body = std::move(body);
  return response;
}

/// ?stream=S[&grep=TEXT][&where=FIELD=VALUE]...: records as they pass, a line each, without an end.
HttpResponse tap(TapHub& taps, const HttpRequest& request) {
  TapFilter filter;
  for (const auto& [name, value] : request.query) {
    const std::size_t equals = value.find('=');
    if (name == "stream") {
      filter.stream = value;
    } else if (name == "grep") {
      filter.grep = value;
    } else if (name == "where" && equals != value.npos) {
      filter.where.emplace_back(value.substr(0, equals), value.substr(equals + 1));
    } else {
      return connectors::http_error(400, "bad_query", "stream=S, grep=TEXT, where=FIELD=VALUE");
    }
  }
  if (filter.stream.empty()) {
    return connectors::http_error(400, "bad_query", "stream=S says what to look at");
  }
  const std::shared_ptr<Tap> seat = taps.look_on(std::move(filter));
  if (seat == nullptr) {
    return connectors::http_error(kUnavailable, "too_many", "too many look on already");
  }
  HttpResponse response;
  response.content_type = "application/x-ndjson";
  response.stream = [seat](std::string& piece) {
    seat->take(piece);
    return true;
  };
  return response;
}

}  // namespace

std::unique_ptr<connectors::HttpServer> make_run_api(const connectors::HttpServerOptions& options,
                                                     std::function<RunStatus()> status,
                                                     TapHub& taps, connectors::Notices& notices,
                                                     std::string& error) {
  auto server = connectors::make_http_server(options, notices, error);
  if (server == nullptr) return nullptr;
  server->open_route("GET", "/healthz",
                     [](HttpRequest&) { return text("ok\n", "text/plain; charset=utf-8"); });
  server->open_route("GET", "/readyz", [status](HttpRequest&) {
    const RunStatus now = status();
    return json(ready_json(now), not_ready(now).empty() ? 200 : kUnavailable);
  });
  server->route("GET", "/metrics", [status](HttpRequest&) {
    return text(metrics_text(status()), "text/plain; version=0.0.4; charset=utf-8");
  });
  server->route("GET", "/api/v1/status",
                [status](HttpRequest&) { return json(status_json(status())); });
  server->route("GET", "/api/v1/rules",
                [status = std::move(status)](HttpRequest&) { return json(rules_json(status())); });
  server->route("GET", "/api/v1/tap",
                [&taps](const HttpRequest& request) { return tap(taps, request); });
  return server;
}

}  // namespace weir::cli
