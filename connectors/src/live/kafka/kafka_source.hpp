// A consumer in a group. See make_kafka_source for what it promises.
//
// Everything happens on the thread that polls, librdkafka's callbacks included: they are called
// from within rd_kafka_consumer_poll(), and do no more than to note what the group wants. (The
// exception is the log, which goes to Notices.)
//
// Rebalancing is the eager protocol with the `range` assignor, which gives partition i of all
// topics to one member. Cooperative rebalancing has faults in librdkafka before 2.10 that lose the
// assignment, or spin.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "live/kafka/client_conf.hpp"
#include "live/kafka/handles.hpp"
#include "live/kafka/offset_commits.hpp"
#include "live/kafka/partition.hpp"
#include "live/message_block.hpp"
#include "weir/connectors/live/kafka.hpp"

namespace weir::connectors::kafka {

class KafkaSource final : public Source {
 public:
  KafkaSource(KafkaSourceOptions options, StartOffsets start, Notices& notices);
  ~KafkaSource() override;
  KafkaSource(const KafkaSource&) = delete;
  KafkaSource& operator=(const KafkaSource&) = delete;

  bool open(std::string& error);

  void poll(Polled& into, std::chrono::milliseconds timeout) override;
  void pause(std::uint32_t partition, bool paused) override;
  void commit(std::span<const PartitionOffset> done) override;
  void wake() override;

 private:
  using Clock = std::chrono::steady_clock;

  /// What goes on between us and the group.
  enum class Phase : std::uint8_t {
    kUnassigned,  // the group is being joined; partitions that were ours may come back
    kAssigning,   // the group has given partitions; where they begin is being asked
    kSteady,
    kRevoking,  // the group wants them back; what was given of them is waited for
    kFailed,
    kClosing,
  };

  // kafka_source.cpp: records, and what is told
  void tell(Polled::Kind kind, std::uint32_t partition, std::string text, std::uint64_t offset = 0);
  void tell_drained();
  bool take_told(Polled& into);
  bool take_records(Polled& into, Clock::time_point deadline);
  void give_held(Partition& partition, MessageBlock& block);
  /// Waits for what librdkafka has. Null: nothing, or something happened meanwhile.
  Message receive(std::chrono::milliseconds timeout);
  Partition* partition_of(const rd_kafka_message_t& message);
  bool give(Partition& partition, const rd_kafka_message_t& message, MessageBlock& block);
  void handle_error(const rd_kafka_message_t& message);
  void pause_far(Partition& partition, bool paused);
  void tell_tombstones();

  // kafka_group.cpp: the group, and the brokers
  static void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t what,
                           rd_kafka_topic_partition_list_t* partitions, void* opaque);
  static void on_commit(rd_kafka_t* client, rd_kafka_resp_err_t error,
                        rd_kafka_topic_partition_list_t* offsets, void* opaque);
  static void on_error(rd_kafka_t* client, int error, const char* reason, void* opaque);
  void revoke(bool lost);
  void serve_group(Clock::time_point now);
  bool all_committed() const;
  void unassign();
  bool begin_assigned();
  bool find_begins(rd_kafka_topic_partition_list_t& fresh);
  void go_on_with_assigned();
  void close_all();
  void fail(std::string_view reason, std::string text);
  void look_for_brokers();
  std::uint32_t id_of(const char* topic, std::int32_t number) const;
  void close();

  KafkaSourceOptions options_;
  StartOffsets start_;  // of partitions that have not begun yet
  Notices* notices_;
  CallbackContext context_;
  OffsetCommits commits_;

  Partitions partitions_;
  /// Of the last message, so that the next one's is known without a search.
  struct {
    const rd_kafka_topic_t* topic = nullptr;
    std::int32_t number = 0;
    Partition* partition = nullptr;
  } last_;
  std::uint64_t tombstones_ = 0;  // not told yet
  std::deque<Polled> told_;       // without records; at most a few for each partition

  Phase phase_ = Phase::kUnassigned;
  PartitionList assigned_;             // kAssigning: what the group gave, without offsets yet
  Clock::time_point revoke_deadline_;  // kRevoking
  bool away_ = false;
  std::string suspicion_;        // why it may be that no broker can be reached
  Clock::time_point next_look_;  // for brokers
  std::atomic<bool> woken_ = false;

  struct DestroyClient {
    void operator()(rd_kafka_t* client) const noexcept {
      rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    }
  };
  std::unique_ptr<rd_kafka_t, DestroyClient> client_;
  Queue queue_;  // the client's; goes before it
};

}  // namespace weir::connectors::kafka
