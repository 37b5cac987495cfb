// Alerts to a topic. See make_kafka_sink for what it promises.

#include <algorithm>
#include <utility>

#include "live/kafka/producer.hpp"

namespace weir::connectors {
namespace kafka {
namespace {

constexpr std::chrono::milliseconds kSendWait{3000};
/// What is under way at most; a single record may be larger.
constexpr std::size_t kMaxUnderWay = std::size_t{8} << 20;

/// The brokers, or the library, will never take such a record. All else may be mended: rights that
/// are missing, a topic that does not exist yet.
bool for_good(int error) {
  return error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ||
         error == RD_KAFKA_RESP_ERR_INVALID_RECORD || error == RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE;
}

class KafkaSink final : public Sink {
 public:
  KafkaSink(KafkaSinkOptions options, Notices& notices)
      : producer_(std::move(options), notices), notices_(&notices) {}

  bool open(std::string& error) { return producer_.open(error); }

  SendResult send(std::span<const OutRecord> records) override {
    if (SendResult started; !start(started)) return started;
    DeliveryWindow& window = producer_.window();
    std::size_t handed = window.known(records);
    if (handed == 0 && !window.empty()) {
      // What is under way was given up by whoever sent it.
      if (!producer_.restart()) return {SendResult::State::kTryAgain, 0, producer_.problem()};
    }
    SendResult result;
    const auto deadline = std::chrono::steady_clock::now() + kSendWait;
    while (result.done < records.size()) {
      handed = std::max(handed, result.done);
      const Producer::Queued queued = hand_over(records, handed);
      producer_.wait(std::chrono::ceil<std::chrono::milliseconds>(
          deadline - std::chrono::steady_clock::now()));
      const SendResult taken = take_result();
      result = {taken.state, result.done + taken.done, taken.problem};
      suspects_ -= std::min(suspects_, taken.done);
      if (taken.state != SendResult::State::kDone) return result;
      if (queued == Producer::Queued::kTooLarge && result.done == handed) {
        return refused(result.done, "kafka: the record is larger than message.max.bytes");
      }
      if (queued == Producer::Queued::kFailed) {
        return {SendResult::State::kTryAgain, result.done, producer_.problem()};
      }
    }
    return result;
  }

  SendResult flush() override {
    if (SendResult started; !start(started)) return started;
    producer_.wait(kSendWait);
    return take_result();
  }

  void tick() override { producer_.serve(); }

 private:
  /// False where the client is broken and there can be no new one.
  bool start(SendResult& result) {
    producer_.serve();
    if (!producer_.broken()) return true;
    notices_->note(Notices::Level::kWarning, "producer_restarted",
                   "a new producer is made: " + producer_.problem());
    if (producer_.restart()) return true;
    result = {SendResult::State::kTryAgain, 0, producer_.problem()};
    return false;
  }

  /// From `handed` on, as much as may be under way.
  Producer::Queued hand_over(std::span<const OutRecord> records, std::size_t& handed) {
    DeliveryWindow& window = producer_.window();
    Producer::Queued queued = Producer::Queued::kYes;
    while (handed < records.size() && queued == Producer::Queued::kYes &&
           (window.empty() || (window.bytes() < kMaxUnderWay && suspects_ == 0))) {
      queued = producer_.queue(records[handed]);
      if (queued == Producer::Queued::kYes) ++handed;
    }
    return queued;
  }

  SendResult refused(std::size_t done, std::string problem) {
    suspects_ -= std::min<std::size_t>(suspects_, 1);
    return {SendResult::State::kRefused, done, std::move(problem)};
  }

  SendResult take_result() {
    DeliveryWindow& window = producer_.window();
    SendResult result;
    const std::size_t under_way = window.size();
    result.done = window.drop_acknowledged();
    if (window.empty()) return result;
    result.state = SendResult::State::kTryAgain;
    const DeliveryWindow::Entry& first = window.front();
    if (first.state != DeliveryWindow::Entry::State::kFailed) {
      result.problem = producer_.problem().empty() ? "kafka: the brokers have not acknowledged yet"
                                                   : producer_.problem();
      return result;
    }
    result.problem =
        std::string("kafka: ") + rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(first.error));
    if (for_good(first.error)) {
      // The broker means a batch: its records are sent one by one, to find whom.
      if (under_way == 1) {
        result = refused(0, std::move(result.problem));
      } else {
        suspects_ = under_way - result.done;
      }
    }
    // What stands behind it must not arrive before it.
    producer_.restart();
    return result;
  }

  Producer producer_;
  Notices* notices_;
  std::size_t suspects_ = 0;  // so many records are sent one by one
};

}  // namespace
}  // namespace kafka

std::unique_ptr<Sink> make_kafka_sink(KafkaSinkOptions options, Notices& notices,
                                      std::string& error) {
  auto sink = std::make_unique<kafka::KafkaSink>(std::move(options), notices);
  return sink->open(error) ? std::move(sink) : nullptr;
}

}  // namespace weir::connectors
