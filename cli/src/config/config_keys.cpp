#include "config_keys.hpp"

namespace weir::cli::keys {
namespace {

using lang::KeySpec;
using lang::MappingSpec;

// Fragments that several keys share.
constexpr std::string_view kText = R"("type": "string")";
constexpr std::string_view kStrings = R"("$ref": "#/$defs/strings")";
constexpr std::string_view kDuration = R"("$ref": "#/$defs/duration")";
constexpr std::string_view kDurationOrNever =
    R"("anyOf": [{"$ref": "#/$defs/duration"}, {"const": "never"}])";
constexpr std::string_view kSize = R"("$ref": "#/$defs/size")";
constexpr std::string_view kBool = R"("type": "boolean")";
constexpr std::string_view kCount = R"("type": "integer", "minimum": 1)";
constexpr std::string_view kQos = R"("enum": [0, 1, 2])";
constexpr std::string_view kTls =
    R"("anyOf": [{"type": "boolean"}, {"$ref": "#/$defs/tls_client"}])";
constexpr std::string_view kListenTls = R"("$ref": "#/$defs/tls_server")";
constexpr std::string_view kTextMap =
    R"("type": "object", "additionalProperties": {"type": "string"})";
constexpr std::string_view kSecretMap =
    R"("type": "object", "additionalProperties": {"anyOf": [{"type": ["string", "number", "boolean"]}, {"$ref": "#/$defs/secret_from"}]})";

constexpr KeySpec kConfigKeys[] = {
    {"rules", true, "Rule files, folders, globs, relative to this file.", kStrings, "rule_files"},
    {"sources", true, "Where events come from.",
     R"("type": "array", "minItems": 1, "items": {"$ref": "#/$defs/source"})", "inputs input"},
    {"sinks", true,
     "A stream (alerts, late, rejected, or another of the rules') to its sink or sinks.",
     R"("type": "object", "additionalProperties": {"anyOf": [{"$ref": "#/$defs/sink"}, {"type": "array", "items": {"$ref": "#/$defs/sink"}}]})",
     "outputs output"},
    {"state", false, "Where what has been half matched is kept over a restart.",
     R"("$ref": "#/$defs/state")"},
    {"limits", false, "Bounds of memory.", R"("$ref": "#/$defs/limits")"},
    {"workers", false, "Threads that match; default: auto.",
     R"("anyOf": [{"const": "auto"}, {"type": "integer", "minimum": 1, "maximum": 16}])",
     "threads"},
    {"http", false, "The server of /metrics, /healthz and /api/v1.", R"("$ref": "#/$defs/server")",
     "metrics api admin"},
    {"record", false, "A folder: all that the sources give is written there, for `weir replay`.",
     kText},
    {"max_ahead", false, "Event time that a source may be ahead of the slowest one; default: 5m.",
     kDurationOrNever},
};

constexpr KeySpec kSourceKeys[] = {
    {"name", true, "Unique; stands in metrics and in what is rejected.", kText, "id"},
    {"file", false, "A file or a glob, followed or read once.", R"("$ref": "#/$defs/file_source")",
     "tail"},
    {"stdin", false, "Standard input.", R"("type": ["object", "null"], "maxProperties": 0)"},
    {"http", false, "A server that events are posted to.", R"("$ref": "#/$defs/http_source")",
     "http_server"},
    {"kafka", false, "Topics, in a consumer group.", R"("$ref": "#/$defs/kafka_source")"},
    {"mqtt", false, "Topics of an MQTT broker.", R"("$ref": "#/$defs/mqtt_source")"},
    {"tcp", false, "Lines over TCP.", R"("$ref": "#/$defs/tcp_source")", "socket"},
    {"unix", false, "Lines over a Unix socket.", R"("$ref": "#/$defs/unix_source")"},
    {"syslog", false, "RFC 5424 and 3164, over TCP, UDP or a Unix socket.",
     R"("$ref": "#/$defs/syslog_source")"},
    {"format", false,
     "ndjson, csv, syslog, access-log, text, regex, or a format of the rule files; default: "
     "ndjson, of syslog sources syslog.",
     kText, "codec decoding parser"},
    {"pattern", false, "A regular expression; its named groups are the fields. For format: regex.",
     kText, "regex"},
    {"type", false, "The type of every event.", kText},
    {"type_field", false, "The field that holds the type; default: type.", kText},
    {"csv", false, "How CSV is written.", R"("$ref": "#/$defs/csv")"},
    {"time", false, "Event time.", R"("$ref": "#/$defs/time")", "timestamp"},
    {"schema", false, "Path of a schema, as `weir schema infer` prints it.", kText},
    {"types", false, "The event types that it can give; others are rejected.", kStrings},
};

constexpr KeySpec kTimeKeys[] = {
    {"field", false,
     "The field that holds it; default: the first there is of ts, timestamp, time, @timestamp, ...",
     kText},
    {"format", false,
     "auto, iso8601, epoch_s, epoch_ms, epoch_us, epoch_ns or strptime:...; default: auto.", kText},
    {"zone", false, "Of local times; default: UTC.", kText, "timezone tz"},
    {"year", false, "Of times that name none; default: this year, by UTC.",
     R"("type": "integer", "minimum": 1678, "maximum": 2261)"},
    {"out_of_order", false, "How far events may come out of order; default: 0s.", kDuration,
     "lateness allowed_lateness max_out_of_order"},
    {"idle_timeout", false, "So long without events, and it holds nothing back; default: 30s.",
     kDurationOrNever},
    {"max_future", false, "An event that is further ahead of the clock is rejected; default: 5m.",
     kDurationOrNever},
};

constexpr KeySpec kCsvKeys[] = {
    {"delimiter", false, "One character; default: a comma.",
     R"("type": "string", "minLength": 1, "maxLength": 1)", "separator"},
};

constexpr KeySpec kFileSourceKeys[] = {
    {"path", true, "A path or a glob, relative to this file.", kText, "include paths file"},
    {"follow", false, "Goes on where the file grows, also over rotations; default: false.", kBool,
     "tail"},
    {"read_from", false, "beginning, or end: what is there at the start is not read.",
     R"("enum": ["beginning", "end"])", "start read_from_head"},
};

constexpr KeySpec kHttpSourceKeys[] = {
    {"listen", true, "HOST:PORT.", kText, "address bind"},
    {"path", false, "What is posted to; default: /.", kText},
    {"tls", false, "Certificate and key.", kListenTls},
    {"token", false, "The bearer token that is asked for; better: token_file.", kText},
    {"token_file", false, "A file that holds it.", kText},
    {"token_env", false, "The environment variable that holds it.", kText},
    {"max_body", false, "Of a request, also when unwrapped; default: 16MiB.", kSize},
    {"max_connections", false, "At a time; default: 64.", kCount},
    {"slow_client", false, "A request that takes longer to arrive is cut off; default: 10s.",
     kDuration, "timeout"},
    {"max_waiting_requests", false, "More are answered with 429; default: 64.", kCount},
    {"idempotency_keys", false, "So many are remembered, with their answers; default: 10000.",
     kCount},
};

constexpr KeySpec kKafkaSourceKeys[] = {
    {"brokers", true, "HOST:PORT, one or several.", kStrings, "bootstrap_servers servers"},
    {"topics", true, "One or several.", kStrings, "topic"},
    {"group", false, "The consumer group; default: weir.", kText, "group_id"},
    {"instance_id", false, "For static membership: unique in the group.", kText,
     "group_instance_id"},
    {"start", false, "Where there is no offset yet: earliest, latest or fail; default: earliest.",
     R"("enum": ["earliest", "latest", "fail"])", "auto_offset_reset"},
    {"tls", false, "true, or what the connection needs.", kTls, "ssl"},
    {"sasl", false, "User and password.", R"("$ref": "#/$defs/sasl")"},
    {"properties", false, "Any others of librdkafka, by their names there.", kSecretMap,
     "librdkafka_options"},
};

constexpr KeySpec kMqttSourceKeys[] = {
    {"host", false, "Of the broker; default: 127.0.0.1.", kText, "broker server"},
    {"port", false, "Default: 1883, with tls 8883.",
     R"("type": "integer", "minimum": 1, "maximum": 65535)"},
    {"client_id", false, "Unique at the broker.", kText},
    {"topics", true, "One or several, with + and #.", kStrings, "topic"},
    {"qos", false, "0, 1 or 2; default: 1.", kQos},
    {"persistent", false,
     "The broker keeps messages while we are away; needs a client_id; default: true where there is "
     "one.",
     kBool, "clean_session"},
    {"keep_alive", false, "Default: 30s.", kDuration, "keepalive"},
    {"tls", false, "true, or what the connection needs.", kTls, "ssl"},
    {"user", false, "Who we are.", kText, "username"},
    {"password", false, "Better: password_file.", kText},
    {"password_file", false, "A file that holds it.", kText},
    {"password_env", false, "The environment variable that holds it.", kText},
};

constexpr KeySpec kTcpSourceKeys[] = {
    {"listen", true, "HOST:PORT.", kText, "address bind"},
    {"tls", false, "Certificate and key.", kListenTls},
    {"max_connections", false, "At a time; default: 256.", kCount},
    {"max_record", false, "A longer line is rejected; default: 16MiB.", kSize, "max_length"},
    {"idle_close", false, "A connection that says nothing for so long is closed; default: 10m.",
     kDuration},
};

constexpr KeySpec kUnixSourceKeys[] = {
    {"path", true, "Of the stream socket, relative to this file.", kText},
    {"max_connections", false, "At a time; default: 256.", kCount},
    {"max_record", false, "A longer line is rejected; default: 16MiB.", kSize, "max_length"},
    {"idle_close", false, "A connection that says nothing for so long is closed; default: 10m.",
     kDuration},
};

constexpr KeySpec kSyslogSourceKeys[] = {
    {"tcp", false, "HOST:PORT to listen on.", kText, "listen address"},
    {"udp", false, "HOST:PORT to listen on.", kText},
    {"unix", false, "Path of a stream socket, relative to this file.", kText, "path"},
    {"tls", false, "Certificate and key, of tcp.", kListenTls},
    {"max_connections", false, "At a time; default: 256.", kCount},
    {"max_record", false, "A longer message is rejected; default: 16MiB.", kSize, "max_length"},
    {"idle_close", false, "A connection that says nothing for so long is closed; default: 10m.",
     kDuration},
};

constexpr KeySpec kSinkKeys[] = {
    {"name", false, "Unique; default: the stream and the kind, alerts/kafka.", kText, "id"},
    {"file", false, "One JSON object a line.", R"("$ref": "#/$defs/file_sink")"},
    {"stdout", false, "Standard output.", R"("type": ["object", "null"], "maxProperties": 0)",
     "console"},
    {"http", false, "Posted to a URL.", R"("$ref": "#/$defs/webhook")", "webhook"},
    {"kafka", false, "A topic; the message's key is the alert's.",
     R"("$ref": "#/$defs/kafka_sink")"},
    {"mqtt", false, "A topic of an MQTT broker.", R"("$ref": "#/$defs/mqtt_sink")"},
    {"alertmanager", false, "Prometheus Alertmanager, API v2.",
     R"("$ref": "#/$defs/alertmanager")"},
    {"queue", false, "What waits while the far end is slow or down.", R"("$ref": "#/$defs/queue")",
     "buffer"},
};

constexpr KeySpec kFileSinkKeys[] = {
    {"path", true, "Relative to this file.", kText},
    {"fsync", false, "never, flush or every (record); default: never.",
     R"("enum": ["never", "flush", "every"])", "sync"},
    {"rotate", false, "When a new file is begun; default: never.", R"("$ref": "#/$defs/rotate")",
     "rotation"},
};

constexpr KeySpec kRotateKeys[] = {
    {"size", false, "At this size.", kSize, "max_size"},
    {"every", false, "After this time.", kDuration, "interval"},
    {"keep", false, "Rotated files that are kept; default: all.", kCount, "max_files"},
};

constexpr KeySpec kWebhookKeys[] = {
    {"url", true, "http:// or https://.", kText, "uri endpoint"},
    {"batch", false, "Records of a request, as NDJSON; 1: one JSON object; default: 100.",
     R"("type": "integer", "minimum": 1, "maximum": 10000)"},
    {"timeout", false, "Of a request; default: 5s.", kDuration},
    {"headers", false, "Added to each request.", kSecretMap},
    {"tls", false, "What the connection needs.", kTls},
    {"token", false, "A bearer token; better: token_file.", kText},
    {"token_file", false, "A file that holds it.", kText},
    {"token_env", false, "The environment variable that holds it.", kText},
    {"basic", false, "User and password, instead of a token.", R"("$ref": "#/$defs/basic")",
     "auth"},
};

constexpr KeySpec kAlertmanagerKeys[] = {
    {"url", true, "Of Alertmanager, without /api/v2.", kText},
    {"labels", false, "Added to each alert's.", kTextMap},
    {"resolve_after", false, "So long after its last alert it is resolved; default: 5m.", kDuration,
     "resolve_timeout"},
    {"generator_url", false, "The link back that Alertmanager shows.", kText},
    {"timeout", false, "Of a request; default: 5s.", kDuration},
    {"headers", false, "Added to each request.", kSecretMap},
    {"tls", false, "What the connection needs.", kTls},
    {"token", false, "A bearer token; better: token_file.", kText},
    {"token_file", false, "A file that holds it.", kText},
    {"token_env", false, "The environment variable that holds it.", kText},
    {"basic", false, "User and password, instead of a token.", R"("$ref": "#/$defs/basic")",
     "auth"},
};

constexpr KeySpec kKafkaSinkKeys[] = {
    {"brokers", true, "HOST:PORT, one or several.", kStrings, "bootstrap_servers servers"},
    {"topic", true, "Where the records go.", kText, "topics"},
    {"compression", false, "none, gzip, snappy, lz4 or zstd; default: lz4.",
     R"("enum": ["none", "gzip", "snappy", "lz4", "zstd"])", "compression_type codec"},
    {"tls", false, "true, or what the connection needs.", kTls, "ssl"},
    {"sasl", false, "User and password.", R"("$ref": "#/$defs/sasl")"},
    {"properties", false, "Any others of librdkafka, by their names there.", kSecretMap,
     "librdkafka_options"},
};

constexpr KeySpec kMqttSinkKeys[] = {
    {"host", false, "Of the broker; default: 127.0.0.1.", kText, "broker server"},
    {"port", false, "Default: 1883, with tls 8883.",
     R"("type": "integer", "minimum": 1, "maximum": 65535)"},
    {"client_id", false, "Unique at the broker.", kText},
    {"topic", true, "May hold {rule}, {severity} and {stream}.", kText, "topics"},
    {"qos", false, "0, 1 or 2; default: 1.", kQos},
    {"retain", false, "The broker keeps the last one; default: false.", kBool},
    {"keep_alive", false, "Default: 30s.", kDuration, "keepalive"},
    {"tls", false, "true, or what the connection needs.", kTls, "ssl"},
    {"user", false, "Who we are.", kText, "username"},
    {"password", false, "Better: password_file.", kText},
    {"password_file", false, "A file that holds it.", kText},
    {"password_env", false, "The environment variable that holds it.", kText},
};

constexpr KeySpec kQueueKeys[] = {
    {"memory", false, "Waits in memory; then sources are slowed down; default: 8MiB.", kSize,
     "max_size mem_buf_limit"},
    {"disk", false, "A queue on disk, for while the far end is down.", R"("$ref": "#/$defs/disk")",
     "storage"},
    {"undelivered", false, "A file for what the far end refuses for good.", kText, "dead_letter"},
    {"retry", false, "How it is tried again.", R"("$ref": "#/$defs/retry")", "backoff"},
    {"flush_every", false, "Default: after each batch.", kDuration, "flush_interval"},
};

constexpr KeySpec kDiskKeys[] = {
    {"dir", true, "A folder of its own, relative to this file.", kText, "path folder"},
    {"size", false, "So much of it; default: 1GiB.", kSize, "max_size limit"},
};

constexpr KeySpec kRetryKeys[] = {
    {"first", false, "The first pause, doubled up to `max`, with jitter; default: 100ms.",
     kDuration, "initial"},
    {"max", false, "The longest pause; default: 30s.", kDuration, "max_interval"},
};

constexpr KeySpec kStateKeys[] = {
    {"dir", true, "A folder, relative to this file.", kText, "path folder"},
    {"snapshot_every", false, "Default: 10s.", kDuration, "interval checkpoint_interval"},
    {"keep", false, "Snapshots that are kept; default: 2.",
     R"("type": "integer", "minimum": 1, "maximum": 1000)"},
};

constexpr KeySpec kLimitsKeys[] = {
    {"memory", false, "Of the whole process, about; default: 2GiB.", kSize, "max_memory"},
    {"events_per_key", false, "Held per rule and key; default: 10000.", kCount},
    {"matches_per_event", false, "Of a rule; default: 1000.", kCount},
    {"policy", false, "What is given up: oldest, newest, or stop-rule; default: oldest.",
     R"("enum": ["oldest", "newest", "stop-rule"])"},
};

constexpr KeySpec kServerKeys[] = {
    {"listen", false, "HOST:PORT; default: 127.0.0.1:9464.", kText, "address bind"},
    {"tls", false, "Certificate and key.", kListenTls},
    {"token", false, "The bearer token that is asked for; better: token_file.", kText},
    {"token_file", false, "A file that holds it.", kText},
    {"token_env", false, "The environment variable that holds it.", kText},
    {"max_body", false, "Of a request; default: 16MiB.", kSize},
    {"max_connections", false, "At a time; default: 64.", kCount},
    {"slow_client", false, "A request that takes longer to arrive is cut off; default: 10s.",
     kDuration, "timeout"},
};

constexpr KeySpec kTlsClientKeys[] = {
    {"ca_file", false, "Certificates that are trusted; default: the system's.", kText,
     "ca ca_cert"},
    {"cert_file", false, "Our own certificate.", kText, "cert crt_file certificate"},
    {"key_file", false, "Its key.", kText, "key"},
    {"verify", false, "False: any server will do; default: true.", kBool,
     "verify_certificate insecure"},
};

constexpr KeySpec kTlsServerKeys[] = {
    {"cert_file", true, "The certificate, with its chain.", kText, "cert crt_file certificate"},
    {"key_file", true, "Its key.", kText, "key"},
    {"client_ca_file", false, "Given: clients need a certificate of it.", kText,
     "ca_file client_ca"},
};

constexpr KeySpec kSaslKeys[] = {
    {"mechanism", false, "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; default: PLAIN.",
     R"("enum": ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])"},
    {"user", true, "Who we are.", kText, "username"},
    {"password", false, "Better: password_file.", kText},
    {"password_file", false, "A file that holds it.", kText},
    {"password_env", false, "The environment variable that holds it.", kText},
};

constexpr KeySpec kBasicKeys[] = {
    {"user", true, "Who we are.", kText, "username"},
    {"password", false, "Better: password_file.", kText},
    {"password_file", false, "A file that holds it.", kText},
    {"password_env", false, "The environment variable that holds it.", kText},
};

constexpr KeySpec kSecretFromKeys[] = {
    {"file", false, "A file that holds the value.", kText},
    {"env", false, "The environment variable that holds it.", kText},
};

}  // namespace

const MappingSpec kConfig{"config", "a config", kConfigKeys};
const MappingSpec kSource{"source", "a source", kSourceKeys};
const MappingSpec kTime{"time", "`time` of a source", kTimeKeys};
const MappingSpec kCsv{"csv", "`csv` of a source", kCsvKeys};
const MappingSpec kFileSource{"file_source", "a source's `file`", kFileSourceKeys};
const MappingSpec kStdin{"stdin", "`stdin`", {}};
const MappingSpec kHttpSource{"http_source", "a source's `http`", kHttpSourceKeys};
const MappingSpec kKafkaSource{"kafka_source", "a source's `kafka`", kKafkaSourceKeys};
const MappingSpec kMqttSource{"mqtt_source", "a source's `mqtt`", kMqttSourceKeys};
const MappingSpec kTcpSource{"tcp_source", "a source's `tcp`", kTcpSourceKeys};
const MappingSpec kUnixSource{"unix_source", "a source's `unix`", kUnixSourceKeys};
const MappingSpec kSyslogSource{"syslog_source", "a source's `syslog`", kSyslogSourceKeys};
const MappingSpec kSink{"sink", "a sink", kSinkKeys};
const MappingSpec kFileSink{"file_sink", "a sink's `file`", kFileSinkKeys};
const MappingSpec kRotate{"rotate", "`rotate` of a file", kRotateKeys};
const MappingSpec kStdout{"stdout", "`stdout`", {}};
const MappingSpec kWebhook{"webhook", "a sink's `http`", kWebhookKeys};
const MappingSpec kKafkaSink{"kafka_sink", "a sink's `kafka`", kKafkaSinkKeys};
const MappingSpec kMqttSink{"mqtt_sink", "a sink's `mqtt`", kMqttSinkKeys};
const MappingSpec kAlertmanager{"alertmanager", "`alertmanager`", kAlertmanagerKeys};
const MappingSpec kQueue{"queue", "a sink's `queue`", kQueueKeys};
const MappingSpec kDisk{"disk", "`disk` of a queue", kDiskKeys};
const MappingSpec kRetry{"retry", "`retry` of a queue", kRetryKeys};
const MappingSpec kState{"state", "`state`", kStateKeys};
const MappingSpec kLimits{"limits", "`limits`", kLimitsKeys};
const MappingSpec kServer{"server", "`http` of the config", kServerKeys};
const MappingSpec kTlsClient{"tls_client", "`tls` towards a server", kTlsClientKeys};
const MappingSpec kTlsServer{"tls_server", "`tls` of what listens", kTlsServerKeys};
const MappingSpec kSasl{"sasl", "`sasl`", kSaslKeys};
const MappingSpec kBasic{"basic", "`basic`", kBasicKeys};
const MappingSpec kSecretFrom{"secret_from", "where a value comes from", kSecretFromKeys};

std::span<const MappingSpec* const> all() noexcept {
  static constexpr const MappingSpec* kAll[] = {
      &kConfig,      &kSource,     &kTime,      &kCsv,        &kFileSource,   &kHttpSource,
      &kKafkaSource, &kMqttSource, &kTcpSource, &kUnixSource, &kSyslogSource, &kSink,
      &kFileSink,    &kRotate,     &kWebhook,   &kKafkaSink,  &kMqttSink,     &kAlertmanager,
      &kQueue,       &kDisk,       &kRetry,     &kState,      &kLimits,       &kServer,
      &kTlsClient,   &kTlsServer,  &kSasl,      &kBasic,      &kSecretFrom,   &kStdin,
      &kStdout,
  };
  return kAll;
}

}  // namespace weir::cli::keys
