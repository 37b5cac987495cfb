#include <deque>

#include "http_support.hpp"
#include "live/http/alertmanager_alert.hpp"
#include "live/http/batch_sink.hpp"

namespace weir::connectors::test {
namespace {

using State = SendResult::State;

/// A far end that answers what it is told to, and keeps what it was sent.
struct FarEnd {
  FarEnd() {
    HttpServerOptions options;
    options.listen = "127.0.0.1:0";
    std::string error;
    server = make_http_server(options, notes, error);
    const auto handler = [this](const HttpRequest& request) {
      const std::lock_guard lock(mutex);
      requests.push_back(request);
      HttpResponse response = http_error(200, "fine", "");
      if (!refuses.empty() && request.body.find(refuses) != std::string::npos) {
        return http_error(422, "refused", "no");
      }
      if (!answers.empty()) {
        response = answers.front();
        answers.pop_front();
      }
      return response;
    };
    server->route("POST", "/hook", handler);
    server->route("POST", "/api/v2/alerts", handler);
    REQUIRE(server->start(error));
    port = server->port();
  }
  HttpClientOptions client(std::string_view path) const {
    HttpClientOptions options;
    options.url = fmt::format("http://127.0.0.1:{}{}", port, path);
    return options;
  }
  std::unique_ptr<Sink> webhook(std::size_t batch) {
    std::string error;
    auto sink = make_webhook_sink({client("/hook"), batch}, notes, error);
    REQUIRE_MESSAGE(sink != nullptr, error);
    return sink;
  }

  Notes notes;
  std::mutex mutex;
  std::vector<HttpRequest> requests;
  std::deque<HttpResponse> answers;
  std::string refuses;
  std::unique_ptr<HttpServer> server;
  std::uint16_t port = 0;
};

std::vector<OutRecord> records_of(const std::vector<std::string>& texts) {
  std::vector<OutRecord> records;
  for (const std::string& text : texts) records.push_back({text, "", "id-of-it"});
  return records;
}

TEST_CASE("the webhook posts batches, or records one by one") {
  FarEnd far;
  const std::vector<std::string> texts = {"{\"n\":1}", "{\"n\":2}", "{\"n\":3}"};
  const auto records = records_of(texts);
  const SendResult result = far.webhook(2)->send(records);
  CHECK(result.state == State::kDone);
  CHECK(result.done == 3);
  REQUIRE(far.requests.size() == 2);
  CHECK(far.requests[0].body == "{\"n\":1}\n{\"n\":2}\n");
  CHECK(far.requests[1].body == "{\"n\":3}\n");
  CHECK(*far.requests[0].header("content-type") == "application/x-ndjson");
  CHECK(far.requests[0].header("idempotency-key") == nullptr);

  far.requests.clear();
  CHECK(far.webhook(1)->send(records).done == 3);
  REQUIRE(far.requests.size() == 3);
  CHECK(far.requests[2].body == "{\"n\":3}");
  CHECK(*far.requests[2].header("content-type") == "application/json");
  CHECK(*far.requests[2].header("idempotency-key") == "id-of-it");
}

TEST_CASE("what the far end answers decides on what becomes of the records") {
  FarEnd far;
  const std::vector<std::string> texts = {"{\"n\":1}", "{\"n\":2}", "{\"n\":3}"};
  const auto records = records_of(texts);
  for (const int status : {301, 401, 408, 429, 500, 502, 503}) {
    far.answers = {http_error(200, "", ""), http_error(status, "busy", "")};
    const SendResult result = far.webhook(1)->send(records);
    CHECK_MESSAGE(result.state == State::kTryAgain, status);
    CHECK(result.done == 1);
    CHECK(result.problem.find(std::to_string(status)) != std::string::npos);
    CHECK(result.retry_after == 0ms);
  }
  HttpResponse busy = http_error(429, "busy", "");
  busy.headers.emplace_back("Retry-After", "7");
  far.answers = {busy};
  CHECK(far.webhook(1)->send(records).retry_after == 7s);

  far.refuses = "2";
  for (const std::size_t batch : {std::size_t{1}, std::size_t{100}}) {
    const SendResult result = far.webhook(batch)->send(records);
    CHECK(result.state == State::kRefused);
    CHECK(result.done == 1);
  }
  far.refuses = "3";
  const SendResult last = far.webhook(2)->send(records);
  CHECK(last.state == State::kRefused);
  CHECK(last.done == 2);
}

TEST_CASE("a far end that is away, hangs, trickles, or talks without end") {
  FarEnd far;
  const std::vector<std::string> texts = {"{}"};
  const auto records = records_of(texts);
  auto sink = far.webhook(1);
  CHECK(sink->send(records).state == State::kDone);
  far.server.reset();
  const SendResult away = sink->send(records);
  CHECK(away.state == State::kTryAgain);
  CHECK(away.problem.starts_with("no answer: "));

  // A server by hand: one connection, and what it says.
  const auto talk = [&](const std::function<void(int)>& say) {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&at), size) == 0);
    REQUIRE(::listen(listener, 1) == 0);
    getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size);
    std::jthread server([&] {
      const int client = ::accept(listener, nullptr, nullptr);
      if (client < 0) return;
      say(client);
      ::close(client);
    });
    WebhookSinkOptions options;
    options.client.url = fmt::format("http://127.0.0.1:{}/", ntohs(at.sin_port));
    options.client.timeout = 300ms;
    std::string error;
    const SendResult result = make_webhook_sink(options, far.notes, error)->send(records);
    ::shutdown(listener, SHUT_RDWR);
    server.join();
    ::close(listener);
    return result;
  };
  const auto write = [](int socket, std::string_view text) {
    return ::send(socket, text.data(), text.size(), MSG_NOSIGNAL) > 0;
  };
  const auto until_gone = [](int socket) {
    char bytes[4096];
    while (::recv(socket, bytes, sizeof bytes, 0) > 0) {
    }
  };
  CHECK(talk(until_gone).state == State::kTryAgain);
  CHECK(talk([&](int client) {
          while (write(client, "H")) std::this_thread::sleep_for(20ms);
        }).state == State::kTryAgain);
  CHECK(talk([&](int client) { write(client, "nonsense\r\n\r\n"); }).state == State::kTryAgain);
  CHECK(talk([&](int client) {
          write(client, "HTTP/1.1 200 OK\r\n\r\n");
          const std::string much(65536, 'x');
          while (write(client, much)) {
          }
        }).state == State::kDone);
}

TEST_CASE("tokens and passwords are sent, and stand in no message") {
  FarEnd far;
  const std::vector<std::string> texts = {"{}"};
  const auto records = records_of(texts);
  const auto send = [&](const HttpClientOptions& client) {
    std::string error;
    auto sink = make_webhook_sink({client, 1}, far.notes, error);
    REQUIRE_MESSAGE(sink != nullptr, error);
    return sink->send(records);
  };
  HttpClientOptions client = far.client("/hook");
  client.bearer_token = "s3cret";
  client.headers = {{"X-Team", "blue"}};
  send(client);
  CHECK(*far.requests.back().header("authorization") == "Bearer s3cret");
  CHECK(*far.requests.back().header("x-team") == "blue");
  client.bearer_token.clear();
  client.basic = {"ann", "pass:word"};
  send(client);
  CHECK(*far.requests.back().header("authorization") == "Basic YW5uOnBhc3M6d29yZA==");

  for (const std::string& url :
       {std::string("ftp://x/"), std::string("file:///etc/passwd"), std::string("nonsense://"),
        std::string(""), std::string("http://ann:s3cret@127.0.0.1/"),
        std::string("http://s3cret:x:y/")}) {
    client.url = url;
    std::string error;
    CHECK(make_webhook_sink({client, 1}, far.notes, error) == nullptr);
    CHECK_FALSE(error.empty());
    CHECK(error.find("s3cret") == std::string::npos);
  }
  client = far.client("/hook");
  client.headers = {{"X-A", "b\r\nX-C: d"}};
  std::string error;
  CHECK(make_webhook_sink({client, 1}, far.notes, error) == nullptr);
}

TEST_CASE("batches are bounded by bytes and by time") {
  const std::string big(kMaxPostBytes / 2 + 1, 'x');
  const std::vector<std::string> texts = {big, big, "a", "b"};
  const auto records = records_of(texts);
  class Keeper final : public BatchSink {
   public:
    using BatchSink::BatchSink;
    std::vector<std::size_t> sizes;

   private:
    SendResult post(std::span<const OutRecord> some) override {
      sizes.push_back(some.size());
      return {};
    }
  };
  Keeper keeper({100, 5000ms});
  CHECK(keeper.send(records).done == 4);
  CHECK(keeper.sizes == std::vector<std::size_t>{1, 3});
  const SendResult late = Keeper({2, 0ms}).send(records);
  CHECK(late.state == State::kTryAgain);
  CHECK(late.done == 1);  // always one request, so that it goes on
}

constexpr std::string_view kAlert =
    R"({"id":"7631","rule":"account-takeover","severity":"critical","stream":"alerts",)"
    R"("key":{"user":"bob \"b\"","order.id":17,"severity":"odd","none":null},)"
    R"("detected_at":"2026-02-18T22:11:00.000Z","message":"bob moved 4800","fields":{"amount":4800}})";

TEST_CASE("an alert as Alertmanager takes it") {
  AlertmanagerShape shape{
      {{"team", "blue"}, {"alertname", "no"}, {"9 lives", "x"}}, 300s, "http://weir.example/"};
  std::string out;
  std::string problem;
  const Timestamp later{1771452720'000'000'000};  // 22:12:00
  REQUIRE(append_alertmanager_alert(out, kAlert, shape, later, problem));
  CHECK(out ==
        R"({"labels":{"alertname":"account-takeover","severity":"critical","stream":"alerts",)"
        R"("user":"bob \"b\"","order_id":"17","key_severity":"odd","team":"blue","_9_lives":"x"},)"
        R"("annotations":{"message":"bob moved 4800","id":"7631","fields":"{\"amount\":4800}"},)"
        R"("startsAt":"2026-02-18T22:11:00.000Z","endsAt":"2026-02-18T22:17:00.000Z",)"
        R"("generatorURL":"http://weir.example/"})");
  // A clock behind event time.
  out.clear();
  REQUIRE(append_alertmanager_alert(out, kAlert, {}, Timestamp{0}, problem));
  CHECK(out.find(R"("endsAt":"2026-02-18T22:16:00.000Z")") != std::string::npos);
  for (const char* none :
       {"", "[]", "{", "{\"rule\":\"r\"}", "{\"type\":\"e\",\"detected_at\":1}"}) {
    out.clear();
    CHECK_FALSE(append_alertmanager_alert(out, none, shape, later, problem));
    CHECK(out.empty());
  }
  CHECK(label_name("") == "_");
  CHECK(label_name("a.b-c\xc3\xa4") == "a_b_c__");
  CHECK(label_name("0x") == "_0x");
}

TEST_CASE("Alertmanager's sink posts arrays, and sets aside what is no alert") {
  FarEnd far;
  AlertmanagerSinkOptions options;
  options.client = far.client("/");
  std::string error;
  const auto sink = make_alertmanager_sink(options, far.notes, error);
  REQUIRE_MESSAGE(sink != nullptr, error);
  const std::vector<std::string> texts = {std::string(kAlert), std::string(kAlert), "{}",
                                          std::string(kAlert)};
  const auto records = records_of(texts);
  const SendResult result = sink->send(records);
  CHECK(result.state == State::kRefused);
  CHECK(result.done == 2);
  CHECK(sink->send(std::span(records).subspan(3)).state == State::kDone);
  CHECK(far.requests.size() == 3);
  CHECK(far.requests[0].path == "/api/v2/alerts");
  CHECK(far.requests[0].body.starts_with(R"([{"labels":{"alertname":"account-takeover")"));
}

}  // namespace
}  // namespace weir::connectors::test
