#include <memory>
#include <string>

#include "live/http/batch_sender.hpp"
#include "weir/connectors/live/http_client.hpp"
#include "weir/connectors/live/http.hpp"

namespace weir::connectors {
namespace {

class WebhookSink final : public Sink {
 public:
  WebhookSink(std::unique_ptr<HttpClient> client, BatchBounds bounds)
      : client_(std::move(client)), bounds_(bounds) {}

  SendResult send(std::span<const OutRecord> records) override {
    return send_in_batches(records, bounds_,
                           [this](std::span<const OutRecord> some) { return post(some); });
  }
  SendResult flush() override { return {}; }  // what is answered is done

 private:
  SendResult post(std::span<const OutRecord> records) {
    if (bounds_.records == 1) {
      return judge(client_->post(records[0].text, "application/json", records[0].id));
    }
    body_.clear();
    for (const OutRecord& record : records) body_.append(record.text) += '\n';
    return judge(client_->post(body_, "application/x-ndjson", {}));
  }

  std::unique_ptr<HttpClient> client_;
  BatchBounds bounds_;
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
