// Metrics of a run. Names and labels are part of what users see: docs/operations.md lists them. No
// key is ever a label.
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <fstream>
#include <iterator>
#include <utility>

#include "run/run_status.hpp"
#include "weir/connectors/live/clock.hpp"

namespace weir::cli {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

class Families {
 public:
  MetricFamily& add(MetricType type, std::string name, std::string help) {
    MetricFamily& family = families_.emplace_back();
    family.name = std::move(name);
    family.help = std::move(help);
    family.type = type;
    return family;
  }
  MetricFamily& counter(std::string name, std::string help) {
    return add(MetricType::Counter, std::move(name), std::move(help));
  }
  MetricFamily& gauge(std::string name, std::string help) {
    return add(MetricType::Gauge, std::move(name), std::move(help));
  }
  std::string text() {
    std::vector<MetricFamily> told;
    std::ranges::copy_if(families_, std::back_inserter(told),
                         [](const MetricFamily& f) { return !f.metric.empty(); });
    return prometheus::TextSerializer().Serialize(told);
  }

 private:
  std::deque<MetricFamily> families_;  // add() gives references
};

void put(MetricFamily& family, double value, Labels labels = {}) {
  ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  if (family.type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
}
void put(MetricFamily& family, std::uint64_t value, Labels labels = {}) {
  put(family, static_cast<double>(value), std::move(labels));
}

double seconds(std::chrono::system_clock::duration d) {
  return std::chrono::duration<double>(d).count();
}

void add_process(Families& families, const RunStatus& status) {
  put(families.gauge("weir_build_info", "1; the version is its label."), 1.0,
      {{"version", WEIR_VERSION}});
  put(families.gauge("weir_start_time_seconds", "When the run began, since the epoch."),
      seconds(status.started.time_since_epoch()));
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto cpu = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  put(families.counter("process_cpu_seconds_total", "CPU time, in the program and in the system."),
      cpu(usage.ru_utime) + cpu(usage.ru_stime));
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0;
  std::uint64_t resident = 0;
  statm >> pages >> resident;
  put(families.gauge("process_resident_memory_bytes", "Memory that the process occupies."),
      resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
  put(families.gauge("weir_memory_limit_bytes", "limits.memory of the config."),
      status.config->limits.memory);
  put(families.gauge("weir_workers", "Engines that share the keys."),
      static_cast<std::uint64_t>(status.workers));
}

void add_sources(Families& families, const RunStatus& status) {
  MetricFamily& records = families.counter("weir_records_total", "Records that a source gave.");
  MetricFamily& bytes = families.counter("weir_source_bytes_total", "Bytes of these records.");
  MetricFamily& events = families.counter("weir_events_total", "Records that became events.");
  MetricFamily& rejected = families.counter(
      "weir_rejected_total", "Records that could not be read, by reason; see the rejected output.");
  MetricFamily& up = families.gauge("weir_source_up", "0 while the source cannot be read.");
  MetricFamily& held = families.gauge(
      "weir_source_held", "1 while the source is held back, since there is no room for more.");
  for (std::size_t i = 0; i < status.sources.size(); ++i) {
    const connectors::SourceStats& source = status.sources[i];
    const Labels labels = {{"source", status.config->sources[i].name}};
    put(records, source.totals.records, labels);
    put(bytes, source.totals.bytes, labels);
    put(events, source.events, labels);
    put(up, source.away || !source.problem.empty() ? 0.0 : 1.0, labels);
    put(held, source.held ? 1.0 : 0.0, labels);
    for (std::size_t r = 1; r < connectors::kRejectReasonCount; ++r) {
      if (source.totals.by_reason[r] == 0) continue;
      const auto reason = static_cast<connectors::RejectReason>(r);
      put(rejected, source.totals.by_reason[r],
          {labels.front(), {"reason", std::string(to_string(reason))}});
    }
  }

  // Of its partitions the one that lags most.
  MetricFamily& lag = families.gauge("weir_watermark_lag_seconds",
                                     "Clock less watermark of the source's slowest partition.");
  MetricFamily& waiting = families.gauge(
      "weir_waiting_bytes", "Blocks of events that wait until nothing can come before them.");
  MetricFamily& partitions = families.gauge("weir_source_partitions", "Open partitions.");
  const Timestamp now = connectors::to_timestamp(status.now);
  for (std::uint32_t s = 0; s < status.config->sources.size(); ++s) {
    Timestamp least = Timestamp::max();
    std::uint64_t bytes_waiting = 0;
    std::uint64_t open = 0;
    for (const runtime::PartitionStats& partition : status.engine.partitions) {
      if (partition.source != s) continue;
      ++open;
      bytes_waiting += partition.waiting_bytes;
      if (!partition.idle) least = std::min(least, partition.watermark);
    }
    const Labels labels = {{"source", status.config->sources[s].name}};
    put(partitions, open, labels);
    put(waiting, bytes_waiting, labels);
    if (least == Timestamp::max() || least == Timestamp::min()) continue;
    put(lag, static_cast<double>((now - least).ns) * 1e-9, labels);
  }
}

void add_engine(Families& families, const RunStatus& status) {
  const runtime::DomainStats total = status.engine.total();
  put(families.counter("weir_late_events_total",
                       "Events at or before the watermark when they came; see the late output."),
      total.late);
  put(families.counter("weir_matched_events_total",
                       "Events handed to the matcher, once for each time domain that reads them."),
      total.matched);
  put(families.gauge("weir_waiting_events", "Events in the reorder buffers."), total.waiting);

  MetricFamily& alerts = families.counter("weir_alerts_total", "Alerts, by rule.");
  MetricFamily& matches = families.counter("weir_matches_total", "Matches, by rule.");
  MetricFamily& suppressed = families.counter("weir_suppressed_alerts_total",
                                              "Alerts kept back by cooldown or max_per, by rule.");
  for (std::size_t r = 0; r < status.program->rules.size(); ++r) {
    const nfa::Rule& rule = status.program->rules[r];
    const runtime::RuleStats& stats = status.engine.engine.rules[r];
    put(alerts, stats.alerts,
        {{"rule", rule.id}, {"severity", std::string(nfa::to_string(rule.severity))}});
    put(matches, stats.matches, {{"rule", rule.id}});
    put(suppressed, stats.suppressed, {{"rule", rule.id}});
  }
  put(families.counter("weir_alerts_without_sink_total", "Alerts of streams that have no sink."),
      status.alerts_without_sink);
}

void add_sinks(Families& families, const RunStatus& status) {
  MetricFamily& sent = families.counter("weir_sent_total", "Records that a sink has delivered.");
  MetricFamily& retries = families.counter("weir_send_retries_total", "Attempts that failed.");
  MetricFamily& refused =
      families.counter("weir_undelivered_total",
                       "Records that the far end refused for good, and that were set aside.");
  MetricFamily& waiting =
      families.gauge("weir_sink_waiting", "Records that wait, in memory and on disk.");
  MetricFamily& bytes = families.gauge("weir_sink_waiting_bytes", "Bytes of these.");
  MetricFamily& up = families.gauge("weir_sink_up", "0 while the far end cannot be reached.");
  for (const Outboxes::SinkStats& sink : status.sinks) {
    const Labels labels = {{"sink", sink.name}, {"stream", sink.stream}};
    put(sent, sink.stats.sent, labels);
    put(retries, sink.stats.retries, labels);
    put(refused, sink.stats.refused, labels);
    put(waiting, sink.stats.waiting, labels);
    put(bytes, sink.stats.waiting_bytes, labels);
    put(up, sink.stats.away ? 0.0 : 1.0, labels);
  }
}

}  // namespace

std::string metrics_text(const RunStatus& status) {
  Families families;
  add_process(families, status);
  add_sources(families, status);
  add_engine(families, status);
  add_sinks(families, status);
  return families.text();
}

}  // namespace weir::cli
