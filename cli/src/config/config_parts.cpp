#include "config_parts.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "config_keys.hpp"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;
using lang::Code;
using lang::ConfigMap;

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc{} || at != text.data() + text.size()) return std::nullopt;
  return port;
}

std::string address_help(std::string_view text) {
  if (parse_port(text)) return fmt::format("write 127.0.0.1:{}", text);
  if (text.starts_with(':') && parse_port(text.substr(1))) {
    return fmt::format("write 127.0.0.1{0}, or 0.0.0.0{0} for every interface", text);
  }
  if (text.find("://") != std::string_view::npos) {
    return fmt::format("write host and port alone: {}", text.substr(text.find("://") + 3));
  }
  return "an address is HOST:PORT, as in 127.0.0.1:9464 or [::1]:9464, the port at most 65535";
}

bool bad_address(ConfigMap& map, std::string_view key, std::string_view text) {
  map.report(Code::E0706, key, fmt::format("`{}` is no address", text)).help = address_help(text);
  return false;
}

// What stands between :// and the path.
std::string_view authority(std::string_view url) {
  const std::size_t start = url.find("://") + 3;
  return url.substr(start, url.find_first_of("/?#", start) - start);
}

std::optional<Address> url_address(std::string_view url) {
  const std::string_view part = authority(url);
  if (auto address = parse_address(part)) return address;
  if (part.starts_with('[') && part.ends_with(']') && part.size() > 2) {
    return Address{std::string(part.substr(1, part.size() - 2)), 0};
  }
  if (part.empty() || part.find_first_of(": []") != std::string_view::npos) return std::nullopt;
  return Address{std::string(part), 0};
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const auto port = parse_port(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;
  }
  if (!port || host.empty() || host.find_first_of(" /@[]") != std::string_view::npos) {
    return std::nullopt;
  }
  return Address{std::string(host), *port};
}

bool is_loopback(std::string_view host) noexcept {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::string url_host(std::string_view url) {
  const auto address = url.empty() ? std::nullopt : url_address(url);
  return address ? address->host : std::string();
}

bool read_address(ConfigMap& map, std::string_view key, std::string& out) {
  std::string text;
  if (!map.text(key, text)) return false;
  if (!parse_address(text)) return bad_address(map, key, text);
  out = std::move(text);
  return true;
}

bool read_brokers(ConfigMap& map, std::string& out) {
  std::string all;
  for (const lang::Text& text : map.texts("brokers")) {
    // Kafka's own way is one text with commas.
    for (std::string_view rest = text.value; !rest.empty();) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      std::string broker(rest.substr(0, end));
      std::erase(broker, ' ');
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (broker.find(':') == std::string::npos && !broker.empty()) broker += ":9092";
      if (!parse_address(broker)) return bad_address(map, "brokers", broker);
      all += (all.empty() ? "" : ",") + broker;
    }
  }
  if (all.empty()) return false;
  out = std::move(all);
  return true;
}

bool read_url(ConfigMap& map, std::string_view key, std::string& out) {
  std::string url;
  if (!map.text(key, url)) return false;
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    map.report(Code::E0706, key, "a URL begins with http:// or https://").help =
        url.find("://") == std::string::npos ? "write http:// before it" : "";
    return false;
  }
  if (authority(url).find('@') != std::string_view::npos) {
    map.report(Code::E0706, key, "user and password do not stand in a URL").help =
        "write `basic: {user: NAME, password_file: PATH}` beside it";
    return false;
  }
  if (!url_address(url)) {
    map.report(Code::E0706, key, "the URL has no host, or no port that can be").help =
        "write http://HOST:PORT/PATH, the port at most 65535";
    return false;
  }
  out = std::move(url);
  return true;
}

void read_tls(ConfigMap& map, const ConfigContext& context, connectors::TlsClient& out) {
  if (!map.has("tls")) return;
  if (!map.is_mapping("tls")) {
    map.flag("tls", out.on);
    return;
  }
  auto tls = map.map("tls", keys::kTlsClient);
  if (!tls) return;
  out.on = true;
  for (const auto& [key, path] :
       {std::pair<std::string_view, std::string*>("ca_file", &out.ca_file),
        {"cert_file", &out.cert_file},
        {"key_file", &out.key_file}}) {
    if (tls->path(key, *path)) check_readable(*tls, key, *path, context);
  }
  if (tls->has("cert_file") != tls->has("key_file")) {
    tls->report(Code::E0708, tls->has("cert_file") ? "cert_file" : "key_file",
                "a certificate and its key go together")
        .help = tls->has("cert_file") ? "add `key_file:`" : "add `cert_file:`";
  }
  tls->flag("verify", out.verify);
  if (!out.verify) {
    tls->report(Code::W0706, "verify", "any server is taken for the right one").help =
        "for a certificate of your own, give `ca_file`";
  }
}

void read_tls(ConfigMap& map, const ConfigContext& context, connectors::TlsServer& out) {
  auto tls = map.map("tls", keys::kTlsServer);
  if (!tls) return;
  for (const auto& [key, path] :
       {std::pair<std::string_view, std::string*>("cert_file", &out.cert_file),
        {"key_file", &out.key_file},
        {"client_ca_file", &out.client_ca_file}}) {
    if (tls->path(key, *path)) check_readable(*tls, key, *path, context);
  }
}

void check_in_clear(ConfigMap& map, std::string_view key, std::string_view host, bool tls,
                    bool secret) {
  if (tls || !secret || host.empty() || is_loopback(host)) return;
  map.report(Code::W0705, key, fmt::format("a secret goes to {} without TLS", host)).help =
      key == "url" ? "write https://" : "add `tls: true`";
}

void read_server(ConfigMap& map, const ConfigContext& context, connectors::HttpServerOptions& out) {
  read_address(map, "listen", out.listen);
  read_tls(map, context, out.tls);
  const bool token = map.has("token") || map.has("token_file") || map.has("token_env");
  read_secret(map, "token", context, out.bearer_token);
  std::uint64_t body = out.max_body_bytes;
  map.size("max_body", body, 1024);
  out.max_body_bytes = body;
  map.number("max_connections", out.max_connections, 1, 100'000);
  map.duration("slow_client", out.slow_client, Duration{1'000'000'000});

  const auto address = parse_address(out.listen);
  if (!address || is_loopback(address->host)) return;
  if (!token && out.tls.client_ca_file.empty()) {
    map.report(
           Code::W0702, "listen",
           fmt::format("{} can be reached from other machines, and whoever reaches it is let in",
                       out.listen))
        .help = "listen on 127.0.0.1, or add `token_file:`";
  } else if (token && !map.has("tls")) {
    map.report(Code::W0702, "listen",
               fmt::format("{} can be reached from other machines, and its token goes in the clear",
                           out.listen))
        .help = "listen on 127.0.0.1, or add `tls: {cert_file: PATH, key_file: PATH}`";
  }
}

void read_http_client(ConfigMap& map, const ConfigContext& context,
                      connectors::HttpClientOptions& out) {
  read_url(map, "url", out.url);
  const bool secure = out.url.starts_with("https://");
  read_tls(map, context, out.tls);
  if (map.has("tls") && out.tls.on && !secure && !out.url.empty()) {
    map.report(Code::E0708, "tls", "`tls` beside a URL that begins with http://").help =
        "write https:// in `url`";
  }
  out.tls.on = secure;
  const bool token = map.has("token") || map.has("token_file") || map.has("token_env");
  read_secret(map, "token", context, out.bearer_token);
  if (auto basic = map.map("basic", keys::kBasic)) {
    read_login(*basic, context, out.basic);
    if (token) {
      map.report(Code::E0708, "basic", "`basic` beside a token").help = "keep one of them";
    }
  }
  out.headers = read_secret_map(map, "headers", context);
  map.duration("timeout", out.timeout, Duration{10'000'000});
  const bool header = std::any_of(out.headers.begin(), out.headers.end(),
                                  [](const auto& h) { return lang::secret_key(h.first); });
  check_in_clear(map, "url", url_host(out.url), secure, token || map.has("basic") || header);
}

void read_kafka_client(ConfigMap& map, const ConfigContext& context,
                       connectors::KafkaClientOptions& out) {
  static constexpr std::string_view kMechanisms[] = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"};
  read_brokers(map, out.brokers);
  read_tls(map, context, out.tls);
  if (auto sasl = map.map("sasl", keys::kSasl)) {
    out.sasl_mechanism = kMechanisms[sasl->word("mechanism", kMechanisms).value_or(0)];
    read_login(*sasl, context, out.login);
    const auto first = parse_address(out.brokers.substr(0, out.brokers.find(',')));
    check_in_clear(map, "brokers", first ? first->host : "", out.tls.on, true);
  }
  out.properties = read_secret_map(map, "properties", context);
}

void read_mqtt_client(ConfigMap& map, const ConfigContext& context,
                      connectors::MqttClientOptions& out) {
  constexpr std::uint16_t kTlsPort = 8883;
  map.text("host", out.host);
  if (out.host.empty() || out.host.find_first_of("/: ") != std::string::npos) {
    map.report(Code::E0706, "host", fmt::format("`{}` is no host", out.host)).help =
        "write the host's name or address alone, and `port:` beside it";
  }
  read_tls(map, context, out.tls);
  if (out.tls.on) out.port = kTlsPort;
  map.number("port", out.port, 1, 65535);
  map.text("client_id", out.client_id);
  read_login(map, context, out.login);
  map.duration("keep_alive", out.keep_alive, Duration{5'000'000'000});
  check_in_clear(map, "host", out.host, out.tls.on, map.has("user"));
}

void check_readable(ConfigMap& map, std::string_view key, const std::string& path,
                    const ConfigContext& context) {
  if (!context.reading.environment || ::access(path.c_str(), R_OK) == 0) return;
  const std::error_code error(errno, std::generic_category());
  map.report(Code::E0710, key, fmt::format("cannot read {}: {}", path, error.message()));
}

void check_folder(ConfigMap& map, std::string_view key, const std::string& path,
                  const ConfigContext& context) {
  if (!context.reading.environment) return;
  // The nearest folder that is there has to take new ones.
  fs::path at = fs::path(path).lexically_normal();
  if (!at.has_filename()) at = at.parent_path();
  std::error_code error;
  while (!at.empty() && !fs::exists(fs::symlink_status(at, error)) && at.has_parent_path() &&
         at != at.parent_path()) {
    at = at.parent_path();
  }
  if (at.empty() || !fs::exists(fs::status(at, error))) at = ".";
  if (!fs::is_directory(at, error)) {
    map.report(Code::E0710, key, fmt::format("{} is no folder", at.string()));
  } else if (::access(at.c_str(), W_OK | X_OK) != 0) {
    map.report(Code::E0710, key, fmt::format("cannot write to {}", at.string())).help =
        "give the user that runs weir the right to, or name another folder";
  }
}

std::string_view kind_of(ConfigMap& map, std::span<const std::string_view> kinds,
                         const ConfigContext& context) {
  std::string_view found;
  for (const std::string_view kind : kinds) {
    if (!map.has(kind)) continue;
    if (!found.empty()) {
      map.report(Code::E0704, kind, fmt::format("{} has `{}` and `{}`", map.what(), found, kind))
          .help = "keep one of them, and give the other an entry of its own";
      return {};
    }
    found = kind;
  }
  if (found.empty()) {
    context.diagnostics
        .report(Code::E0704, map.place(), fmt::format("{} does not say what it is", map.what()))
        .help = fmt::format("add one of {}", fmt::join(kinds, ", "));
  }
  return found;
}

}  // namespace weir::cli
