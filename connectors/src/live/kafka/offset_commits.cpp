#include "live/kafka/offset_commits.hpp"

#include <algorithm>
#include <cstring>

namespace weir::connectors::kafka {
namespace {

constexpr std::chrono::milliseconds kRetry{500};

}  // namespace

void OffsetCommits::serve(rd_kafka_t* client, const Partitions& partitions,
                          std::chrono::steady_clock::time_point now) {
  if (under_way_ || now < not_before_) return;
  PartitionList list;
  for (const auto& [id, partition] : partitions) {
    if (partition.done <= partition.committed) continue;
    if (list == nullptr) list.reset(rd_kafka_topic_partition_list_new(8));
    rd_kafka_topic_partition_list_add(list.get(), partition.topic, partition.number)->offset =
        static_cast<std::int64_t>(partition.done);
  }
  if (list == nullptr) return;
  if (rd_kafka_commit(client, list.get(), /*async=*/1) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    under_way_ = true;
  } else {
    not_before_ = now + kRetry;
  }
}

bool OffsetCommits::wanted(const Partitions& partitions) {
  return std::any_of(partitions.begin(), partitions.end(),
                     [](const auto& entry) { return entry.second.done > entry.second.committed; });
}

void OffsetCommits::answered(rd_kafka_resp_err_t error,
                             const rd_kafka_topic_partition_list_t* offsets,
                             Partitions& partitions) {
  under_way_ = false;
  for (int i = 0; error == RD_KAFKA_RESP_ERR_NO_ERROR && offsets != nullptr && i < offsets->cnt;
       ++i) {
    const rd_kafka_topic_partition_t& answer = offsets->elems[i];
    if (answer.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      error = answer.err;
    } else if (Partition* const partition = find(partitions, answer.topic, answer.partition)) {
      partition->committed =
          std::max(partition->committed, static_cast<std::uint64_t>(answer.offset));
    }
  }
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  not_before_ = std::chrono::steady_clock::now() + kRetry;
  notices_->note(Notices::Level::kWarning, "commit_failed",
                 std::string("kafka: offsets were not committed, they will be again: ") +
                     rd_kafka_err2str(error));
}

Partition* find(Partitions& partitions, const char* topic, std::int32_t number) {
  for (auto& [id, partition] : partitions) {
    if (partition.number == number && std::strcmp(partition.topic, topic) == 0) return &partition;
  }
  return nullptr;
}

}  // namespace weir::connectors::kafka
