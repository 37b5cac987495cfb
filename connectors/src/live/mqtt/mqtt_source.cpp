// Messages of topics. See make_mqtt_source for what it promises.

#include <algorithm>
#include <deque>
#include <utility>

#include "live/message_block.hpp"
#include "live/mqtt/mqtt_client.hpp"

namespace weir::connectors {
namespace mqtt {
namespace {

using namespace std::chrono_literals;

/// A broker does not say that it has nothing more; after so long it is taken to have nothing.
constexpr auto kQuiet = 50ms;

bool has_wildcard(const std::string& topic) {
  return topic.find_first_of("+#") != topic.npos;
}

class MqttSource final : public Source {
 public:
  MqttSource(MqttSourceOptions options, const StartOffsets& start, Notices& notices)
      : options_(std::move(options)),
        notices_(&notices),
        client_(options_.client, options_.persistent,
                {[this](bool session_present) { on_connected(session_present); },
                 [this](const std::string& why) { on_away(why); },
                 [this](const mosquitto_message& message) { on_message(message); },
                 {}},
                notices) {
    for (const PartitionOffset& from : start) {
      if (from.partition == 0) next_ = from.offset;
    }
    tell(Polled::Kind::kOpened, options_.client.host + ":" + std::to_string(options_.client.port));
  }

  bool open(std::string& error) {
    if (options_.persistent && options_.client.client_id.empty()) {
      error = "mqtt: a persistent session needs a client_id";
      return false;
    }
    if (options_.topics.empty() || options_.qos < 0 || options_.qos > 2) {
      error = "mqtt: a source needs topics, and a qos of 0, 1 or 2";
      return false;
    }
    for (const std::string& topic : options_.topics) {
      if (mosquitto_sub_topic_check(topic.c_str()) == MOSQ_ERR_SUCCESS) continue;
      error = "mqtt: " + topic + " is no topic, or its wildcards stand where none may";
      return false;
    }
    return client_.open(error);
  }

  void poll(Polled& into, std::chrono::milliseconds timeout) override {
    into.kind = Polled::Kind::kNothing;
    into.partition = 0;
    into.text.clear();
    into.block.records.clear();
    const auto deadline = Clock::now() + timeout;
    do {
      if (take_told(into)) return;
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
      if (paused_) {
        wait_paused(left);
      } else if (take_records(into, left)) {
        return;
      }
    } while (!client_.woken() && Clock::now() < deadline);
    take_told(into);
  }

  void pause(std::uint32_t, bool paused) override {
    if (paused && !paused_) paused_since_ = Clock::now();
    paused_ = paused;
  }

  void wake() override { client_.wake(); }

 private:
  using Clock = std::chrono::steady_clock;

  bool take_records(Polled& into, std::chrono::milliseconds timeout) {
    if (arrived_.empty()) {
      client_.serve(drained_ ? timeout : std::min<std::chrono::milliseconds>(timeout, kQuiet),
                    true);
      if (arrived_.empty()) {
        look_whether_drained();
        return false;
      }
    }
    drained_ = false;
    MessageBlock block(into.block, options_.max_record_bytes);
    // Read on for as long as there is something, and room for it.
    while (!arrived_.empty() && block.add(arrived_.front(), next_)) {
      arrived_.pop_front();
      ++next_;
      if (arrived_.empty()) client_.serve(0ms, true);
    }
    into.kind = Polled::Kind::kRecords;
    into.next_offset = next_;
    return true;
  }

  void look_whether_drained() {
    const bool quiet = subscribed_ && client_.connected();
    if (!quiet) {
      quiet_since_ = Clock::now();
    } else if (!drained_ && Clock::now() - quiet_since_ >= kQuiet) {
      drained_ = true;
      tell(Polled::Kind::kDrained, {});
    }
  }

  /// Where nothing is read, no answer to a ping is seen: before that is taken for a dead broker,
  /// the connection is closed. The broker keeps the session.
  void wait_paused(std::chrono::milliseconds timeout) {
    if (client_.connected() && Clock::now() - paused_since_ >= options_.client.keep_alive / 2) {
      if (!options_.persistent) {
        notices_->note(Notices::Level::kWarning, "mqtt_paused",
                       "mqtt: paused for long, without a persistent session: what is sent to the "
                       "topics now is lost");
      }
      client_.rest();
    }
    client_.serve(timeout, false);
  }

  void on_connected(bool session_present) {
    if (std::exchange(away_, false)) tell(Polled::Kind::kBack, {});
    drained_ = false;
    quiet_since_ = Clock::now();
    // A session that the broker has kept since we subscribed has our topics; to subscribe again
    // would bring retained messages again.
    if (std::exchange(subscribed_, true) && session_present) return;
    for (const std::string& topic : options_.topics) {
      mosquitto_subscribe(client_.handle(), nullptr, topic.c_str(), options_.qos);
    }
  }

  void on_away(const std::string& why) {
    away_ = true;
    tell(Polled::Kind::kAway, why);
  }

  /// libmosquitto acknowledges the message around this call. It is read by poll() alone, whose
  /// block takes it, but for one that has no more room there: that goes with the next block.
  void on_message(const mosquitto_message& message) {
    quiet_since_ = Clock::now();
    if (!wanted(message)) return;
    arrived_.emplace_back(static_cast<const char*>(message.payload),
                          static_cast<std::size_t>(message.payloadlen));
  }

  /// Retained messages: where a topic is this one, without wildcards. `$SYS`: where a topic says so
  /// (wildcards at its beginning do not match it). An old session may have topics that nobody asks
  /// for any more.
  bool wanted(const mosquitto_message& message) const {
    return std::any_of(options_.topics.begin(), options_.topics.end(), [&](const auto& topic) {
      bool matches = false;
      mosquitto_topic_matches_sub(topic.c_str(), message.topic, &matches);
      return matches && !(message.retain && has_wildcard(topic));
    });
  }

  void tell(Polled::Kind kind, std::string text) { told_.emplace_back(kind, std::move(text)); }

  bool take_told(Polled& into) {
    if (told_.empty()) return false;
    into.kind = told_.front().first;
    into.text = std::move(told_.front().second);
    into.next_offset = next_;
    told_.pop_front();
    return true;
  }

  MqttSourceOptions options_;
  Notices* notices_;
  std::deque<std::string> arrived_;  // a few at most
  std::deque<std::pair<Polled::Kind, std::string>> told_;
  std::uint64_t next_ = 0;
  bool paused_ = false;
  Clock::time_point paused_since_{};
  bool away_ = false;
  bool subscribed_ = false;  // by this process
  bool drained_ = false;
  Clock::time_point quiet_since_{};
  Client client_;
};

}  // namespace
}  // namespace mqtt

std::unique_ptr<Source> make_mqtt_source(MqttSourceOptions options, StartOffsets start,
                                         Notices& notices, std::string& error) {
  auto source = std::make_unique<mqtt::MqttSource>(std::move(options), start, notices);
  return source->open(error) ? std::move(source) : nullptr;
}

}  // namespace weir::connectors
