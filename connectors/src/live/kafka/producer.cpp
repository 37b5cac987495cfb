#include "live/kafka/producer.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace weir::connectors::kafka {
namespace {

constexpr std::chrono::milliseconds kSlice{50};

Producer& owner_of(void* opaque) {
  return *static_cast<Producer*>(static_cast<CallbackContext*>(opaque)->owner);
}

rd_kafka_vu_t bytes(rd_kafka_vtype_t type, const std::string& from) {
  rd_kafka_vu_t argument{};
  argument.vtype = type;
  // librdkafka's interface is not const; without F_FREE and F_COPY it only reads.
  argument.u.mem.ptr = const_cast<char*>(from.data());
  argument.u.mem.size = from.size();
  return argument;
}

}  // namespace

Producer::Producer(KafkaSinkOptions options, Notices& notices)
    : options_(std::move(options)), notices_(&notices), context_{&notices, this} {}

bool Producer::open(std::string& error) {
  Conf conf = make_conf(
      options_.client,
      {{"enable.idempotence", "true"},
       {"acks", "all"},
       // Not librdkafka's own: mixed with Kafka's clients, it would put a key on two partitions.
       {"partitioner", "murmur2_random"},
       // A message that timed out would be overtaken by the next ones; it is tried for ever
       // instead, and whoever drives the sink hears that it is not through.
       {"message.timeout.ms", "0"}},
      {{"linger.ms", "5"},
       {"compression.codec", options_.compression},
       {"reconnect.backoff.max.ms", "5000"},
       {"topic.metadata.propagation.max.ms", "5000"}},
      context_, error);
  if (conf == nullptr) return false;
  rd_kafka_conf_set_dr_msg_cb(conf.get(), on_delivery);
  rd_kafka_conf_set_error_cb(conf.get(), on_error);
  std::array<char, 512> text{};
  client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), text.data(), text.size()));
  if (client_ == nullptr) {
    error = std::string("kafka: ") + text.data();
    return false;
  }
  (void)conf.release();  // the client's now
  return true;
}

Producer::Queued Producer::queue(const OutRecord& record) {
  DeliveryWindow::Entry& entry = window_.add(record);
  std::array<rd_kafka_vu_t, 4> arguments{};
  arguments[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  arguments[0].u.cstr = options_.topic.c_str();
  arguments[1] = bytes(RD_KAFKA_VTYPE_VALUE, entry.text);
  arguments[2].vtype = RD_KAFKA_VTYPE_OPAQUE;
  arguments[2].u.ptr = &entry;
  // An empty key is none: such records may go to any partition.
  std::size_t count = 3;
  if (!entry.key.empty()) arguments[count++] = bytes(RD_KAFKA_VTYPE_KEY, entry.key);
  const Error failed(rd_kafka_produceva(client_.get(), arguments.data(), count));
  if (failed == nullptr) return Queued::kYes;
  window_.remove_last();
  switch (rd_kafka_error_code(failed.get())) {
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
      return Queued::kFull;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      return Queued::kTooLarge;
    default:
      problem_ = std::string("kafka: ") + rd_kafka_error_string(failed.get());
      return Queued::kFailed;
  }
}

void Producer::wait(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (rd_kafka_outq_len(client_.get()) > 0 && !broken_) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    // Nothing is gained by lingering for more: flush() sends at once.
    rd_kafka_flush(client_.get(), static_cast<int>(std::clamp(left, {}, kSlice).count()));
    if (left.count() <= 0 || failed_) return;
  }
}

bool Producer::restart() {
  if (client_ != nullptr) {
    rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                      RD_KAFKA_PURGE_F_NON_BLOCKING);
  }
  client_.reset();
  window_.clear();
  broken_ = failed_ = false;
  problem_.clear();
  return open(problem_);
}

void Producer::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& entry = *static_cast<DeliveryWindow::Entry*>(message->_private);
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    entry.state = DeliveryWindow::Entry::State::kAcknowledged;
    owner_of(opaque).problem_.clear();
    return;
  }
  entry.error = message->err;
  entry.state = DeliveryWindow::Entry::State::kFailed;
  owner_of(opaque).failed_ = true;
}

void Producer::on_error(rd_kafka_t* client, int error, const char* reason, void* opaque) {
  Producer& producer = owner_of(opaque);
  producer.problem_ = std::string("kafka: ") + reason;
  if (error == RD_KAFKA_RESP_ERR__FATAL) {
    std::array<char, 256> text{};
    rd_kafka_fatal_error(client, text.data(), text.size());
    producer.problem_ = std::string("kafka: ") + text.data();
    producer.broken_ = true;
  }
  producer.notices_->note(Notices::Level::kInfo, "broker_down", producer.problem_);
}

}  // namespace weir::connectors::kafka
