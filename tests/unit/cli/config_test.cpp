// A config with everything in it, as RunConfig; what its parts say of each other.
#include "config/config.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "weir/pattern-lang/diagnostic.hpp"

namespace weir::cli {
namespace {

using namespace connectors;

const char* const kEverything = R"(
rules: [rules/fraud, more/*.yaml]
sources:
  - name: payments
    file: {path: in/*.csv, follow: true, read_from: end}
    format: csv
    csv: {delimiter: ";"}
    type: payment
    time: {field: at, format: epoch_ms, zone: Europe/Berlin, year: 2020, out_of_order: 5s, idle_timeout: never, max_future: 1h}
    types: [payment, refund]
  - name: posted
    http: {listen: "127.0.0.1:9000", path: /events, token_env: WEIR_TEST_TOKEN, max_body: 1MiB, max_connections: 5, slow_client: 3s, max_waiting_requests: 7, idempotency_keys: 9}
  - name: topic
    kafka:
      brokers: [k1, "k2:9093,k3:9094"]
      topics: [a, b]
      group: g
      instance_id: i
      start: latest
      tls: {ca_file: ca.pem, verify: true}
      sasl: {mechanism: SCRAM-SHA-512, user: u, password_file: secret}
      properties: {fetch.min.bytes: 1, ssl.key.password: {env: WEIR_TEST_TOKEN}}
  - name: sensors
    mqtt: {host: broker, client_id: weir-1, topics: "s/+/#", qos: 2, tls: true, keep_alive: 1m}
  - {name: lines, tcp: {listen: "[::1]:7000", max_connections: 2, max_record: 64KiB, idle_close: 1m}}
  - {name: local, unix: {path: weir.sock}}
  - {name: logs, syslog: {tcp: "127.0.0.1:514", udp: "127.0.0.1:514", unix: log.sock}}
sinks:
  alerts:
    - kafka: {brokers: k1, topic: alerts, compression: zstd}
      queue: {memory: 1MiB, disk: {dir: spool, size: 2GiB}, undelivered: refused.ndjson, retry: {first: 1s, max: 1m}, flush_every: 2s}
    - file: {path: alerts.ndjson, fsync: every, rotate: {size: 1MiB, every: 1d, keep: 4}}
    - file: {path: copy.ndjson}
    - name: pager
      alertmanager: {url: "http://127.0.0.1:9093", labels: {team: fraud}, resolve_after: 10m, generator_url: "http://weir/"}
    - http: {url: "https://example.org/hook", batch: 1, timeout: 2s, headers: {X-Team: fraud, X-Api-Key: {file: secret}}, basic: {user: u, password_file: secret}}
    - stdout:
  low: {mqtt: {topic: "alerts/{rule}", retain: true}}
  late: {file: {path: late.ndjson}}
state: {dir: state, snapshot_every: 1m, keep: 3}
limits: {memory: 1GiB, events_per_key: 5, matches_per_event: 6, policy: stop-rule}
workers: 3
http: {token_file: secret}
record: recorded
max_ahead: 10m
)";

/// A folder of its own with what the config above needs.
struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("weir-config-" + std::to_string(::getpid()));
  Folder() {
    std::filesystem::create_directories(path / "rules/fraud");
    std::filesystem::create_directories(path / "more");
    for (const auto* name : {"rules/fraud/a.yaml", "more/b.yaml", "ca.pem"}) {
      std::ofstream(path / name) << "x";
    }
    std::ofstream(path / "secret") << "hunter2\n";
    ::setenv("WEIR_TEST_TOKEN", "from the environment", 1);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string operator/(const char* name) const { return (path / name).string(); }
};

std::string found(const lang::Diagnostics& diagnostics) {
  std::string out;
  for (const lang::Diagnostic& d : diagnostics.sorted()) out += lang::render(d);
  return out;
}

RunConfig read(const Folder& folder, const std::string& text, std::string& diagnostics,
               bool environment = true) {
  lang::Diagnostics all;
  RunConfig config = read_config({folder / "c.yaml", text}, all, {.environment = environment});
  diagnostics = found(all);
  return config;
}

TEST_CASE("everything that a config can say") {
  const Folder folder;
  std::string diagnostics;
  RunConfig config = read(folder, kEverything, diagnostics);
  CHECK(diagnostics == "");
  CHECK(config.rules == std::vector<std::string>{folder / "rules/fraud", folder / "more/*.yaml"});
  REQUIRE(config.sources.size() == 7);

  lang::Diagnostics formats;
  resolve_formats(config, {}, formats);
  CHECK(formats.empty());

  const SourceConfig& payments = config.sources[0];
  const auto& file = std::get<FileSourceOptions>(payments.options);
  CHECK(file.path == folder / "in/*.csv");
  CHECK(file.follow);
  CHECK(file.from_end);
  CHECK(file.framing == RecordFraming::kCsv);
  CHECK(file.delimiter == ';');
  CHECK(payments.codec.format == LogFormat::kCsv);
  CHECK(payments.codec.csv_delimiter == ';');
  CHECK(payments.codec.type == "payment");
  CHECK(payments.codec.time_field == "at");
  CHECK(payments.codec.time.format == TimeFormat::kEpochMs);
  CHECK_FALSE(payments.codec.time.zone->is_utc());
  CHECK(payments.codec.year == 2020);
  CHECK(payments.out_of_order == Duration{5'000'000'000});
  CHECK_FALSE(payments.idle_timeout);
  CHECK(payments.max_future == Duration{3'600'000'000'000});
  CHECK(payments.types == std::vector<std::string>{"payment", "refund"});

  const auto& http = std::get<HttpSourceOptions>(config.sources[1].options);
  CHECK(http.server.listen == "127.0.0.1:9000");
  CHECK(http.server.bearer_token == "from the environment");
  CHECK(http.server.max_body_bytes == 1 << 20);
  CHECK(http.server.max_connections == 5);
  CHECK(http.server.slow_client == std::chrono::seconds(3));
  CHECK(http.path == "/events");
  CHECK(http.max_waiting_requests == 7);
  CHECK(http.idempotency_keys == 9);
  CHECK(config.sources[1].codec.format == LogFormat::kNdjson);
  CHECK(config.sources[1].idle_timeout == Duration{30'000'000'000});

  const auto& kafka = std::get<KafkaSourceOptions>(config.sources[2].options);
  CHECK(kafka.client.brokers == "k1:9092,k2:9093,k3:9094");
  CHECK(kafka.client.tls.on);
  CHECK(kafka.client.tls.ca_file == folder / "ca.pem");
  CHECK(kafka.client.sasl_mechanism == "SCRAM-SHA-512");
  CHECK(kafka.client.login.user == "u");
  CHECK(kafka.client.login.password == "hunter2");
  CHECK(kafka.client.properties ==
        std::vector<std::pair<std::string, std::string>>{
            {"fetch.min.bytes", "1"}, {"ssl.key.password", "from the environment"}});
  CHECK(kafka.topics == std::vector<std::string>{"a", "b"});
  CHECK(kafka.group == "g");
  CHECK(kafka.instance_id == "i");
  CHECK(kafka.start == KafkaSourceOptions::Start::kLatest);

  const auto& mqtt = std::get<MqttSourceOptions>(config.sources[3].options);
  CHECK(mqtt.client.host == "broker");
  CHECK(mqtt.client.port == 8883);
  CHECK(mqtt.client.tls.on);
  CHECK(mqtt.client.keep_alive == std::chrono::seconds(60));
  CHECK(mqtt.topics == std::vector<std::string>{"s/+/#"});
  CHECK(mqtt.qos == 2);
  CHECK(mqtt.persistent);

  const auto& tcp = std::get<SocketSourceOptions>(config.sources[4].options);
  CHECK(tcp.tcp == "[::1]:7000");
  CHECK(tcp.max_connections == 2);
  CHECK(tcp.max_record_bytes == 65536);
  CHECK(tcp.idle_close == std::chrono::seconds(60));
  CHECK(tcp.framing == SocketSourceOptions::Framing::kLines);
  CHECK(std::get<SocketSourceOptions>(config.sources[5].options).unix_path == folder / "weir.sock");
  const auto& syslog = std::get<SocketSourceOptions>(config.sources[6].options);
  CHECK(syslog.udp == "127.0.0.1:514");
  CHECK(syslog.unix_path == folder / "log.sock");
  CHECK(syslog.framing == SocketSourceOptions::Framing::kSyslog);
  CHECK(config.sources[6].codec.format == LogFormat::kSyslog);

  REQUIRE(config.sinks.size() == 8);
  const std::string names[] = {"alerts/kafka", "alerts/file",   "alerts/file-2", "pager",
                               "alerts/http",  "alerts/stdout", "low/mqtt",      "late/file"};
  for (std::size_t i = 0; i < config.sinks.size(); ++i) {
    CHECK(config.sinks[i].queue.name == names[i]);
    CHECK(delivery_guarantee(config.sinks[i]).find("once") != std::string::npos);
  }
  const auto& out = std::get<KafkaSinkOptions>(config.sinks[0].options);
  CHECK(out.topic == "alerts");
  CHECK(out.compression == "zstd");
  const OutboxOptions& queue = config.sinks[0].queue;
  CHECK(queue.max_bytes == 1 << 20);
  CHECK(queue.disk_dir == folder / "spool");
  CHECK(queue.disk_bytes == std::uint64_t{2} << 30);
  CHECK(queue.undelivered_path == folder / "refused.ndjson");
  CHECK(queue.first_retry == std::chrono::seconds(1));
  CHECK(queue.max_retry == std::chrono::seconds(60));
  CHECK(queue.flush_every == std::chrono::seconds(2));
  const auto& alerts = std::get<FileSinkOptions>(config.sinks[1].options);
  CHECK(alerts.fsync == FileSinkOptions::Fsync::kEvery);
  CHECK(alerts.rotate_bytes == 1 << 20);
  CHECK(alerts.rotate_every == std::chrono::hours(24));
  CHECK(alerts.keep == 4);
  const auto& pager = std::get<AlertmanagerSinkOptions>(config.sinks[3].options);
  CHECK(pager.client.url == "http://127.0.0.1:9093");
  CHECK(pager.labels == std::vector<std::pair<std::string, std::string>>{{"team", "fraud"}});
  CHECK(pager.resolve_after == std::chrono::minutes(10));
  const auto& hook = std::get<WebhookSinkOptions>(config.sinks[4].options);
  CHECK(hook.client.tls.on);
  CHECK(hook.batch == 1);
  CHECK(hook.client.basic.password == "hunter2");
  CHECK(hook.client.headers.back().second == "hunter2");
  CHECK(std::holds_alternative<StdoutOptions>(config.sinks[5].options));
  CHECK(std::get<MqttSinkOptions>(config.sinks[6].options).retain);

  REQUIRE(config.state);
  CHECK(config.state->dir == folder / "state");
  CHECK(config.state->snapshot_every == Duration{60'000'000'000});
  CHECK(config.state->keep == 3);
  CHECK(config.limits.memory == 1 << 30);
  CHECK(config.limits.events_per_key == 5);
  CHECK(config.limits.matches_per_event == 6);
  CHECK(config.limits.policy == LimitPolicy::kStopRule);
  CHECK(config.workers == 3);
  REQUIRE(config.http);
  CHECK(config.http->listen == "127.0.0.1:9464");
  CHECK(config.http->bearer_token == "hunter2");
  CHECK(config.record == folder / "recorded");
  CHECK(config.max_ahead == Duration{600'000'000'000});
}

TEST_CASE("on another machine, only what the config itself says is checked") {
  const Folder folder;
  std::string text = kEverything;
  text.replace(text.find("rules/fraud"), 11, "elsewhere/x");
  text.replace(text.find("WEIR_TEST_TOKEN"), 15, "WEIR_TEST_UNSET");
  text.replace(text.find("password_file: secret"), 21, "password_file: nofile");
  std::string diagnostics;
  read(folder, text, diagnostics, false);
  CHECK(diagnostics == "");
  read(folder, text, diagnostics, true);
  CHECK(diagnostics.find("E0707") != std::string::npos);
  CHECK(diagnostics.find("E0712") != std::string::npos);
}

TEST_CASE("addresses that are the same, and that are not") {
  const Folder folder;
  const auto clash = [&](const char* first, const char* second) {
    std::string diagnostics;
    read(folder,
         std::string("rules: rules\nsources:\n  - {name: a, ") + first + "}\n  - {name: b, " +
             second + "}\nsinks: {alerts: {stdout: }}\n",
         diagnostics);
    CHECK((diagnostics.empty() || diagnostics.starts_with("error[E0709]")));
    return !diagnostics.empty();
  };
  CHECK(clash("tcp: {listen: '127.0.0.1:70'}", "tcp: {listen: 'localhost:70'}"));
  CHECK(clash("tcp: {listen: '127.0.0.1:70'}", "tcp: {listen: '0.0.0.0:70'}"));
  CHECK(clash("tcp: {listen: '127.0.0.1:70'}", "http: {listen: '127.0.0.1:70'}"));
  CHECK(clash("unix: {path: a}", "syslog: {unix: ./a}"));
  CHECK(clash("stdin: ", "stdin: "));
  CHECK_FALSE(clash("tcp: {listen: '127.0.0.1:70'}", "syslog: {udp: '127.0.0.1:70'}"));
  CHECK_FALSE(clash("tcp: {listen: '127.0.0.1:70'}", "tcp: {listen: '127.0.0.2:70'}"));
  CHECK_FALSE(clash("tcp: {listen: '127.0.0.1:0'}", "tcp: {listen: '127.0.0.1:0'}"));
  CHECK_FALSE(clash("tcp: {listen: '127.0.0.1:70'}", "tcp: {listen: '127.0.0.1:71'}"));
}

TEST_CASE("a config that breaks off anywhere is read or refused, and shows no secret") {
  const Folder folder;
  std::string text = kEverything;
  text.replace(text.find("password_file: secret"), 21, "password: \"s3cret\"");
  for (std::size_t size = 0; size < text.size(); size += 7) {
    std::string diagnostics;
    read(folder, text.substr(0, size), diagnostics);
    CHECK(diagnostics.find("s3cret") == std::string::npos);
    CHECK_FALSE(diagnostics.empty());
    std::string hole = text;
    read(folder, hole.erase(size, 2), diagnostics);
    CHECK(diagnostics.find("s3cret") == std::string::npos);
  }
}

}  // namespace
}  // namespace weir::cli
