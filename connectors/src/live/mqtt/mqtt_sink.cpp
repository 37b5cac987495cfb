// Alerts to topics. See make_mqtt_sink for what it promises.

#include <algorithm>
#include <utility>

#include "live/delivery_window.hpp"
#include "live/mqtt/mqtt_client.hpp"
#include "live/mqtt/topic_template.hpp"

namespace weir::connectors {
namespace mqtt {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kSendWait{3000};
/// libmosquitto has so many on the wire; the broker acknowledges them one by one.
constexpr unsigned kInFlight = 100;
constexpr std::size_t kMaxUnderWay = 1000;

class MqttSink final : public Sink {
 public:
  MqttSink(MqttSinkOptions options, Notices& notices)
      : options_(std::move(options)),
        client_(options_.client, !options_.client.client_id.empty(),
                {[](bool) {}, {}, {}, [this](int message_id) { on_published(message_id); }},
                notices) {}

  bool open(std::string& error) {
    if (options_.qos < 0 || options_.qos > 2) {
      error = "mqtt: qos is 0, 1 or 2";
      return false;
    }
    if (!topic_.parse(options_.topic, error) || !client_.open(error)) return false;
    mosquitto_int_option(client_.handle(), MOSQ_OPT_SEND_MAXIMUM, kInFlight);
    return true;
  }

  SendResult send(std::span<const OutRecord> records) override {
    SendResult result;
    std::size_t handed = window_.known(records);
    // What was given up by whoever sent it still goes out, but nobody waits for it.
    if (handed == 0) window_.clear();
    const auto deadline = Clock::now() + kSendWait;
    while (result.done < records.size()) {
      handed = std::max(handed, result.done);
      std::string refused;
      while (client_.connected() && handed < records.size() && refused.empty() &&
             window_.size() < kMaxUnderWay && publish(records[handed], refused)) {
        ++handed;
      }
      result.done += wait(deadline);
      if (!refused.empty() && result.done == handed) {
        return {SendResult::State::kRefused, result.done, std::move(refused)};
      }
      if (Clock::now() >= deadline && result.done < records.size()) {
        return {SendResult::State::kTryAgain, result.done, problem()};
      }
    }
    return result;
  }

  SendResult flush() override {
    const std::size_t done = wait(Clock::now() + kSendWait);
    if (window_.empty()) return {SendResult::State::kDone, done, {}};
    return {SendResult::State::kTryAgain, done, problem()};
  }

  /// Pings are sent, and a connection that broke is made again.
  void tick() override { client_.serve(0ms, true); }

 private:
  using Clock = std::chrono::steady_clock;

  /// False, with `refused`, for a record that can never go; false without where it has to be tried
  /// again.
  bool publish(const OutRecord& record, std::string& refused) {
    int message_id = 0;
    const std::string topic = topic_.topic_of(record.text);
    const int code = mosquitto_publish(client_.handle(), &message_id, topic.c_str(),
                                       static_cast<int>(record.text.size()), record.text.data(),
                                       options_.qos, options_.retain);
    if (code == MOSQ_ERR_PAYLOAD_SIZE || code == MOSQ_ERR_OVERSIZE_PACKET ||
        code == MOSQ_ERR_INVAL || code == MOSQ_ERR_MALFORMED_UTF8) {
      refused = std::string("mqtt: ") + mosquitto_strerror(code);
      return false;
    }
    // Without a connection QoS 1 and 2 are kept and sent later; QoS 0 is not.
    if (code != MOSQ_ERR_SUCCESS && options_.qos == 0) return false;
    DeliveryWindow::Entry& entry = window_.add(record);
    entry.handle = static_cast<std::uint64_t>(message_id);
    if (options_.qos == 0) entry.state = DeliveryWindow::Entry::State::kAcknowledged;
    return true;
  }

  /// For all that is under way, or for the connection where nothing is; how many are through.
  std::size_t wait(Clock::time_point deadline) {
    std::size_t done = window_.drop_acknowledged();
    while (!window_.empty() || !client_.connected()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
      if (left <= 0ms) break;
      client_.serve(std::min<std::chrono::milliseconds>(left, 100ms), true);
      done += window_.drop_acknowledged();
    }
    return done;
  }

  void on_published(int message_id) {
    for (DeliveryWindow::Entry& entry : window_.entries()) {
      if (entry.handle != static_cast<std::uint64_t>(message_id) ||
          entry.state != DeliveryWindow::Entry::State::kUnderWay) {
        continue;
      }
      entry.state = DeliveryWindow::Entry::State::kAcknowledged;
      return;
    }
  }

  std::string problem() const {
    return client_.connected() ? "mqtt: the broker has not acknowledged yet" : client_.problem();
  }

  MqttSinkOptions options_;
  TopicTemplate topic_;
  DeliveryWindow window_;
  Client client_;
};

}  // namespace
}  // namespace mqtt

std::unique_ptr<Sink> make_mqtt_sink(MqttSinkOptions options, Notices& notices,
                                     std::string& error) {
  auto sink = std::make_unique<mqtt::MqttSink>(std::move(options), notices);
  return sink->open(error) ? std::move(sink) : nullptr;
}

}  // namespace weir::connectors
