#include "kafka_support.hpp"

#include <array>

namespace weir::connectors::live_tests {
namespace {

constexpr int kWaitMs = 15000;

rd_kafka_t* make_client(const std::vector<std::pair<std::string, std::string>>& properties) {
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  std::array<char, 256> problem{};
  for (const auto& [name, value] : properties) {
    REQUIRE_MESSAGE(rd_kafka_conf_set(conf, name.c_str(), value.c_str(), problem.data(),
                                      problem.size()) == RD_KAFKA_CONF_OK,
                    problem.data());
  }
  rd_kafka_t* const client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, problem.data(), problem.size());
  REQUIRE_MESSAGE(client != nullptr, problem.data());
  return client;
}

/// The first of all transactions waits until the broker has made its own topics for them.
rd_kafka_error_t* init_transactions(rd_kafka_t* client) {
  for (int attempt = 0;; ++attempt) {
    rd_kafka_error_t* const error = rd_kafka_init_transactions(client, kWaitMs);
    if (error == nullptr || rd_kafka_error_is_retriable(error) == 0 || attempt == 5) return error;
    rd_kafka_error_destroy(error);
  }
}

void require_none(rd_kafka_error_t* error) {
  const std::string text = error == nullptr ? "" : rd_kafka_error_string(error);
  if (error != nullptr) rd_kafka_error_destroy(error);
  REQUIRE_MESSAGE(text.empty(), text);
}

}  // namespace

std::string create_topic(const std::string& name, int partitions, const TopicConfig& config) {
  rd_kafka_t* const client = make_client({{"bootstrap.servers", environment("WEIR_KAFKA")}});
  std::array<char, 256> problem{};
  rd_kafka_NewTopic_t* topic =
      rd_kafka_NewTopic_new(name.c_str(), partitions, 1, problem.data(), problem.size());
  for (const auto& [key, value] : config) {
    rd_kafka_NewTopic_set_config(topic, key.c_str(), value.c_str());
  }
  rd_kafka_queue_t* const queue = rd_kafka_queue_new(client);
  rd_kafka_CreateTopics(client, &topic, 1, nullptr, queue);
  rd_kafka_event_t* const event = rd_kafka_queue_poll(queue, kWaitMs);
  REQUIRE(event != nullptr);
  std::size_t count = 0;
  const rd_kafka_topic_result_t* const* const results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
  REQUIRE(count == 1);
  REQUIRE(rd_kafka_topic_result_error(results[0]) == RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(topic);
  rd_kafka_destroy(client);
  return name;
}

RawProducer::RawProducer(const std::string& transactional_id) {
  if (transactional_id.empty()) {
    client_ = make_client({{"bootstrap.servers", environment("WEIR_KAFKA")},
                           {"linger.ms", "0"},
                           {"enable.idempotence", "true"}});
    return;
  }
  client_ = make_client({{"bootstrap.servers", environment("WEIR_KAFKA")},
                         {"linger.ms", "0"},
                         {"log_level", "3"},
                         {"transactional.id", transactional_id}});
  require_none(init_transactions(client_));
}

RawProducer::~RawProducer() {
  rd_kafka_destroy(client_);
}

void RawProducer::produce(const std::string& topic, int partition, const std::string& key,
                          const std::optional<std::string>& value) {
  std::string copy = value.value_or("");
  void* const bytes = value ? copy.data() : nullptr;
  std::array<rd_kafka_vu_t, 5> arguments{};
  arguments[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  arguments[0].u.cstr = topic.c_str();
  arguments[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  arguments[1].u.i32 = partition;
  arguments[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  arguments[2].u.i = RD_KAFKA_MSG_F_COPY;
  std::string key_copy = key;
  arguments[3].vtype = RD_KAFKA_VTYPE_KEY;
  arguments[3].u.mem = {key_copy.data(), key_copy.size()};
  arguments[4].vtype = RD_KAFKA_VTYPE_VALUE;
  arguments[4].u.mem = {bytes, copy.size()};
  require_none(rd_kafka_produceva(client_, arguments.data(), arguments.size()));
  rd_kafka_poll(client_, 0);
}

void RawProducer::flush() {
  REQUIRE(rd_kafka_flush(client_, kWaitMs) == RD_KAFKA_RESP_ERR_NO_ERROR);
}
void RawProducer::begin() {
  require_none(rd_kafka_begin_transaction(client_));
}
void RawProducer::commit() {
  require_none(rd_kafka_commit_transaction(client_, kWaitMs));
}
void RawProducer::abort() {
  require_none(rd_kafka_abort_transaction(client_, kWaitMs));
}

std::unique_ptr<Source> source_of(const std::vector<std::string>& topics, const std::string& group,
                                  Notices& notices, KafkaSourceOptions options,
                                  StartOffsets start) {
  options.client.brokers = environment("WEIR_KAFKA");
  options.client.properties.insert(
      options.client.properties.begin(),
      {{"session.timeout.ms", "2000"}, {"heartbeat.interval.ms", "300"}});
  options.topics = topics;
  options.group = group;
  std::string error;
  auto source = make_kafka_source(std::move(options), std::move(start), notices, error);
  REQUIRE_MESSAGE(source != nullptr, error);
  return source;
}

std::unique_ptr<Sink> sink_to(const std::string& topic, Notices& notices,
                              KafkaSinkOptions options) {
  options.client.brokers = environment("WEIR_KAFKA");
  options.topic = topic;
  std::string error;
  auto sink = make_kafka_sink(std::move(options), notices, error);
  REQUIRE_MESSAGE(sink != nullptr, error);
  return sink;
}

std::uint32_t murmur2(std::string_view key) {
  constexpr std::uint32_t kMultiplier = 0x5bd1e995;
  const auto byte = [&](std::size_t at) {
    return std::uint32_t{static_cast<unsigned char>(key[at])};
  };
  std::uint32_t hash = 0x9747b28cU ^ static_cast<std::uint32_t>(key.size());
  std::size_t at = 0;
  for (; at + 4 <= key.size(); at += 4) {
    std::uint32_t k = byte(at) | byte(at + 1) << 8U | byte(at + 2) << 16U | byte(at + 3) << 24U;
    k *= kMultiplier;
    k ^= k >> 24U;
    k *= kMultiplier;
    hash = hash * kMultiplier ^ k;
  }
  if (at < key.size()) {
    for (std::size_t i = key.size(); i-- > at;) hash ^= byte(i) << (8U * (i - at));
    hash *= kMultiplier;
  }
  hash ^= hash >> 13U;
  hash *= kMultiplier;
  return hash ^ hash >> 15U;
}

}  // namespace weir::connectors::live_tests
