// What a live run shows of itself: metrics for Prometheus, JSON for programs and people.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "run/outboxes.hpp"
#include "weir/connectors/live/source_driver.hpp"
#include "weir/nfa/program.hpp"
#include "weir/runtime/live_engine.hpp"

namespace weir::cli {

/// One moment of a run.
struct RunStatus {
  const RunConfig* config = nullptr;
  const nfa::Program* program = nullptr;
  std::chrono::system_clock::time_point now;
  std::chrono::system_clock::time_point started;
  std::size_t workers = 0;
  runtime::LiveStats engine;
  std::vector<connectors::SourceStats> sources;  // as in the config
  std::vector<Outboxes::SinkStats> sinks;
  std::uint64_t alerts_without_sink = 0;
  bool stopping = false;  // SIGTERM has come, or the end of all sources
};

/// Why the run is not ready, a few words each: sources that cannot be reached or cannot go on.
/// Sinks do not count: their records wait. Empty: it is ready.
std::vector<std::string> not_ready(const RunStatus& status);
/// GET /readyz: {"ready":true}, or {"ready":false,"because":[...]}.
std::string ready_json(const RunStatus& status);

/// The text format of Prometheus, version 0.0.4.
std::string metrics_text(const RunStatus& status);

/// GET /api/v1/status: {"version","uptime_seconds","workers","sources","domains","sinks",...}.
std::string status_json(const RunStatus& status);
/// GET /api/v1/rules: {"rules":[{"id","title","severity","plan","events","matches",...}]}.
std::string rules_json(const RunStatus& status);

}  // namespace weir::cli
