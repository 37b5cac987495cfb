#include "live/kafka/kafka_source.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace weir::connectors {
namespace kafka {
namespace {

using namespace std::chrono_literals;

constexpr auto kRebalanceSlice = 20ms;

std::string_view value_of(const rd_kafka_message_t& message) {
  return {static_cast<const char*>(message.payload), message.len};
}

}  // namespace

KafkaSource::KafkaSource(KafkaSourceOptions options, StartOffsets start, Notices& notices)
    : options_(std::move(options)),
      start_(std::move(start)),
      notices_(&notices),
      context_{&notices, this},
      commits_(notices) {}

KafkaSource::~KafkaSource() {
  if (client_ != nullptr) close();
}

bool KafkaSource::open(std::string& error) {
  if (options_.topics.empty() || options_.topics.size() > 0xFFFF) {
    error = "kafka: a source needs between 1 and 65535 topics";
    return false;
  }
  for (const std::string& topic : options_.topics) {
    if (topic.starts_with('^')) {
      error = "kafka: " + topic + " is a pattern: topics are named one by one";
      return false;
    }
  }
  Conf conf =
      make_conf(options_.client,
                {{"group.id", options_.group},
                 {"group.instance.id", options_.instance_id},
                 {"enable.auto.commit", "false"},
                 {"enable.auto.offset.store", "false"},
                 {"enable.partition.eof", "true"},
                 {"isolation.level", "read_committed"},
                 {"partition.assignment.strategy", "range"},
                 // Where there is no offset, we choose one ourselves; where it is out of range,
                 // records that nobody has seen are gone, which somebody has to be told.
                 {"auto.offset.reset", "error"},
                 {"queued.max.messages.kbytes", std::to_string(options_.max_queued_bytes / 1024)}},
                {{"check.crcs", "true"},
                 {"session.timeout.ms", "20000"},
                 {"heartbeat.interval.ms", "2000"},
                 {"max.poll.interval.ms", "300000"},
                 {"reconnect.backoff.max.ms", "5000"}},
                context_, error);
  if (conf == nullptr) return false;
  rd_kafka_conf_set_rebalance_cb(conf.get(), on_rebalance);
  rd_kafka_conf_set_offset_commit_cb(conf.get(), on_commit);
  rd_kafka_conf_set_error_cb(conf.get(), on_error);

  std::array<char, 512> problem{};
  client_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), problem.data(), problem.size()));
  if (client_ == nullptr) {
    error = std::string("kafka: ") + problem.data();
    return false;
  }
  (void)conf.release();  // the client's now
  rd_kafka_poll_set_consumer(client_.get());
  queue_.reset(rd_kafka_queue_get_consumer(client_.get()));

  PartitionList topics(rd_kafka_topic_partition_list_new(1));
  for (const std::string& topic : options_.topics) {
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  if (const auto code = rd_kafka_subscribe(client_.get(), topics.get())) {
    error = std::string("kafka: ") + rd_kafka_err2str(code);
    return false;
  }
  return true;
}

void KafkaSource::poll(Polled& into, std::chrono::milliseconds timeout) {
  into.kind = Polled::Kind::kNothing;
  into.text.clear();
  into.block.records.clear();
  const auto deadline = Clock::now() + timeout;
  do {
    serve_group(Clock::now());
    tell_drained();
    if (take_told(into) || take_records(into, deadline)) return;
    // While partitions are being given back, whoever drives us has to come by and commit.
  } while (!woken_.exchange(false) && Clock::now() < deadline && phase_ != Phase::kRevoking);
}

void KafkaSource::tell(Polled::Kind kind, std::uint32_t partition, std::string text,
                       std::uint64_t offset) {
  Polled& told = told_.emplace_back();
  told.kind = kind;
  told.partition = partition;
  told.text = std::move(text);
  told.next_offset = offset;
}

void KafkaSource::tell_drained() {
  if (away_ || phase_ != Phase::kSteady) return;
  for (auto& [id, partition] : partitions_) {
    if (!partition.at_end || partition.told_drained || partition.paused ||
        !partition.held.empty()) {
      continue;
    }
    partition.told_drained = true;
    tell(Polled::Kind::kDrained, id, {});
  }
}

bool KafkaSource::take_told(Polled& into) {
  if (told_.empty()) return false;
  Polled& told = told_.front();
  into.kind = told.kind;
  into.partition = told.partition;
  into.text = std::move(told.text);
  into.next_offset = told.next_offset;
  told_.pop_front();
  return true;
}

bool KafkaSource::take_records(Polled& into, Clock::time_point deadline) {
  MessageBlock block(into.block, options_.max_record_bytes);
  Partition* current = nullptr;
  bool full = false;
  if (phase_ == Phase::kSteady) {
    for (auto& [id, partition] : partitions_) {
      if (partition.paused || partition.held.empty()) continue;
      give_held(partition, block);
      current = &partition;
      full = !partition.held.empty();
      break;
    }
  }
  // Tombstones alone make no block: the offset behind them goes with the next records.
  while (!full) {
    auto wait = 0ms;
    if (block.empty()) {
      wait = std::max(0ms, std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()));
      if (phase_ != Phase::kSteady)
        wait = std::min<std::chrono::milliseconds>(wait, kRebalanceSlice);
      if (away_) wait = std::min(wait, 100ms);
    }
    Message message = receive(wait);
    if (message == nullptr) break;
    Partition* const partition = partition_of(*message);
    if (phase_ != Phase::kSteady || partition == nullptr) continue;  // its offset is set anew
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) partition->at_end = true;
      break;
    }
    const auto offset = static_cast<std::uint64_t>(message->offset);
    if (offset < partition->received) continue;  // fetched twice
    partition->received = offset + 1;
    partition->at_end = partition->told_drained = false;
    if (partition->paused || !partition->held.empty() ||
        (current != nullptr && current != partition) || !give(*partition, *message, block)) {
      full = !partition->paused;
      partition->hold(std::move(message));
      if (partition->paused && partition->held_bytes > kMaxPolledBytes) pause_far(*partition, true);
    } else {
      current = partition;
    }
  }
  tell_tombstones();
  if (block.empty()) return false;
  into.kind = Polled::Kind::kRecords;
  into.partition = current->id;
  into.next_offset = current->next;
  return true;
}

void KafkaSource::give_held(Partition& partition, MessageBlock& block) {
  while (!partition.held.empty() && give(partition, *partition.held.front(), block)) {
    partition.held_bytes -= partition.held.front()->len;
    partition.held.pop_front();
  }
  if (partition.held.empty() && partition.far_paused) pause_far(partition, false);
}

bool KafkaSource::give(Partition& partition, const rd_kafka_message_t& message,
                       MessageBlock& block) {
  const auto offset = static_cast<std::uint64_t>(message.offset);
  if (message.payload == nullptr) {
    ++tombstones_;
  } else if (!block.add(value_of(message), offset)) {
    return false;
  }
  partition.next = offset + 1;
  return true;
}

Message KafkaSource::receive(std::chrono::milliseconds timeout) {
  if (woken_.load(std::memory_order_relaxed)) timeout = 0ms;
  Message message(rd_kafka_consumer_poll(client_.get(), static_cast<int>(timeout.count())));
  if (message != nullptr && message->err != RD_KAFKA_RESP_ERR_NO_ERROR &&
      message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    handle_error(*message);
    return nullptr;
  }
  return message;
}

Partition* KafkaSource::partition_of(const rd_kafka_message_t& message) {
  if (message.rkt != last_.topic || message.partition != last_.number || last_.topic == nullptr) {
    last_ = {message.rkt, message.partition,
             find(partitions_, rd_kafka_topic_name(message.rkt), message.partition)};
  }
  return last_.partition;
}

void KafkaSource::pause(std::uint32_t id, bool paused) {
  const auto found = partitions_.find(id);
  if (found == partitions_.end()) return;
  Partition& partition = found->second;
  partition.paused = paused;
  if (!paused && partition.far_paused && partition.held.empty()) pause_far(partition, false);
}

void KafkaSource::pause_far(Partition& partition, bool paused) {
  PartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), partition.topic, partition.number);
  paused ? rd_kafka_pause_partitions(client_.get(), list.get())
         : rd_kafka_resume_partitions(client_.get(), list.get());
  partition.far_paused = paused;
}

void KafkaSource::commit(std::span<const PartitionOffset> done) {
  for (const PartitionOffset& offset : done) {
    const auto found = partitions_.find(offset.partition);
    if (found == partitions_.end()) continue;
    Partition& partition = found->second;
    // No further than what we gave: an offset of an earlier ownership says nothing about this one.
    partition.done = std::max(partition.done, std::min(offset.offset, partition.next));
  }
  commits_.serve(client_.get(), partitions_, Clock::now());
}

void KafkaSource::wake() {
  woken_.store(true);
  rd_kafka_queue_yield(queue_.get());
}

void KafkaSource::tell_tombstones() {
  if (tombstones_ == 0) return;
  notices_->note(
      Notices::Level::kInfo, "tombstone",
      "kafka: " + std::to_string(tombstones_) + " messages without a value were skipped");
  tombstones_ = 0;
}

}  // namespace kafka

std::unique_ptr<Source> make_kafka_source(KafkaSourceOptions options, StartOffsets start,
                                          Notices& notices, std::string& error) {
  auto source = std::make_unique<kafka::KafkaSource>(std::move(options), std::move(start), notices);
  return source->open(error) ? std::move(source) : nullptr;
}

}  // namespace weir::connectors
