// The part of KafkaSource that deals with the group and the brokers.

#include <algorithm>
#include <utility>

#include "live/kafka/kafka_source.hpp"

namespace weir::connectors::kafka {
namespace {

using namespace std::chrono_literals;

/// A question to the brokers holds up the poll for so long at most; then it is asked again.
constexpr int kAskMs = 500;
constexpr auto kLookForBrokers = 250ms;
constexpr auto kCloseWait = 3s;

KafkaSource& owner_of(void* opaque) {
  return *static_cast<KafkaSource*>(static_cast<CallbackContext*>(opaque)->owner);
}

}  // namespace

void KafkaSource::on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t what,
                               rd_kafka_topic_partition_list_t* partitions, void* opaque) {
  KafkaSource& source = owner_of(opaque);
  if (source.phase_ == Phase::kClosing || source.phase_ == Phase::kFailed) {
    rd_kafka_assign(client, nullptr);
  } else if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    source.assigned_.reset(rd_kafka_topic_partition_list_copy(partitions));
    source.phase_ = Phase::kAssigning;
  } else {
    source.revoke(rd_kafka_assignment_lost(client) != 0);
  }
  rd_kafka_yield(client);
}

void KafkaSource::on_commit(rd_kafka_t*, rd_kafka_resp_err_t error,
                            rd_kafka_topic_partition_list_t* offsets, void* opaque) {
  KafkaSource& source = owner_of(opaque);
  source.commits_.answered(error, offsets, source.partitions_);
}

void KafkaSource::on_error(rd_kafka_t* client, int error, const char* reason, void* opaque) {
  KafkaSource& source = owner_of(opaque);
  switch (error) {
    case RD_KAFKA_RESP_ERR__FATAL:
      source.fail("kafka_fatal", reason);
      break;
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:  // does not come where one was never needed
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
      source.suspicion_ = reason;
      source.notices_->note(Notices::Level::kInfo, "broker_down", std::string("kafka: ") + reason);
      break;
    default:
      source.notices_->note(Notices::Level::kWarning, "kafka_error",
                            std::string("kafka: ") + reason);
  }
  rd_kafka_yield(client);
}

void KafkaSource::revoke(bool lost) {
  last_ = {};
  for (auto& [id, partition] : partitions_) partition.drop_held();
  if (!lost) {
    phase_ = Phase::kRevoking;
    revoke_deadline_ = Clock::now() + options_.revoke_wait;
    return;
  }
  // Others may have them already, so that nothing may be committed any more.
  notices_->note(Notices::Level::kWarning, "assignment_lost",
                 "kafka: the group has gone on without this member");
  close_all();
  unassign();
}

void KafkaSource::serve_group(Clock::time_point now) {
  if ((away_ || !suspicion_.empty()) && now >= next_look_) look_for_brokers();
  if (phase_ == Phase::kSteady || phase_ == Phase::kRevoking) {
    commits_.serve(client_.get(), partitions_, now);
  }
  if (phase_ == Phase::kRevoking && (all_committed() || now >= revoke_deadline_)) unassign();
  if (phase_ == Phase::kAssigning) begin_assigned();
}

/// All that was given is done with, and the broker knows.
bool KafkaSource::all_committed() const {
  return !commits_.under_way() &&
         std::all_of(partitions_.begin(), partitions_.end(),
                     [](const auto& entry) { return entry.second.committed >= entry.second.next; });
}

void KafkaSource::unassign() {
  rd_kafka_assign(client_.get(), nullptr);
  phase_ = Phase::kUnassigned;
}

/// False where the brokers have not said yet where new partitions begin.
bool KafkaSource::begin_assigned() {
  PartitionList fresh(rd_kafka_topic_partition_list_new(assigned_->cnt));
  for (int i = 0; i < assigned_->cnt; ++i) {
    const rd_kafka_topic_partition_t& given = assigned_->elems[i];
    if (find(partitions_, given.topic, given.partition) == nullptr) {
      rd_kafka_topic_partition_list_add(fresh.get(), given.topic, given.partition);
    }
  }
  if (fresh->cnt > 0 && !find_begins(*fresh)) return false;

  // What went to others in the meantime is closed first: it holds nothing back any more.
  for (auto partition = partitions_.begin(); partition != partitions_.end();) {
    if (rd_kafka_topic_partition_list_find(assigned_.get(), partition->second.topic,
                                           partition->second.number) != nullptr) {
      ++partition;
      continue;
    }
    tell(Polled::Kind::kClosed, partition->first, {});
    partition = partitions_.erase(partition);
  }
  for (int i = 0; i < fresh->cnt; ++i) {
    const rd_kafka_topic_partition_t& begun = fresh->elems[i];
    Partition partition;
    partition.id = id_of(begun.topic, begun.partition);
    partition.topic = options_.topics[partition.id >> 16U].c_str();
    partition.number = begun.partition;
    partition.next = partition.received = partition.done = partition.committed =
        static_cast<std::uint64_t>(begun.offset);
    tell(Polled::Kind::kOpened, partition.id, partition.name(), partition.next);
    std::erase_if(start_, [&](const auto& start) { return start.partition == partition.id; });
    partitions_.insert_or_assign(partition.id, std::move(partition));
  }
  go_on_with_assigned();
  return true;
}

void KafkaSource::go_on_with_assigned() {
  for (auto& [id, partition] : partitions_) {
    rd_kafka_topic_partition_list_find(assigned_.get(), partition.topic, partition.number)->offset =
        static_cast<std::int64_t>(partition.next);
    partition.far_paused = false;  // an assignment begins with everything resumed
    partition.at_end = partition.told_drained = false;
  }
  last_ = {};
  if (const auto code = rd_kafka_assign(client_.get(), assigned_.get())) {
    fail("kafka_fatal",
         std::string("kafka: partitions cannot be taken: ") + rd_kafka_err2str(code));
    return;
  }
  phase_ = Phase::kSteady;
}

/// Sets the offsets of `fresh`: where we were told to start, else what the group has committed,
/// else as the options say.
bool KafkaSource::find_begins(rd_kafka_topic_partition_list_t& fresh) {
  if (rd_kafka_committed(client_.get(), &fresh, kAskMs) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  PartitionList unknown(rd_kafka_topic_partition_list_new(fresh.cnt));
  for (int i = 0; i < fresh.cnt; ++i) {
    rd_kafka_topic_partition_t& partition = fresh.elems[i];
    if (partition.err != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
    const std::uint32_t id = id_of(partition.topic, partition.partition);
    const auto told = std::find_if(start_.begin(), start_.end(),
                                   [&](const auto& start) { return start.partition == id; });
    if (told != start_.end()) partition.offset = static_cast<std::int64_t>(told->offset);
    if (partition.offset >= 0) continue;
    if (options_.start == KafkaSourceOptions::Start::kFail) {
      fail("no_offset", std::string("kafka: the group ") + options_.group + " has no offset of " +
                            partition.topic + "-" + std::to_string(partition.partition) +
                            ", and the source is to start from one");
      return false;
    }
    // ListOffsets takes these two in the place of a time.
    rd_kafka_topic_partition_list_add(unknown.get(), partition.topic, partition.partition)->offset =
        options_.start == KafkaSourceOptions::Start::kEarliest ? RD_KAFKA_OFFSET_BEGINNING
                                                               : RD_KAFKA_OFFSET_END;
  }
  if (unknown->cnt == 0) return true;
  if (rd_kafka_offsets_for_times(client_.get(), unknown.get(), kAskMs) !=
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    return false;
  }
  for (int i = 0; i < unknown->cnt; ++i) {
    const rd_kafka_topic_partition_t& answer = unknown->elems[i];
    if (answer.err != RD_KAFKA_RESP_ERR_NO_ERROR || answer.offset < 0) return false;
    rd_kafka_topic_partition_list_find(&fresh, answer.topic, answer.partition)->offset =
        answer.offset;
  }
  return true;
}

void KafkaSource::close_all() {
  for (const auto& [id, partition] : partitions_) tell(Polled::Kind::kClosed, id, {});
  partitions_.clear();
  last_ = {};
}

void KafkaSource::handle_error(const rd_kafka_message_t& message) {
  const std::string reason = rd_kafka_message_errstr(&message);
  switch (message.err) {
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      fail("offset_out_of_range",
           "kafka: the topic no longer holds the offset to go on from (" + reason + ")");
      break;
    case RD_KAFKA_RESP_ERR__FATAL:
      fail("kafka_fatal", "kafka: " + reason);
      break;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
      notices_->note(Notices::Level::kWarning, "unknown_topic", "kafka: " + reason);
      break;
    default:
      notices_->note(Notices::Level::kWarning, "kafka_error", "kafka: " + reason);
  }
}

void KafkaSource::fail(std::string_view reason, std::string text) {
  if (phase_ == Phase::kFailed || phase_ == Phase::kClosing) return;
  phase_ = Phase::kFailed;
  for (auto& [id, partition] : partitions_) partition.drop_held();
  notices_->note(Notices::Level::kError, reason, text);
  tell(Polled::Kind::kFailed, 0, std::move(text));
}

/// librdkafka says that some broker is gone, but neither surely that all are, nor that one is back.
void KafkaSource::look_for_brokers() {
  const rd_kafka_metadata_t* metadata = nullptr;
  const bool there =
      rd_kafka_metadata(client_.get(), 0, nullptr, &metadata, kAskMs) == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (metadata != nullptr) rd_kafka_metadata_destroy(metadata);
  next_look_ = Clock::now() + kLookForBrokers;
  const std::string why = std::exchange(suspicion_, {});
  if (away_ != there) return;
  away_ = !there;
  tell(away_ ? Polled::Kind::kAway : Polled::Kind::kBack, 0, away_ ? why : std::string());
  if (away_ || phase_ != Phase::kSteady) return;
  // The end of a partition is told once; fetched anew, it is told again.
  PartitionList seek(rd_kafka_topic_partition_list_new(1));
  for (auto& [id, partition] : partitions_) {
    partition.at_end = partition.told_drained = false;
    if (partition.far_paused) continue;
    rd_kafka_topic_partition_list_add(seek.get(), partition.topic, partition.number)->offset =
        static_cast<std::int64_t>(partition.received);
  }
  const Error failed(rd_kafka_seek_partitions(client_.get(), seek.get(), 0));
}

std::uint32_t KafkaSource::id_of(const char* topic, std::int32_t number) const {
  const auto found = std::find(options_.topics.begin(), options_.topics.end(), topic);
  return static_cast<std::uint32_t>(found - options_.topics.begin()) << 16U |
         static_cast<std::uint32_t>(number);
}

/// Leaves the group (but for a static member, who is expected back), once the last commit is
/// answered; waits for neither for long.
void KafkaSource::close() {
  const auto deadline = Clock::now() + kCloseWait;
  const bool joined = phase_ == Phase::kSteady || phase_ == Phase::kRevoking;
  phase_ = Phase::kClosing;
  // librdkafka waits for its messages when it is destroyed.
  for (auto& [id, partition] : partitions_) partition.drop_held();
  while (!away_ && joined && Clock::now() < deadline &&
         (commits_.under_way() || OffsetCommits::wanted(partitions_))) {
    commits_.serve(client_.get(), partitions_, Clock::now());
    Message(rd_kafka_consumer_poll(client_.get(), 20)).reset();
  }
  if (away_ || Error(rd_kafka_consumer_close_queue(client_.get(), queue_.get())) != nullptr) return;
  while (rd_kafka_consumer_closed(client_.get()) == 0 && Clock::now() < deadline) {
    Message(rd_kafka_consumer_poll(client_.get(), 20)).reset();
  }
}

}  // namespace weir::connectors::kafka
