// What several connectors' configs have in common: addresses, TLS, secrets.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config.hpp"
#include "weir/pattern-lang/config_file.hpp"

namespace weir::cli {

/// What the passes over one config share.
struct ConfigContext {
  lang::Diagnostics& diagnostics;
  ConfigReading reading;
};

struct Address {
  std::string host;  // without the brackets of IPv6
  std::uint16_t port = 0;
};
/// "127.0.0.1:9464", "[::1]:9464", "localhost:80".
std::optional<Address> parse_address(std::string_view text);
bool is_loopback(std::string_view host) noexcept;
/// Of a URL that read_url() took.
std::string url_host(std::string_view url);

/// HOST:PORT to listen on.
bool read_address(lang::ConfigMap& map, std::string_view key, std::string& out);
/// One HOST:PORT or a list of them, as librdkafka wants them.
bool read_brokers(lang::ConfigMap& map, std::string& out);
/// http:// or https:// without a user in it.
bool read_url(lang::ConfigMap& map, std::string_view key, std::string& out);

/// `key`, `key`_file or `key`_env, one of them.
bool read_secret(lang::ConfigMap& map, const std::string& key, const ConfigContext& context,
                 std::string& out);
/// Names to values, which may be secrets: {file: PATH}, {env: NAME}.
std::vector<std::pair<std::string, std::string>> read_secret_map(lang::ConfigMap& map,
                                                                 std::string_view key,
                                                                 const ConfigContext& context);
void read_login(lang::ConfigMap& map, const ConfigContext& context, connectors::Login& out);

void read_tls(lang::ConfigMap& map, const ConfigContext& context, connectors::TlsClient& out);
void read_tls(lang::ConfigMap& map, const ConfigContext& context, connectors::TlsServer& out);
/// Warns where a secret goes to `host` without TLS.
void check_in_clear(lang::ConfigMap& map, std::string_view key, std::string_view host, bool tls,
                    bool secret);

/// `http` of the config, and of a source.
void read_server(lang::ConfigMap& map, const ConfigContext& context,
                 connectors::HttpServerOptions& out);
/// url, tls, token, basic, headers, timeout.
void read_http_client(lang::ConfigMap& map, const ConfigContext& context,
                      connectors::HttpClientOptions& out);
/// brokers, tls, sasl, properties.
void read_kafka_client(lang::ConfigMap& map, const ConfigContext& context,
                       connectors::KafkaClientOptions& out);
/// host, port, client_id, tls, user, password, keep_alive.
void read_mqtt_client(lang::ConfigMap& map, const ConfigContext& context,
                      connectors::MqttClientOptions& out);

/// Reports a file that is not there to be read.
void check_readable(lang::ConfigMap& map, std::string_view key, const std::string& path,
                    const ConfigContext& context);
/// Reports a folder that is neither there to be written to nor could be made.
void check_folder(lang::ConfigMap& map, std::string_view key, const std::string& path,
                  const ConfigContext& context);

/// The key among `kinds` that says what it is; empty, and a diagnostic, where there is none or
/// several.
std::string_view kind_of(lang::ConfigMap& map, std::span<const std::string_view> kinds,
                         const ConfigContext& context);

// Of config.cpp's own.
void read_sources(lang::ConfigMap& config, const ConfigContext& context, RunConfig& out);
void read_sinks(lang::ConfigMap& config, const ConfigContext& context, RunConfig& out);
/// Names that stand twice, places that two things use.
void check_places(const RunConfig& config, const ConfigContext& context);

}  // namespace weir::cli
