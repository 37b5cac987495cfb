// Kafka, through librdkafka: a source in a consumer group, at least once, and an idempotent
// producer.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/connectors/live/security.hpp"
#include "weir/connectors/live/sink.hpp"
#include "weir/connectors/live/source.hpp"

namespace weir::connectors {

struct KafkaClientOptions {
  std::string brokers;
  TlsClient tls;
  std::string sasl_mechanism;  // "", PLAIN, SCRAM-SHA-256, SCRAM-SHA-512
  Login login;
  /// Any other property of librdkafka, by its name there.
  std::vector<std::pair<std::string, std::string>> properties;
};

struct KafkaSourceOptions {
  KafkaClientOptions client;
  std::vector<std::string> topics;
  std::string group = "weir";
  std::string instance_id;  // static membership; empty: none
  enum class Start : std::uint8_t {
    kEarliest,
    kLatest,
    kFail
  } start = Start::kEarliest;  // no offset yet
};

/// Its partitions: the topic's (of several topics: number of the topic << 16 | partition). Offsets
/// are committed by commit() alone.
std::unique_ptr<Source> make_kafka_source(KafkaSourceOptions options, StartOffsets start,
                                          Notices& notices, std::string& error);

struct KafkaSinkOptions {
  KafkaClientOptions client;
  std::string topic;
  std::chrono::milliseconds linger{5};
  std::string compression = "lz4";
};

/// acks=all, idempotent; message key: OutRecord::key, by the partitioner of Kafka's own clients
/// (murmur2). send() may return before the broker has acknowledged; flush() does not.
std::unique_ptr<Sink> make_kafka_sink(KafkaSinkOptions options, Notices& notices,
                                      std::string& error);

}  // namespace weir::connectors
