// What the tests need of Kafka beside sources and sinks.
#pragma once

#include <librdkafka/rdkafka.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support.hpp"
#include "weir/connectors/live/kafka.hpp"

namespace weir::connectors::live_tests {

using TopicConfig = std::vector<std::pair<std::string, std::string>>;

/// Under a name that no other test has.
std::string create_topic(const std::string& name, int partitions, const TopicConfig& config = {});

/// A plain producer, in transactions where it is given an id.
class RawProducer {
 public:
  explicit RawProducer(const std::string& transactional_id = {});
  ~RawProducer();
  RawProducer(const RawProducer&) = delete;
  RawProducer& operator=(const RawProducer&) = delete;

  /// Without a value: a tombstone.
  void produce(const std::string& topic, int partition, const std::string& key,
               const std::optional<std::string>& value);
  void flush();
  void begin();
  void commit();
  void abort();

 private:
  rd_kafka_t* client_ = nullptr;
};

/// In the group's name: session time-outs are short, so that what they bring about comes soon.
std::unique_ptr<Source> source_of(const std::vector<std::string>& topics, const std::string& group,
                                  Notices& notices, KafkaSourceOptions options = {},
                                  StartOffsets start = {});
std::unique_ptr<Sink> sink_to(const std::string& topic, Notices& notices,
                              KafkaSinkOptions options = {});

/// Where Kafka's own clients put a key: org.apache.kafka.common.utils.Utils.murmur2.
std::uint32_t murmur2(std::string_view key);

}  // namespace weir::connectors::live_tests
