#include "run/run_status.hpp"

#include <fmt/core.h>

namespace weir::cli {
namespace {

/// A JSON object or list under construction: commas come by themselves.
class Json {
 public:
  Json& key(std::string_view name) {
    comma();
    append_json_string(text, name);
    text += ':';
    return *this;
  }
  void open(char c) {
    comma();
    text += c;
  }
  void close(char c) { text += c; }
  void string(std::string_view s) {
    comma();
    append_json_string(text, s);
  }
  void number(std::uint64_t n) {
    comma();
    text += std::to_string(n);
  }
  void boolean(bool b) {
    comma();
    text += b ? "true" : "false";
  }
  void time(Timestamp t) {
    comma();
    if (t == Timestamp::min()) {
      text += "null";
      return;
    }
    text += '"';
    append_iso8601(text, t);
    text += '"';
  }

  std::string text;

 private:
  void comma() {
    if (text.empty()) return;
    const char last = text.back();
    if (last != '{' && last != '[' && last != ':') text += ',';
  }
};

void add_source(Json& json, const RunStatus& status, std::uint32_t number) {
  const connectors::SourceStats& source = status.sources[number];
  json.open('{');
  json.key("name").string(status.config->sources[number].name);
  json.key("kind").string(status.config->sources[number].kind);
  json.key("state").string(!source.problem.empty() ? "failed"
                           : source.ended          ? "ended"
                           : source.away           ? "away"
                           : source.held           ? "held"
                                                   : "running");
  if (!source.problem.empty()) json.key("problem").string(source.problem);
  json.key("records").number(source.totals.records);
  json.key("events").number(source.events);
  json.key("rejected").number(source.totals.rejected);
  json.key("partitions").open('[');
  for (const runtime::PartitionStats& partition : status.engine.partitions) {
    if (partition.source != number) continue;
    json.open('{');
    json.key("partition").number(partition.partition);
    json.key("next_offset").number(partition.next_offset);
    json.key("events").number(partition.events);
    json.key("watermark").time(partition.watermark);
    json.key("waiting_bytes").number(partition.waiting_bytes);
    json.key("idle").boolean(partition.idle);
    json.key("held").boolean(partition.held);
    json.close('}');
  }
  json.close(']');
  json.close('}');
}

}  // namespace

std::vector<std::string> not_ready(const RunStatus& status) {
  std::vector<std::string> reasons;
  if (status.stopping) reasons.emplace_back("stopping");
  for (std::size_t i = 0; i < status.sources.size(); ++i) {
    const connectors::SourceStats& source = status.sources[i];
    const std::string& name = status.config->sources[i].name;
    if (!source.problem.empty()) {
      reasons.push_back(fmt::format("source {} has stopped: {}", name, source.problem));
    } else if (source.away) {
      reasons.push_back(fmt::format("source {} is away", name));
    }
  }
  return reasons;
}

std::string ready_json(const RunStatus& status) {
  const std::vector<std::string> reasons = not_ready(status);
  Json json;
  json.open('{');
  json.key("ready").boolean(reasons.empty());
  if (!reasons.empty()) {
    json.key("because").open('[');
    for (const std::string& reason : reasons) json.string(reason);
    json.close(']');
  }
  json.close('}');
  return json.text + "\n";
}

std::string status_json(const RunStatus& status) {
  Json json;
  json.open('{');
  json.key("version").string(WEIR_VERSION);
  const auto up = std::chrono::duration_cast<std::chrono::seconds>(status.now - status.started);
  json.key("uptime_seconds").number(static_cast<std::uint64_t>(up.count()));
  json.key("workers").number(status.workers);
  json.key("rules").number(status.program->rules.size());
  json.key("alerts").number(status.engine.engine.alerts);
  json.key("alerts_without_sink").number(status.alerts_without_sink);
  json.key("sources").open('[');
  for (std::uint32_t i = 0; i < status.sources.size(); ++i) add_source(json, status, i);
  json.close(']');
  json.key("domains").open('[');
  for (const runtime::DomainStats& domain : status.engine.domains) {
    json.open('{');
    json.key("sources").open('[');
    for (const std::uint32_t s : domain.sources) json.string(status.config->sources[s].name);
    json.close(']');
    json.key("watermark").time(domain.watermark);
    json.key("events").number(domain.events);
    json.key("matched").number(domain.matched);
    json.key("late").number(domain.late);
    json.key("waiting").number(domain.waiting);
    json.close('}');
  }
  json.close(']');
  json.key("sinks").open('[');
  for (const Outboxes::SinkStats& sink : status.sinks) {
    json.open('{');
    json.key("name").string(sink.name);
    json.key("stream").string(sink.stream);
    json.key("state").string(sink.stats.away ? "away" : "running");
    json.key("sent").number(sink.stats.sent);
    json.key("waiting").number(sink.stats.waiting);
    json.key("retries").number(sink.stats.retries);
    json.key("undelivered").number(sink.stats.refused);
    json.close('}');
  }
  json.close(']');
  json.close('}');
  return json.text + "\n";
}

std::string rules_json(const RunStatus& status) {
  Json json;
  json.open('{');
  json.key("rules").open('[');
  for (nfa::RuleId r = 0; r < status.program->rules.size(); ++r) {
    const nfa::Rule& rule = status.program->rules[r];
    const runtime::RuleStats& stats = status.engine.engine.rules[r];
    json.open('{');
    json.key("id").string(rule.id);
    json.key("title").string(rule.title);
    json.key("severity").string(nfa::to_string(rule.severity));
    json.key("stream").string(rule.alert.stream);
    json.key("fingerprint").string(fmt::format("{:016x}", rule.fingerprint));
    json.key("plan").string(status.program->plan_text(r));
    json.key("events").number(stats.events);
    json.key("without_key").number(stats.without_key);
    json.key("matches").number(stats.matches);
    json.key("alerts").number(stats.alerts);
    json.key("suppressed").number(stats.suppressed);
    json.close('}');
  }
  json.close(']');
  json.close('}');
  return json.text + "\n";
}

}  // namespace weir::cli
