#include "live/kafka/client_conf.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace weir::connectors::kafka {
namespace {

bool set(rd_kafka_conf_t& conf, std::string_view name, const std::string& value,
         std::string& error) {
  std::array<char, 512> problem{};
  const std::string property(name);
  if (rd_kafka_conf_set(&conf, property.c_str(), value.c_str(), problem.data(), problem.size()) ==
      RD_KAFKA_CONF_OK) {
    return true;
  }
  // What librdkafka says repeats the value, which may be a secret.
  error = "kafka: property " + property + " is not known, or not with this value";
  return false;
}

bool set_all(rd_kafka_conf_t& conf, Properties properties, std::string& error) {
  return std::all_of(properties.begin(), properties.end(), [&](const auto& property) {
    return set(conf, property.first, property.second, error);
  });
}

bool set_security(rd_kafka_conf_t& conf, const KafkaClientOptions& options, std::string& error) {
  const TlsClient& tls = options.tls;
  const bool sasl = !options.sasl_mechanism.empty();
  const char* const protocol =
      tls.on ? (sasl ? "sasl_ssl" : "ssl") : (sasl ? "sasl_plaintext" : "plaintext");
  if (!set(conf, "security.protocol", protocol, error)) return false;
  if (sasl && !(set(conf, "sasl.mechanism", options.sasl_mechanism, error) &&
                set(conf, "sasl.username", options.login.user, error) &&
                set(conf, "sasl.password", options.login.password, error))) {
    return false;
  }
  if (!tls.on) return true;
  const std::pair<const char*, const std::string&> files[] = {
      {"ssl.ca.location", tls.ca_file},
      {"ssl.certificate.location", tls.cert_file},
      {"ssl.key.location", tls.key_file}};
  for (const auto& [name, path] : files) {
    if (!path.empty() && !set(conf, name, path, error)) return false;
  }
  return set(conf, "enable.ssl.certificate.verification", tls.verify ? "true" : "false", error) &&
         set(conf, "ssl.endpoint.identification.algorithm", tls.verify ? "https" : "none", error);
}

/// syslog's levels: up to 3 something failed, up to 5 somebody may want to know.
void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  if (client == nullptr || level > 5) return;
  const auto& context = *static_cast<CallbackContext*>(rd_kafka_opaque(client));
  context.notices->note(level <= 4 ? Notices::Level::kWarning : Notices::Level::kInfo,
                        "kafka_client", std::string(facility) + ": " + text);
}

}  // namespace

Conf make_conf(const KafkaClientOptions& options, Properties ours, Properties defaults,
               CallbackContext& context, std::string& error) {
  Conf conf(rd_kafka_conf_new());
  rd_kafka_conf_set_opaque(conf.get(), &context);
  rd_kafka_conf_set_log_cb(conf.get(), on_log);
  if (!set(*conf, "bootstrap.servers", options.brokers, error) ||
      !set(*conf, "client.id", "weir", error) || !set_security(*conf, options, error) ||
      !set_all(*conf, defaults, error)) {
    return nullptr;
  }
  for (const auto& [name, value] : options.properties) {
    if (std::any_of(ours.begin(), ours.end(), [&](const auto& own) { return own.first == name; })) {
      error = "kafka: property " + name + " cannot be set: what Weir guarantees rests on it";
      return nullptr;
    }
    if (!set(*conf, name, value, error)) return nullptr;
  }
  return set_all(*conf, ours, error) ? std::move(conf) : nullptr;
}

}  // namespace weir::connectors::kafka
