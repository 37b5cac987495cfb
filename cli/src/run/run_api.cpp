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

}  // namespace

std::unique_ptr<connectors::HttpServer> make_run_api(const connectors::HttpServerOptions& options,
                                                     std::function<RunStatus()> status,
                                                     connectors::Notices& notices,
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
  return server;
}

}  // namespace weir::cli
