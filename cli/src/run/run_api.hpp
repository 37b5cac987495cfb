// What a live run answers over HTTP: docs/operations.md.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "run/run_status.hpp"
#include "run/tap_hub.hpp"
#include "weir/connectors/live/http.hpp"

namespace weir::cli {

/// A server with its routes, not started yet. `taps` outlives it; `status` is called by its
/// threads, several at once, until the server is stopped. Null with `error` where the options
/// cannot be met.
std::unique_ptr<connectors::HttpServer> make_run_api(const connectors::HttpServerOptions& options,
                                                     std::function<RunStatus()> status,
                                                     TapHub& taps, connectors::Notices& notices,
                                                     std::string& error);

}  // namespace weir::cli
