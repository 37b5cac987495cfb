#include "http_support.hpp"

namespace weir::connectors::test {
namespace {

/// A server with a few routes, at a free port.
struct Served {
  explicit Served(HttpServerOptions options = {}) {
    options.listen = "127.0.0.1:0";
    std::string error;
    server = make_http_server(options, notes, error);
    REQUIRE_MESSAGE(server != nullptr, error);
    server->route("GET", "/hello", [](const HttpRequest& request) {
      HttpResponse response;
      response.content_type = "text/plain";
      response.body = "hello";
      for (const auto& [name, value] : request.query) response.body += " " + name + "=" + value;
      return response;
    });
    server->route("POST", "/size", [this](const HttpRequest& request) {
      ++posts;
      HttpResponse response;
      response.body = std::to_string(request.body.size());
      return response;
    });
    server->route("GET", "/throws",
                  [](const HttpRequest&) -> HttpResponse { throw std::runtime_error("no"); });
    server->open_route("GET", "/healthz", [](const HttpRequest&) {
      HttpResponse response;
      response.body = "ok";
      return response;
    });
    server->route("GET", "/stream", [this](const HttpRequest&) {
      HttpResponse response;
      // Destroyed with the stream.
      auto open = std::shared_ptr<void>(nullptr, [this](void*) { --streams; });
      ++streams;
      response.stream = [open, n = 0](std::string& piece) mutable {
        std::this_thread::sleep_for(5ms);
        if (n % 4 == 0) piece = fmt::format("piece {}\n", n);
        return ++n < 20 || n > 20;  // one that ends, where nobody goes on asking
      };
      return response;
    });
    server->route("GET", "/endless", [this](const HttpRequest&) {
      HttpResponse response;
      auto open = std::shared_ptr<void>(nullptr, [this](void*) { --streams; });
      ++streams;
      response.stream = [open](std::string&) {
        std::this_thread::sleep_for(5ms);
        return true;
      };
      return response;
    });
    server->route("GET", "/waits", [this](const HttpRequest& request) {
      ++waiting;
      while (!request.stopping.stop_requested()) std::this_thread::sleep_for(2ms);
      return http_error(503, "stopping", "");
    });
    REQUIRE_MESSAGE(server->start(error), error);
    port = server->port();
  }
  std::string url(std::string_view path) const {
    return fmt::format("http://127.0.0.1:{}{}", port, path);
  }
  std::string ask(std::string_view request) const {
    RawClient client(port);
    client.send(request);
    client.end_sending();
    return client.rest();
  }

  Notes notes;
  std::atomic<int> posts{0};
  std::atomic<int> streams{0};
  std::atomic<int> waiting{0};
  std::unique_ptr<HttpServer> server;  // goes first: its handlers use the others
  std::uint16_t port = 0;
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("curl gets, posts, and is told what it did wrong") {
  const Served served;
  CHECK(run("curl -s " + served.url("/hello")) == "hello");
  CHECK(run("curl -s '" + served.url("/hello?a=1%202&b=x+y&c") + "'") == "hello a=1 2 b=x y c=");
  CHECK(has(run("curl -s -I " + served.url("/hello")), "Content-Length: 5"));
  CHECK(run("curl -s --data-binary abcde " + served.url("/size")) == "5");
  CHECK(run("printf abc | curl -s -T - -X POST " + served.url("/size")) == "3");  // chunked
  CHECK(has(run("curl -s " + served.url("/nothing")), R"({"error":"not_found")"));
  const std::string wrong = run("curl -s -i -X DELETE " + served.url("/hello"));
  CHECK(has(wrong, "405 Method Not Allowed"));
  CHECK(has(wrong, "Allow: GET, HEAD"));
  CHECK(has(run("curl -s -i " + served.url("/throws")), "500 Internal Server Error"));
  CHECK(served.notes.has("http_handler"));
  CHECK(has(run("curl -s -i -H 'Origin: http://evil.example' -d x " + served.url("/size")), "403"));
  CHECK(has(run(fmt::format("curl -s -i -H 'Origin: http://127.0.0.1:{}' -d x {}", served.port,
                            served.url("/size"))),
            "200 OK"));
}

TEST_CASE("one connection carries several requests, also when they come at once") {
  const Served served;
  CHECK(run(fmt::format("curl -s -w '%{{num_connects}} ' {0} {0}", served.url("/hello"))) ==
        "hello1 hello0 ");
  RawClient client(served.port);
  client.send(post("/size", "12345") + post("/size", "1234567", "Connection: close\r\n"));
  const std::string both = client.rest();
  CHECK(has(both, "\r\n\r\n5HTTP/1.1 200"));
  CHECK(has(both, "\r\n\r\n7"));
  CHECK(served.posts == 2);
}

TEST_CASE("what is no request is refused") {
  const Served served;
  CHECK(has(served.ask("nonsense\r\n\r\n"), "400 Bad Request"));
  CHECK(has(served.ask("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n"), "400 Bad Request"));
  CHECK(has(served.ask("GET http://x/hello HTTP/1.1\r\n\r\n"), "400 Bad Request"));
  CHECK(has(served.ask("POST /size HTTP/1.1\r\nContent-Length: 3\r\n"
                       "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
            "400 Bad Request"));
  CHECK(has(served.ask("POST /size HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
            "400 Bad Request"));
  CHECK(has(served.ask("POST /size HTTP/1.1\r\nContent-Length: -1\r\n\r\n"), "400 Bad Request"));
  std::string many = "GET /hello HTTP/1.1\r\n";
  for (std::size_t i = 0; i <= kMaxHttpHeaders; ++i) many += fmt::format("h{}: 1\r\n", i);
  CHECK(has(served.ask(many + "\r\n"), "431"));
  CHECK(has(served.ask("GET /hello HTTP/1.1\r\nlong: " + std::string(kMaxHttpHeadBytes, 'x')),
            "431"));
  CHECK(has(served.ask("GET /" + std::string(std::size_t{1} << 20, 'x')), "431"));
  // A chunk whose extension never ends.
  CHECK(has(served.ask("POST /size HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;" +
                       std::string(200'000, 'x')),
            "400 Bad Request"));
  CHECK(served.posts == 0);
}

TEST_CASE("the body of a refused request is not taken for the next one") {
  const Served served;
  RawClient client(served.port);
  client.send(post("/nothing", "GET /hello HTTP/1.1\r\n\r\n"));
  const std::string answer = client.rest();
  CHECK(has(answer, "404 Not Found"));
  CHECK(has(answer, "Connection: close"));
  CHECK_FALSE(has(answer, "200 OK"));
}

TEST_CASE("a half-closed client gets its answer; one that breaks off gets none") {
  const Served served;
  CHECK(has(served.ask(post("/size", "abc")), "\r\n\r\n3"));
  CHECK(served.ask("POST /size HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc").empty());
  CHECK(served.posts == 1);
}

TEST_CASE("a body is bounded, however it comes") {
  HttpServerOptions options;
  options.max_body_bytes = 100'000;
  const Served served(options);
  const TempFolder dir;
  const std::string fits = dir.write("fits", std::string(100'000, 'a'));
  const std::string large = dir.write("large", std::string(100'001, 'a'));
  const auto curl = [&](const std::string& file, std::string_view more) {
    return run(fmt::format("curl -s {} --data-binary @{} {}", more, file, served.url("/size")));
  };
  CHECK(curl(fits, "") == "100000");
  CHECK(curl(fits, "-H 'Transfer-Encoding: chunked'") == "100000");
  CHECK(has(curl(large, ""), "body_too_large"));
  CHECK(has(curl(large, "-H 'Transfer-Encoding: chunked'"), "body_too_large"));
  CHECK(has(curl(large, "-H 'Expect: 100-continue'"), "body_too_large"));
  CHECK(has(served.ask("POST /size HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"),
            "400"));
  CHECK(
      has(served.ask("POST /size HTTP/1.1\r\nContent-Length: 9999999999999999999\r\n\r\n"), "413"));

  const std::string packed_fits = dir.write("fits.gz", gzip(std::string(100'000, 'a')));
  CHECK(curl(packed_fits, "-H 'Content-Encoding: gzip'") == "100000");
  // A bomb: 64 MiB in some 64 KiB.
  const std::string bomb = dir.write("bomb.gz", gzip(std::string(std::size_t{64} << 20, 'a')));
  CHECK(has(curl(bomb, "-H 'Content-Encoding: gzip'"), "body_too_large"));
  const std::string torn = gzip("hello, hello, hello");
  const std::string cut = dir.write("cut.gz", std::string_view(torn).substr(0, torn.size() - 9));
  CHECK(has(curl(cut, "-H 'Content-Encoding: gzip'"), "not what its encoding says"));
  CHECK(has(curl(fits, "-H 'Content-Encoding: gzip'"), "not what its encoding says"));
  CHECK(has(curl(fits, "-H 'Content-Encoding: br'"), "content_encoding"));
  CHECK(curl(fits, "-H 'Content-Encoding: identity'") == "100000");
}

TEST_CASE("all bodies together are bounded") {
  HttpServerOptions options;
  options.max_all_bodies_bytes = 50'000;
  const Served served(options);
  CHECK(has(served.ask(post("/size", std::string(40'000, 'x'))), "\r\n\r\n40000"));
  const std::string busy = served.ask(post("/size", std::string(60'000, 'x')));
  CHECK(has(busy, "503 Service Unavailable"));
  CHECK(has(busy, "Retry-After: 1"));
  // What was held has been given back.
  CHECK(has(served.ask(post("/size", std::string(40'000, 'x'))), "\r\n\r\n40000"));
}

TEST_CASE("the bearer token") {
  HttpServerOptions options;
  options.bearer_token = "s3cret";
  const Served served(options);
  const std::string none = run("curl -s -i " + served.url("/hello"));
  CHECK(has(none, "401 Unauthorized"));
  CHECK(has(none, "WWW-Authenticate: Bearer"));
  const auto with = [&](std::string_view header) {
    return run(fmt::format("curl -s -o /dev/null -w '%{{http_code}}' -H 'Authorization: {}' {}",
                           header, served.url("/hello")));
  };
  CHECK(with("Bearer s3cret") == "200");
  CHECK(with("bearer s3cret") == "200");
  CHECK(with("Bearer s3cre") == "401");
  CHECK(with("Bearer s3cret2") == "401");
  CHECK(with("Bearer") == "401");
  CHECK(with("Basic s3cret") == "401");
  CHECK(run("curl -s " + served.url("/healthz")) == "ok");
  CHECK(has(run("curl -s " + served.url("/nothing")), "unauthorized"));
}

TEST_CASE("slow clients are cut off, and others are served meanwhile") {
  HttpServerOptions options;
  options.slow_client = 1s;
  const Served served(options);
  RawClient silent(served.port);
  RawClient trickling(served.port);
  RawClient body(served.port);
  body.send("POST /size HTTP/1.1\r\nContent-Length: 1000\r\n\r\n");
  trickling.send("GET /hello HTTP/1.1\r\n");
  bool cut = false;
  for (int i = 0; i < 2000 && !cut; ++i) {
    cut = !trickling.send("a: b\r\n") || !body.send("x");
    if (i % 50 == 0) CHECK(run("curl -s " + served.url("/hello")) == "hello");
    std::this_thread::sleep_for(20ms);
  }
  CHECK(cut);
  CHECK(silent.rest().empty());
  CHECK(served.posts == 0);
  CHECK(served.notes.has("http_slow_client"));
}

TEST_CASE("connections are bounded: others wait, idle ones give way") {
  HttpServerOptions options;
  options.max_connections = 2;
  options.slow_client = 1s;
  const Served served(options);
  // Two that keep their connection after an answer.
  RawClient first(served.port);
  RawClient second(served.port);
  for (RawClient* client : {&first, &second}) {
    client->send("GET /hello HTTP/1.1\r\n\r\n");
    CHECK(has(client->until("hello"), "200 OK"));
  }
  for (int i = 0; i < 5; ++i) CHECK(run("curl -s " + served.url("/hello")) == "hello");
  // Two that say nothing at all hold their places until they are cut off.
  RawClient third(served.port);
  RawClient fourth(served.port);
  CHECK(run("curl -s -m 20 " + served.url("/hello")) == "hello");
}

TEST_CASE("a streamed answer comes piece by piece, and ends when the client goes away") {
  const Served served;
  CHECK(run("curl -s " + served.url("/stream")) ==
        "piece 0\npiece 4\npiece 8\npiece 12\npiece 16\n");
  CHECK(has(served.ask("GET /stream HTTP/1.0\r\n\r\n"), "Connection: close"));
  CHECK(eventually([&] { return served.streams == 0; }));
  {
    RawClient client(served.port);
    client.send("GET /endless HTTP/1.1\r\n\r\n");
    client.until("\r\n\r\n");
    CHECK(served.streams == 1);
  }
  CHECK(eventually([&] { return served.streams == 0; }));
}

TEST_CASE("it stops while requests are open") {
  Served served;
  RawClient waits(served.port);
  RawClient silent(served.port);
  RawClient half(served.port);
  RawClient stream(served.port);
  waits.send("GET /waits HTTP/1.1\r\n\r\n");
  half.send("POST /size HTTP/1.1\r\nContent-Length: 1000\r\n\r\nabc");
  stream.send("GET /endless HTTP/1.1\r\n\r\n");
  stream.until("\r\n\r\n");
  REQUIRE(eventually([&] { return served.waiting == 1; }));
  served.server->stop();
  CHECK(has(waits.rest(), "503 Service Unavailable"));  // it had arrived, and is answered
  CHECK(half.rest().empty());
  CHECK(silent.rest().empty());
  CHECK(served.streams == 0);
  int code = 0;
  run("curl -s -m 5 " + served.url("/hello"), &code);
  CHECK(code == 7);  // nobody listens
}

TEST_CASE("addresses that cannot be listened at") {
  Notes notes;
  const Served served;
  for (const std::string& address :
       {std::string("nonsense"), std::string("127.0.0.1"), std::string("127.0.0.1:99999"),
        std::string("::1:80"), fmt::format("127.0.0.1:{}", served.port)}) {
    HttpServerOptions options;
    options.listen = address;
    std::string error;
    const auto server = make_http_server(options, notes, error);
    REQUIRE(server != nullptr);
    CHECK_FALSE(server->start(error));
    CHECK(has(error, address));
  }
  HttpServerOptions options;
  options.listen = ":0";
  std::string error;
  const auto server = make_http_server(options, notes, error);
  REQUIRE(server->start(error));
  CHECK(notes.has("http_open"));
}

}  // namespace
}  // namespace weir::connectors::test
