// `sinks:` of a config.
#include <fmt/format.h>

#include <filesystem>
#include <map>

#include "config_keys.hpp"
#include "config_parts.hpp"

namespace weir::cli {
namespace {

using lang::Code;
using lang::ConfigMap;

constexpr std::string_view kKinds[] = {"file", "stdout", "http", "kafka", "mqtt", "alertmanager"};

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

connectors::FileSinkOptions read_file_sink(ConfigMap& map, const ConfigContext& context) {
  using Fsync = connectors::FileSinkOptions::Fsync;
  static constexpr std::string_view kWords[] = {"never", "flush", "every"};
  static constexpr Fsync kFsync[] = {Fsync::kNever, Fsync::kFlush, Fsync::kEvery};
  connectors::FileSinkOptions out;
  if (map.path("path", out.path)) {
    std::error_code error;
    if (context.reading.environment && std::filesystem::is_directory(out.path, error)) {
      map.report(Code::E0710, "path", fmt::format("{} is a folder", out.path)).help =
          "name a file in it";
    } else {
      check_folder(map, "path", folder_of(out.path), context);
    }
  }
  out.fsync = kFsync[map.word("fsync", kWords).value_or(0)];
  if (auto rotate = map.map("rotate", keys::kRotate)) {
    constexpr std::uint64_t kLeast = 4096;
    rotate->size("size", out.rotate_bytes, kLeast);
    rotate->duration("every", out.rotate_every, Duration{1'000'000'000});
    rotate->number("keep", out.keep, 1, 1'000'000);
    if (!rotate->has("size") && !rotate->has("every")) {
      context.diagnostics
          .report(Code::E0708, rotate->place(), "`rotate` does not say when a new file is begun")
          .help = "add `size: 100MiB`, `every: 1d`, or both";
    }
  }
  return out;
}

connectors::WebhookSinkOptions read_webhook(ConfigMap& map, const ConfigContext& context) {
  connectors::WebhookSinkOptions out;
  read_http_client(map, context, out.client);
  map.number("batch", out.batch, 1, 10'000);
  return out;
}

connectors::AlertmanagerSinkOptions read_alertmanager(ConfigMap& map,
                                                      const ConfigContext& context) {
  connectors::AlertmanagerSinkOptions out;
  read_http_client(map, context, out.client);
  if (out.client.url.find("/api/v") != std::string::npos) {
    map.report(Code::E0706, "url", "the path of the API is added to the URL").help =
        fmt::format("write {}", out.client.url.substr(0, out.client.url.find("/api/v")));
  }
  for (auto& [name, value] : map.entries("labels")) {
    if (auto text = value.text()) out.labels.emplace_back(name.value, std::move(text->value));
  }
  map.duration("resolve_after", out.resolve_after, Duration{1'000'000'000});
  map.text("generator_url", out.generator_url);
  return out;
}

connectors::KafkaSinkOptions read_kafka_sink(ConfigMap& map, const ConfigContext& context) {
  static constexpr std::string_view kCodecs[] = {"none", "gzip", "snappy", "lz4", "zstd"};
  connectors::KafkaSinkOptions out;
  read_kafka_client(map, context, out.client);
  map.text("topic", out.topic);
  if (const auto codec = map.word("compression", kCodecs)) out.compression = kCodecs[*codec];
  return out;
}

connectors::MqttSinkOptions read_mqtt_sink(ConfigMap& map, const ConfigContext& context) {
  connectors::MqttSinkOptions out;
  read_mqtt_client(map, context, out.client);
  map.text("topic", out.topic);
  if (out.topic.find_first_of("+#") != std::string::npos) {
    map.report(Code::E0708, "topic", "a topic that is written to has no + and #").help =
        "it may hold {rule}, {severity} and {stream}";
  }
  map.number("qos", out.qos, 0, 2);
  map.flag("retain", out.retain);
  return out;
}

void read_queue(ConfigMap& sink, const ConfigContext& context, connectors::OutboxOptions& out) {
  constexpr std::uint64_t kLeastMemory = 64 << 10;
  constexpr std::uint64_t kLeastDisk = 1 << 20;
  auto queue = sink.map("queue", keys::kQueue);
  if (!queue) return;
  std::uint64_t memory = out.max_bytes;
  queue->size("memory", memory, kLeastMemory);
  out.max_bytes = memory;
  if (auto disk = queue->map("disk", keys::kDisk)) {
    if (disk->path("dir", out.disk_dir)) check_folder(*disk, "dir", out.disk_dir, context);
    disk->size("size", out.disk_bytes, kLeastDisk);
  }
  if (queue->path("undelivered", out.undelivered_path)) {
    check_folder(*queue, "undelivered", folder_of(out.undelivered_path), context);
  }
  if (auto retry = queue->map("retry", keys::kRetry)) {
    retry->duration("first", out.first_retry, Duration{1'000'000});
    retry->duration("max", out.max_retry, Duration{1'000'000});
    if (out.max_retry < out.first_retry) {
      retry
          ->report(Code::E0708, retry->has("max") ? "max" : "first",
                   "the longest pause is shorter than the first")
          .help = "make `max` longer, or `first` shorter";
    }
  }
  queue->duration("flush_every", out.flush_every);
}

void read_options(ConfigMap& map, std::string_view kind, const ConfigContext& context,
                  SinkConfig& out) {
  out.kind = kind;
  const auto with = [&](const lang::MappingSpec& spec, auto read) {
    if (auto options = map.map(kind, spec)) out.options = read(*options, context);
  };
  if (kind == "file") with(keys::kFileSink, read_file_sink);
  if (kind == "stdout") {
    with(keys::kStdout, [](ConfigMap&, const ConfigContext&) { return StdoutOptions{}; });
  }
  if (kind == "http") with(keys::kWebhook, read_webhook);
  if (kind == "kafka") with(keys::kKafkaSink, read_kafka_sink);
  if (kind == "mqtt") with(keys::kMqttSink, read_mqtt_sink);
  if (kind == "alertmanager") with(keys::kAlertmanager, read_alertmanager);
}

}  // namespace

void read_sinks(ConfigMap& config, const ConfigContext& context, RunConfig& out) {
  out.sinks_place = config.place("sinks");
  for (auto& [stream, value] : config.entries("sinks")) {
    auto maps = value.maps(keys::kSink, fmt::format("the sink of `{}`", stream.value));
    std::map<std::string_view, int> of_kind;
    for (ConfigMap& map : maps) {
      SinkConfig sink;
      sink.stream = stream.value;
      sink.stream_place = stream.place;
      sink.place = map.has("name") ? map.place("name") : map.place();
      const std::string_view kind = kind_of(map, kKinds, context);
      if (!kind.empty()) read_options(map, kind, context, sink);
      if (kind == "alertmanager" &&
          (stream.value == kLateStream || stream.value == kRejectedStream)) {
        map.report(Code::E0708, kind,
                   fmt::format("Alertmanager takes alerts, and `{}` holds none", stream.value))
            .help = "let it go to a file";
      }
      read_queue(map, context, sink.queue);
      const int number = ++of_kind[kind];
      sink.queue.name = number == 1 ? fmt::format("{}/{}", stream.value, kind)
                                    : fmt::format("{}/{}-{}", stream.value, kind, number);
      map.text("name", sink.queue.name);
      out.sinks.push_back(std::move(sink));
    }
  }
}

std::string delivery_guarantee(const SinkConfig& sink) {
  const bool alerts = sink.stream != kLateStream && sink.stream != kRejectedStream;
  const std::string ids = alerts ? "repeats, after a fault or a restart, have the same `id`"
                                 : "there may be repeats after a fault or a restart";
  const std::string queue =
      sink.queue.disk_dir.empty()
          ? fmt::format("while the far end is down, sources are held back once {} MiB wait",
                        std::max<std::size_t>(sink.queue.max_bytes >> 20, 1))
          : fmt::format("while the far end is down, up to {} MiB wait on disk",
                        sink.queue.disk_bytes >> 20);
  if (sink.kind == "file") {
    using Fsync = connectors::FileSinkOptions::Fsync;
    const auto* file = std::get_if<connectors::FileSinkOptions>(&sink.options);
    const Fsync fsync = file == nullptr ? Fsync::kNever : file->fsync;
    return fmt::format("at least once; {}; {}", ids,
                       fsync == Fsync::kNever
                           ? "a power cut may lose what the system has not yet written"
                       : fsync == Fsync::kFlush ? "on disk at each flush"
                                                : "each record is on disk before the next");
  }
  if (sink.kind == "stdout")
    return "written once, to whoever reads; nothing is known of the reader";
  if (sink.kind == "alertmanager") {
    return fmt::format("at least once; Alertmanager itself drops repeats; {}", queue);
  }
  if (sink.kind == "kafka") {
    return fmt::format("at least once, acknowledged by all replicas in sync; {}; {}", ids, queue);
  }
  if (const auto* mqtt = std::get_if<connectors::MqttSinkOptions>(&sink.options)) {
    return mqtt->qos == 0 ? "at most once (qos 0): the broker acknowledges nothing"
                          : fmt::format("at least once, to the broker; {}; {}", ids, queue);
  }
  return fmt::format("at least once, acknowledged by a 2xx answer; {}; {}", ids, queue);
}

}  // namespace weir::cli
