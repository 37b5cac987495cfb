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
  /// Any other property of librdkafka, by its name there; those that our guarantees rest on are
  /// refused.
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
  std::size_t max_record_bytes = kMaxRecordBytes;
  std::size_t max_queued_bytes = std::size_t{16} << 20;  // fetched ahead, of all partitions
  /// Before it lets go of partitions that the group asks for, it gives no more of their records,
  /// and waits so long for the commit() of what it gave.
  std::chrono::milliseconds revoke_wait{3000};
};

/// Its partitions: the topic's (of several topics: number of the topic << 16 | partition). Offsets
/// are committed by commit() alone; those of partitions that are no longer ours are ignored. A
/// partition that a rebalance leaves with us goes on behind what was given, and hears nothing of
/// it; of one that goes to another, kClosed is told. An offset that the topic no longer holds is
/// kFailed, as is Start::kFail where there is none.
std::unique_ptr<Source> make_kafka_source(KafkaSourceOptions options, StartOffsets start,
                                          Notices& notices, std::string& error);

struct KafkaSinkOptions {
  KafkaClientOptions client;
  std::string topic;
  std::string compression = "lz4";
};

/// acks=all, idempotent; message key: OutRecord::key, by the partitioner of Kafka's own clients
/// (murmur2); an empty one is none. send() hands all of its records over at once, and a record is
/// done when the brokers have acknowledged it. One that is not in time stays under way: sent again,
/// it is waited for, and not handed over twice.
std::unique_ptr<Sink> make_kafka_sink(KafkaSinkOptions options, Notices& notices,
                                      std::string& error);

}  // namespace weir::connectors
