#include <memory>
#include <string>

#include "live/http/batch_sink.hpp"
#include "weir/connectors/live/http.hpp"
#include "weir/connectors/live/http_client.hpp"

namespace weir::connectors {
namespace {

class WebhookSink final : public BatchSink {
 public:
  WebhookSink(std::unique_ptr<HttpClient> client, BatchBounds bounds)
      : BatchSink(bounds), client_(std::move(client)) {}

 private:
  SendResult post(std::span<const OutRecord> records) override {
    if (bounds().records == 1) {
      return judge(client_->post(records[0].text, "application/json", records[0].id));
    }
    body_.clear();
    for (const OutRecord& record : records) body_.append(record.text) += '\n';
    return judge(client_->post(body_, "application/x-ndjson", {}));
  }

  std::unique_ptr<HttpClient> client_;
  std::string body_;
};

}  // namespace

std::unique_ptr<Sink> make_webhook_sink(WebhookSinkOptions options, Notices&, std::string& error) {
  auto client = make_http_client(options.client, {}, error);
  if (client == nullptr) return nullptr;
  return std::make_unique<WebhookSink>(std::move(client),
                                       BatchBounds{options.batch, options.client.timeout});
}

}  // namespace weir::connectors
