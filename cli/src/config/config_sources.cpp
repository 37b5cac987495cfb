// `sources:` of a config.
#include <fmt/format.h>

#include <chrono>

#include "config_keys.hpp"
#include "config_parts.hpp"
#include "weir/connectors/schema_io.hpp"
#include "weir/connectors/time_reader.hpp"
#include "weir/event/zone.hpp"

namespace weir::cli {
namespace {

using lang::Code;
using lang::ConfigMap;

constexpr std::string_view kKinds[] = {"file", "stdin", "http", "kafka",
                                       "mqtt", "tcp",   "unix", "syslog"};
constexpr std::uint64_t kMost = 1'000'000;

std::vector<std::string> values(const std::vector<lang::Text>& texts) {
  std::vector<std::string> out;
  for (const lang::Text& text : texts) out.push_back(text.value);
  return out;
}

connectors::FileSourceOptions read_file_source(ConfigMap& map) {
  static constexpr std::string_view kFrom[] = {"beginning", "end"};
  connectors::FileSourceOptions out;
  map.path("path", out.path);
  map.flag("follow", out.follow);
  out.from_end = map.word("read_from", kFrom) == 1;
  if (out.from_end && !out.follow) {
    map.report(Code::E0708, "read_from", "a file that is not followed is read from its beginning")
        .help = "add `follow: true`, or delete this";
  }
  if (out.follow && (out.path.ends_with(".gz") || out.path.ends_with(".zst"))) {
    map.report(Code::E0708, "path", "a compressed file cannot be followed").help =
        "follow the file before it is compressed, or leave out `follow`";
  }
  return out;
}

connectors::HttpSourceOptions read_http_source(ConfigMap& map, const ConfigContext& context) {
  connectors::HttpSourceOptions out;
  read_server(map, context, out.server);
  map.text("path", out.path);
  if (!out.path.starts_with('/')) {
    map.report(Code::E0706, "path", "the path of a URL begins with /").help =
        fmt::format("write /{}", out.path);
  }
  map.number("max_waiting_requests", out.max_waiting_requests, 1, 100'000);
  map.number("idempotency_keys", out.idempotency_keys, 1, kMost);
  return out;
}

connectors::KafkaSourceOptions read_kafka_source(ConfigMap& map, const ConfigContext& context) {
  using Start = connectors::KafkaSourceOptions::Start;
  static constexpr std::string_view kStarts[] = {"earliest", "latest", "fail"};
  static constexpr Start kStart[] = {Start::kEarliest, Start::kLatest, Start::kFail};
  connectors::KafkaSourceOptions out;
  read_kafka_client(map, context, out.client);
  out.topics = values(map.texts("topics"));
  map.text("group", out.group);
  map.text("instance_id", out.instance_id);
  out.start = kStart[map.word("start", kStarts).value_or(0)];
  return out;
}

connectors::MqttSourceOptions read_mqtt_source(ConfigMap& map, const ConfigContext& context) {
  connectors::MqttSourceOptions out;
  read_mqtt_client(map, context, out.client);
  out.topics = values(map.texts("topics"));
  map.number("qos", out.qos, 0, 2);
  out.persistent = !out.client.client_id.empty();
  map.flag("persistent", out.persistent);
  if (out.persistent && out.client.client_id.empty()) {
    map.report(Code::E0708, "persistent",
               "the broker keeps messages by `client_id`, and there is none")
        .help = "add `client_id:`, unique at the broker";
  }
  return out;
}

void read_connections(ConfigMap& map, connectors::SocketSourceOptions& out) {
  constexpr std::uint64_t kLeastRecord = 256;
  map.number("max_connections", out.max_connections, 1, 100'000);
  std::uint64_t record = out.max_record_bytes;
  if (map.size("max_record", record, kLeastRecord) && record > connectors::kMaxRecordBytes) {
    map.report(Code::E0703, "max_record", "a record is at most 16MiB").help = "write 16MiB or less";
    record = connectors::kMaxRecordBytes;
  }
  out.max_record_bytes = record;
  map.duration("idle_close", out.idle_close, Duration{1'000'000'000});
}

connectors::SocketSourceOptions read_lines(ConfigMap& map, const ConfigContext& context) {
  connectors::SocketSourceOptions out;
  read_address(map, "listen", out.tcp);
  map.path("path", out.unix_path);
  read_tls(map, context, out.tls);
  read_connections(map, out);
  return out;
}

connectors::SocketSourceOptions read_syslog(ConfigMap& map, const ConfigContext& context) {
  connectors::SocketSourceOptions out;
  out.framing = connectors::SocketSourceOptions::Framing::kSyslog;
  read_address(map, "tcp", out.tcp);
  read_address(map, "udp", out.udp);
  map.path("unix", out.unix_path);
  read_tls(map, context, out.tls);
  read_connections(map, out);
  if (!map.has("tcp") && !map.has("udp") && !map.has("unix")) {
    context.diagnostics
        .report(Code::E0708, map.place(), fmt::format("{} listens nowhere", map.what()))
        .help = "add `tcp:`, `udp:` or `unix:`";
  } else if (map.has("tls") && !map.has("tcp")) {
    map.report(Code::E0708, "tls", "`tls` is of `tcp`, and there is none").help = "add `tcp:`";
  }
  return out;
}

void read_options(ConfigMap& map, std::string_view kind, const ConfigContext& context,
                  SourceConfig& out) {
  out.kind = kind;
  const auto with = [&](const lang::MappingSpec& spec, auto read) {
    if (auto options = map.map(kind, spec)) out.options = read(*options);
  };
  if (kind == "file") with(keys::kFileSource, read_file_source);
  if (kind == "stdin") with(keys::kStdin, [](ConfigMap&) { return StdinOptions{}; });
  if (kind == "http") {
    with(keys::kHttpSource, [&](ConfigMap& m) { return read_http_source(m, context); });
  }
  if (kind == "kafka") {
    with(keys::kKafkaSource, [&](ConfigMap& m) { return read_kafka_source(m, context); });
  }
  if (kind == "mqtt") {
    with(keys::kMqttSource, [&](ConfigMap& m) { return read_mqtt_source(m, context); });
  }
  if (kind == "tcp") with(keys::kTcpSource, [&](ConfigMap& m) { return read_lines(m, context); });
  if (kind == "unix") with(keys::kUnixSource, [&](ConfigMap& m) { return read_lines(m, context); });
  if (kind == "syslog") {
    with(keys::kSyslogSource, [&](ConfigMap& m) { return read_syslog(m, context); });
  }
}

std::int64_t this_year() {
  const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  return static_cast<int>(std::chrono::year_month_day(today).year());
}

void read_time(ConfigMap& source, SourceConfig& out) {
  out.codec.year = this_year();
  out.codec.time.default_year = out.codec.year;
  auto time = source.map("time", keys::kTime);
  if (!time) return;
  time->text("field", out.codec.time_field);
  std::string error;
  std::string text;
  if (time->raw_text("format", text) &&
      !connectors::parse_time_format(text, out.codec.time, error)) {
    time->report(Code::E0711, "format", error);
  }
  if (time->text("zone", text)) {
    ZonePtr zone = Zone::find(text, error);
    if (zone == nullptr) {
      time->report(Code::E0711, "zone", error).help =
          "write an IANA name, as in Europe/Berlin, or an offset, as in \"+02:00\"";
    } else {
      out.codec.time.zone = std::move(zone);
    }
  }
  if (time->number("year", out.codec.year, 1678, 2261)) {
    out.codec.time.default_year = out.codec.year;
  }
  time->duration("out_of_order", out.out_of_order);
  time->duration_or_never("idle_timeout", out.idle_timeout);
  time->duration_or_never("max_future", out.max_future);
}

void read_decoding(ConfigMap& map, const ConfigContext& context, SourceConfig& out) {
  if (auto format = map.text("format")) out.format = std::move(*format);
  map.raw_text("pattern", out.codec.pattern);
  map.text("type", out.codec.type);
  map.text("type_field", out.codec.type_field);
  if (map.has("type") && map.has("type_field")) {
    map.report(Code::E0708, "type_field", "`type_field` beside `type`, which every event has")
        .help = "keep one of them";
  }
  if (!out.codec.pattern.empty()) {
    const auto found = connectors::inspect_expression(out.codec.pattern);
    if (!found.error.empty()) {
      map.report(Code::E0408, "pattern", "this expression cannot be matched: " + found.error);
    }
    if (out.format.empty()) out.format.value = "regex";
    if (out.format.value != "regex") {
      map.report(Code::E0708, "pattern",
                 fmt::format("`pattern` goes with `format: regex`, not with {}", out.format.value));
    }
  } else if (out.format.value == "regex" && !map.has("pattern")) {
    map.report(Code::E0708, "format", "`format: regex` has no `pattern`").help =
        "add `pattern:`, an expression with named groups: '(?<user>\\S+) logged in'";
  }
  if (auto csv = map.map("csv", keys::kCsv)) {
    std::string delimiter(1, out.codec.csv_delimiter);
    csv->text("delimiter", delimiter);
    if (delimiter.size() == 1 && delimiter != "\"" && delimiter != "\n") {
      out.codec.csv_delimiter = delimiter[0];
    } else {
      csv->report(Code::E0206, "delimiter", "a delimiter is one character of ASCII, and no quote")
          .help = R"(write ";" or "\t")";
    }
    if (out.format.value != "csv") {
      map.report(Code::E0708, "csv", "`csv` goes with `format: csv`").help = "add `format: csv`";
    }
  }
  std::string path;
  if (map.path("schema", path) && context.reading.environment) {
    std::string error;
    auto schema = connectors::load_schema(path, error);
    if (schema) {
      out.codec.schema = std::make_shared<const Schema>(std::move(*schema));
    } else {
      map.report(Code::E0710, "schema", error);
    }
  }
  out.types = values(map.texts("types"));
}

}  // namespace

void read_sources(ConfigMap& config, const ConfigContext& context, RunConfig& out) {
  out.sources_place = config.place("sources");
  const std::size_t faults = context.diagnostics.errors();
  auto sources = config.maps("sources", keys::kSource, "source");
  if (sources.empty() && config.has("sources") && context.diagnostics.errors() == faults) {
    config.report(Code::E0712, "sources", "there is no source").help = "add one below `sources:`";
  }
  for (ConfigMap& map : sources) {
    SourceConfig source;
    source.place = map.has("name") ? map.place("name") : map.place();
    map.text("name", source.name);
    const std::string_view kind = kind_of(map, kKinds, context);
    if (!kind.empty()) read_options(map, kind, context, source);
    read_decoding(map, context, source);
    read_time(map, source);
    out.sources.push_back(std::move(source));
  }
}

}  // namespace weir::cli
