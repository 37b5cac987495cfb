#include "config.hpp"

#include <fmt/format.h>

#include "config_keys.hpp"
#include "config_parts.hpp"
#include "paths.hpp"
#include "weir/pattern-lang/config_file.hpp"
#include "weir/pattern-lang/json_schema.hpp"
#include "weir/runtime/engine_part.hpp"

namespace weir::cli {
namespace {

using lang::Code;
using lang::ConfigMap;

void read_rule_paths(ConfigMap& map, const ConfigContext& context, RunConfig& out) {
  out.rules_place = map.place("rules");
  for (const lang::Text& path : map.paths("rules")) {
    out.rules.push_back(path.value);
    std::vector<std::string> errors;
    if (context.reading.environment) expand_rule_paths({path.value}, errors);
    for (const std::string& error : errors) {
      context.diagnostics.report(Code::E0712, path.place, error).help =
          "paths are seen from the config's folder";
    }
  }
}

void read_state(ConfigMap& map, const ConfigContext& context, RunConfig& out) {
  auto state = map.map("state", keys::kState);
  if (!state) return;
  StateConfig& read = out.state.emplace();
  if (state->path("dir", read.dir)) check_folder(*state, "dir", read.dir, context);
  state->duration("snapshot_every", read.snapshot_every, Duration{100'000'000});
  state->number("keep", read.keep, 1, 1000);
}

void read_limits(ConfigMap& map, RunConfig& out) {
  static constexpr std::string_view kPolicies[] = {"oldest", "newest", "stop-rule"};
  static constexpr LimitPolicy kPolicy[] = {LimitPolicy::kOldest, LimitPolicy::kNewest,
                                            LimitPolicy::kStopRule};
  constexpr std::uint64_t kLeastMemory = 64 << 20;
  constexpr std::uint64_t kMost = 1'000'000'000;
  auto limits = map.map("limits", keys::kLimits);
  if (!limits) return;
  limits->size("memory", out.limits.memory, kLeastMemory);
  limits->number("events_per_key", out.limits.events_per_key, 1, kMost);
  limits->number("matches_per_event", out.limits.matches_per_event, 1, kMost);
  out.limits.policy = kPolicy[limits->word("policy", kPolicies).value_or(0)];
}

void read_top(ConfigMap& map, const ConfigContext& context, RunConfig& out) {
  read_rule_paths(map, context, out);
  read_sources(map, context, out);
  read_sinks(map, context, out);
  read_state(map, context, out);
  read_limits(map, out);
  if (const auto workers = map.has("workers") ? map.text("workers") : std::nullopt;
      workers && workers->value != "auto") {
    map.number("workers", out.workers, 1, runtime::kMaxWorkers);
  }
  out.http_place = map.place("http");
  if (auto http = map.map("http", keys::kServer)) read_server(*http, context, out.http.emplace());
  if (map.path("record", out.record)) check_folder(map, "record", out.record, context);
  map.duration_or_never("max_ahead", out.max_ahead);
  check_places(out, context);
}

}  // namespace

RunConfig read_config(const lang::SourceFile& file, lang::Diagnostics& diagnostics,
                      ConfigReading reading) {
  RunConfig out;
  out.path = file.path;
  const ConfigContext context{diagnostics, reading};
  lang::read_config_file(file, keys::kConfig, keys::all(), diagnostics,
                         [&](ConfigMap& map) { read_top(map, context, out); });
  return out;
}

std::string config_json_schema() {
  return lang::mapping_json_schema("Weir config", "What `weir run` runs: rules, sources, sinks.",
                                   keys::kConfig, keys::all());
}

}  // namespace weir::cli
