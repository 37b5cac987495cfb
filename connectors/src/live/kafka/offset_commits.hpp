// What is done with, to the broker: one request at a time, asynchronously, and again where it
// failed.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>

#include "live/kafka/handles.hpp"
#include "live/kafka/partition.hpp"
#include "weir/connectors/live/source.hpp"

namespace weir::connectors::kafka {

using Partitions = std::map<std::uint32_t, Partition>;

class OffsetCommits {
 public:
  explicit OffsetCommits(Notices& notices) : notices_(&notices) {}

  /// Sends what is done and not committed, unless a request is under way or one failed just now.
  void serve(rd_kafka_t* client, const Partitions& partitions,
             std::chrono::steady_clock::time_point now);
  /// librdkafka's answer to a request.
  void answered(rd_kafka_resp_err_t error, const rd_kafka_topic_partition_list_t* offsets,
                Partitions& partitions);

  bool under_way() const noexcept { return under_way_; }
  /// Whether serve() has, or will have, something to send.
  static bool wanted(const Partitions& partitions);

 private:
  Notices* notices_;
  bool under_way_ = false;
  std::chrono::steady_clock::time_point not_before_{};
};

/// The partition that librdkafka means; null where it is not ours.
Partition* find(Partitions& partitions, const char* topic, std::int32_t number);

}  // namespace weir::connectors::kafka
