// The config of `weir run` (docs/config.md), read and checked: a plain struct that holds the
// connectors' option structs. Defaults are those of the members here and there.
//
// It holds secrets, and there is no way to print it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rules.hpp"
#include "weir/connectors/codec.hpp"
#include "weir/connectors/live/file.hpp"
#include "weir/connectors/live/http.hpp"
#include "weir/connectors/live/kafka.hpp"
#include "weir/connectors/live/mqtt.hpp"
#include "weir/connectors/live/outbox.hpp"
#include "weir/connectors/live/socket.hpp"
#include "weir/event/time.hpp"
#include "weir/pattern-lang/diagnostic.hpp"
#include "weir/pattern-lang/rule_file.hpp"

namespace weir::cli {

inline constexpr std::string_view kLateStream = "late";
inline constexpr std::string_view kRejectedStream = "rejected";

struct StdinOptions {};
struct StdoutOptions {};

struct SourceConfig {
  std::string name;  // unique
  std::string kind;  // the key that it is written under: "kafka"
  std::variant<connectors::FileSourceOptions, StdinOptions, connectors::HttpSourceOptions,
               connectors::KafkaSourceOptions, connectors::MqttSourceOptions,
               connectors::SocketSourceOptions>
      options;
  /// Its format, and the framing of files and standard input, are there after resolve_formats().
  connectors::CodecOptions codec;
  connectors::RecordFraming framing = connectors::RecordFraming::kLines;
  lang::Text format;  // as written; empty value: the kind's default
  Duration out_of_order;
  std::optional<Duration> idle_timeout = Duration{30'000'000'000};  // none: never idle
  std::optional<Duration> max_future = Duration{300'000'000'000};   // none: any time is believed
  /// The types that it can give; others are rejected. Empty: any.
  std::vector<std::string> types;
  lang::Place place;  // of the name
};

struct SinkConfig {
  std::string stream;
  std::string kind;
  std::variant<connectors::FileSinkOptions, StdoutOptions, connectors::WebhookSinkOptions,
               connectors::KafkaSinkOptions, connectors::MqttSinkOptions,
               connectors::AlertmanagerSinkOptions>
      options;
  connectors::OutboxOptions queue;  // its name is the sink's: unique
  lang::Place place;                // of its name, where it has one, else of the sink
  lang::Place stream_place;         // of the stream's name
};

struct StateConfig {
  std::string dir;
  Duration snapshot_every{10'000'000'000};
  unsigned keep = 2;
};

/// What is given up where a bound is reached.
enum class LimitPolicy : std::uint8_t { kOldest, kNewest, kStopRule };

struct LimitsConfig {
  std::uint64_t memory = std::uint64_t{2} << 30;
  std::uint64_t events_per_key = 10'000;  // held, per rule and key
  std::uint64_t matches_per_event = 1'000;
  LimitPolicy policy = LimitPolicy::kOldest;
};

struct RunConfig {
  std::string path;                // of the config
  std::vector<std::string> rules;  // paths, seen from the working directory
  std::vector<SourceConfig> sources;
  std::vector<SinkConfig> sinks;  // in written order
  std::optional<StateConfig> state;
  LimitsConfig limits;
  std::size_t workers = 0;  // 0: as many as are worth it
  std::optional<connectors::HttpServerOptions> http;
  std::string record;  // a folder; empty: nothing is recorded
  /// Event time that a source may be ahead of the slowest one.
  std::optional<Duration> max_ahead = Duration{300'000'000'000};
  // Where things stand in the config.
  lang::Place rules_place;
  lang::Place sources_place;
  lang::Place sinks_place;
  lang::Place http_place;
};

struct ConfigReading {
  /// Secrets are read, and folders and files looked at. Off: what the config says is checked, and
  /// not whether this machine is the one that it is for.
  bool environment = true;
};

/// Reads a config. Errors go to `diagnostics`; what could be read is returned all the same, so that
/// one run shows every error. Safe on any text; never throws.
RunConfig read_config(const lang::SourceFile& file, lang::Diagnostics& diagnostics,
                      ConfigReading reading = {});

/// Each source's format, by name: built in, or one of the rule files'.
void resolve_formats(RunConfig& config, const RuleSet& rules, lang::Diagnostics& diagnostics);

/// Sinks for streams that no rule writes, and streams without a sink.
void check_streams(const RunConfig& config, const nfa::Program& program,
                   lang::Diagnostics& diagnostics);

/// One sentence: what becomes of a record that is given to the sink, for people who choose sinks.
std::string delivery_guarantee(const SinkConfig& sink);

/// JSON Schema of a config.
std::string config_json_schema();

}  // namespace weir::cli
