#include <chrono>
#include <memory>
#include <string>

#include "live/http/alertmanager_alert.hpp"
#include "live/http/batch_sink.hpp"
#include "weir/connectors/live/clock.hpp"
#include "weir/connectors/live/http.hpp"
#include "weir/connectors/live/http_client.hpp"

namespace weir::connectors {
namespace {

constexpr std::size_t kAlertsPerRequest = 100;

class AlertmanagerSink final : public BatchSink {
 public:
  AlertmanagerSink(std::unique_ptr<HttpClient> client, AlertmanagerShape shape,
                   std::chrono::milliseconds time)
      : BatchSink({kAlertsPerRequest, time}),
        client_(std::move(client)),
        shape_(std::move(shape)) {}

 private:
  /// Alertmanager takes the good ones of a batch even where it refuses others; that they are sent
  /// again, one by one, changes nothing there.
  SendResult post(std::span<const OutRecord> records) override {
    const Timestamp now = wall_time();
    body_ = "[";
    std::string problem;
    for (const OutRecord& record : records) {
      if (body_.size() > 1) body_ += ',';
      if (!append_alertmanager_alert(body_, record.text, shape_, now, problem)) {
        return {SendResult::State::kRefused, 0, std::move(problem), {}};
      }
    }
    body_ += ']';
    return judge(client_->post(body_, "application/json", {}));
  }

  std::unique_ptr<HttpClient> client_;
  AlertmanagerShape shape_;
  std::string body_;
};

}  // namespace

std::unique_ptr<Sink> make_alertmanager_sink(AlertmanagerSinkOptions options, Notices&,
                                             std::string& error) {
  auto client = make_http_client(options.client, "/api/v2/alerts", error);
  if (client == nullptr) return nullptr;
  AlertmanagerShape shape{std::move(options.labels), options.resolve_after,
                          std::move(options.generator_url)};
  return std::make_unique<AlertmanagerSink>(std::move(client), std::move(shape),
                                            options.client.timeout);
}

}  // namespace weir::connectors
