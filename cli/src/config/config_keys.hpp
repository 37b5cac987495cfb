// The keys of every mapping in a config: what its reader goes by, and its JSON Schema.
#pragma once

#include <span>

#include "weir/pattern-lang/mapping_spec.hpp"

namespace weir::cli::keys {

extern const lang::MappingSpec kConfig;
extern const lang::MappingSpec kSource;
extern const lang::MappingSpec kTime;
extern const lang::MappingSpec kCsv;
extern const lang::MappingSpec kFileSource;
extern const lang::MappingSpec kStdin;
extern const lang::MappingSpec kHttpSource;
extern const lang::MappingSpec kKafkaSource;
extern const lang::MappingSpec kMqttSource;
extern const lang::MappingSpec kTcpSource;
extern const lang::MappingSpec kUnixSource;
extern const lang::MappingSpec kSyslogSource;
extern const lang::MappingSpec kSink;
extern const lang::MappingSpec kFileSink;
extern const lang::MappingSpec kRotate;
extern const lang::MappingSpec kStdout;
extern const lang::MappingSpec kWebhook;
extern const lang::MappingSpec kKafkaSink;
extern const lang::MappingSpec kMqttSink;
extern const lang::MappingSpec kAlertmanager;
extern const lang::MappingSpec kQueue;
extern const lang::MappingSpec kDisk;
extern const lang::MappingSpec kRetry;
extern const lang::MappingSpec kState;
extern const lang::MappingSpec kLimits;
extern const lang::MappingSpec kServer;
extern const lang::MappingSpec kTlsClient;
extern const lang::MappingSpec kTlsServer;
extern const lang::MappingSpec kSasl;
extern const lang::MappingSpec kBasic;
extern const lang::MappingSpec kSecretFrom;

/// All of the above.
std::span<const lang::MappingSpec* const> all() noexcept;

}  // namespace weir::cli::keys
