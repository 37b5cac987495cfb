#include <set>

#include "http_support.hpp"
#include "live/http/body_records.hpp"

namespace weir::connectors::test {
namespace {

/// A source behind a server at a free port, and an engine that takes what it gives.
struct Posted {
  explicit Posted(HttpSourceOptions options = {}, StartOffsets start = {},
                  HttpServerOptions server_options = {}) {
    server_options.listen = "127.0.0.1:0";
    std::string error;
    server = make_http_server(server_options, notes, error);
    REQUIRE_MESSAGE(server != nullptr, error);
    options.shared = server.get();
    options.path = "/events";
    source = make_http_source(options, std::move(start), notes, error);
    REQUIRE_MESSAGE(source != nullptr, error);
    REQUIRE(server->start(error));
    engine = std::make_unique<Engine>(*source);
  }

  /// The status, a blank, and the body of the answer.
  std::string ask(std::string_view body, std::string_view headers = "") const {
    RawClient client(server->port());
    client.send(post("/events", body, fmt::format("{}Connection: close\r\n", headers)));
    return shorten(client.rest());
  }
  static std::string shorten(const std::string& answer) {
    const std::size_t body = answer.find("\r\n\r\n");
    if (body == std::string::npos) return "none: " + answer;
    std::string out = answer.substr(9, 3) + " " + answer.substr(body + 4);
    if (out.ends_with('\n')) out.pop_back();
    return out;
  }

  Notes notes;
  std::unique_ptr<HttpServer> server;
  std::unique_ptr<Source> source;
  std::unique_ptr<Engine> engine;
};

using Texts = std::vector<std::string>;

TEST_CASE("lines and arrays are cut into records") {
  const auto split = [](std::string body, bool arrays = true, std::size_t most = 100) {
    std::vector<std::string_view> records;
    std::string problem;
    const SplitResult result = split_body(body, arrays, most, records, problem);
    CHECK(problem.empty() == (result != SplitResult::kBadArray));
    if (result == SplitResult::kBadArray) return Texts{"broken"};
    if (result == SplitResult::kTooMany) return Texts{"too many"};
    return Texts(records.begin(), records.end());
  };
  CHECK(split("").empty());
  CHECK(split("\n\r\n\n").empty());
  CHECK(split("{\"a\":1}\r\n\n{\"b\":2}") == Texts{"{\"a\":1}", "{\"b\":2}"});
  CHECK(split("\xEF\xBB\xBF{\"a\":1}\n") == Texts{"{\"a\":1}"});
  CHECK(split("[]").empty());
  CHECK(split(" \n[ ] \n").empty());
  CHECK(split("\xEF\xBB\xBF [ 1 , \"a ]\" ,{\"a\": [1,\n2] } , [3] ,null, -1.5e3 ]") ==
        Texts{"1", "\"a ]\"", "{\"a\": [1,\n2] }", "[3]", "null", "-1.5e3"});
  CHECK(split("[{\"a\":1}\n", false) == Texts{"[{\"a\":1}"});
  for (const char* broken : {"[", "[1", "[1,]", "[1 2]", "[,1]", "[1]]", "[1] x", "[{\"a\":1}",
                             "[\"a]", "[{\"a\":1} {\"b\":2}]", "[1}", "[\"\xff\"]"}) {
    CHECK_MESSAGE(split(broken) == Texts{"broken"}, broken);
  }
  CHECK(split("1\n2\n3", true, 3).size() == 3);
  CHECK(split("1\n2\n3\n4", true, 3) == Texts{"too many"});
  CHECK(split("[1,2,3]", true, 3).size() == 3);
  CHECK(split("[1,2,3,4]", true, 3) == Texts{"too many"});
  const std::string deep(100'000, '[');
  CHECK(split(deep) == Texts{"broken"});
}

TEST_CASE("posts are taken, and the answer says what was refused") {
  const Posted posted({}, {{0, 40}});
  CHECK(posted.ask("{\"a\":1}\n{\"b\":2}\n") == R"(200 {"accepted":2,"rejected":[]})");
  CHECK(posted.ask("[{\"c\":3},\n {\"d\":4}]") == R"(200 {"accepted":2,"rejected":[]})");
  CHECK(
      posted.ask("bad one\n{}\nbad two\n") ==
      R"(200 {"accepted":1,"rejected":[{"index":0,"reason":"json_invalid","detail":"said \"bad\""},)"
      R"({"index":2,"reason":"json_invalid","detail":"said \"bad\""}]})");
  CHECK(
      posted.ask("bad\n") ==
      R"(400 {"accepted":0,"rejected":[{"index":0,"reason":"json_invalid","detail":"said \"bad\""}]})");
  CHECK(posted.ask("[1,").starts_with(R"(400 {"error":"json_invalid")"));
  CHECK(posted.ask("") == R"(200 {"accepted":0,"rejected":[]})");
  CHECK(posted.ask(gzip("{\"z\":1}\n"), "Content-Encoding: gzip\r\n") ==
        R"(200 {"accepted":1,"rejected":[]})");
  CHECK(posted.ask("{}", "Content-Type: image/png\r\n").starts_with("415 "));
  CHECK(posted.ask("[x", "Content-Type: text/plain; charset=utf-8\r\n") ==
        R"(200 {"accepted":1,"rejected":[]})");
  CHECK(posted.engine->records() == Texts{"{\"a\":1}", "{\"b\":2}", "{\"c\":3}", "{\"d\":4}",
                                          "bad one", "{}", "bad two", "bad", "{\"z\":1}", "[x"});
  CHECK(posted.engine->next_offset() == 50);
  CHECK(posted.engine->offsets_count_up());
  RawClient client(posted.server->port());
  client.send("GET /events HTTP/1.1\r\nConnection: close\r\n\r\n");
  CHECK(Posted::shorten(client.rest()).starts_with("405 "));
  CHECK(eventually([&] { return posted.engine->drained > 0; }));
}

TEST_CASE("zstd, by curl") {
  const Posted posted;
  const TempFolder dir;
  // zstd's own frame of "{}\n", stored raw: magic, descriptor, size 3, one last raw block.
  const std::string frame("\x28\xb5\x2f\xfd\x20\x03\x19\x00\x00{}\n", 12);
  const std::string file = dir.write("body.zst", frame);
  CHECK(run(fmt::format("curl -s -H 'Content-Encoding: zstd' -H 'Content-Type: application/json' "
                        "--data-binary @{} http://127.0.0.1:{}/events",
                        file, posted.server->port())) == "{\"accepted\":1,\"rejected\":[]}\n");
  // Asks for a window of 2 GiB.
  const std::string greedy("\x28\xb5\x2f\xfd\x00\xa8\x19\x00\x00{}\n", 12);
  CHECK(posted.ask(greedy, "Content-Encoding: zstd\r\n").starts_with("400 "));
}

TEST_CASE("a request larger than a poll comes in several blocks, and has one answer") {
  const Posted posted;
  std::string body;
  for (int i = 0; i < 20'000; ++i) body += i % 1000 == 999 ? "bad\n" : fmt::format("{}\n", i);
  const std::string answer = posted.ask(body);
  CHECK(answer.starts_with("200 {\"accepted\":19980,\"rejected\":[{\"index\":999,"));
  CHECK(answer.find("{\"index\":19999,") != std::string::npos);
  CHECK(posted.engine->records().size() == 20'000);
  CHECK(posted.engine->largest_block() == kMaxPolledRecords);
  CHECK(posted.engine->offsets_count_up());

  std::string all_bad;
  for (std::size_t i = 0; i < kMaxHttpRejectionsShown + 50; ++i) all_bad += "bad\n";
  const std::string refused = posted.ask(all_bad);
  CHECK(refused.starts_with("400 {\"accepted\":0,"));
  CHECK(refused.ends_with("],\"more_rejected\":50}"));
}

TEST_CASE("an Idempotency-Key that comes again puts in nothing") {
  HttpSourceOptions options;
  options.idempotency_keys = 3;
  const Posted posted(options);
  const auto with_key = [&](std::string_view body, std::string_view key) {
    return posted.ask(body, fmt::format("Idempotency-Key: {}\r\n", key));
  };
  const std::string first = with_key("a\nbad\n", "k1");
  CHECK(first.starts_with("200 {\"accepted\":1,"));
  CHECK(with_key("a\nbad\n", "k1") == first);
  CHECK(with_key("other", "k1").starts_with("422 "));
  CHECK(with_key("a", std::string(256, 'k')).starts_with("400 "));
  CHECK(posted.engine->records().size() == 2);
  // The longest unused is forgotten: k2, since k1 is asked for in between.
  for (const char* key : {"k2", "k3"}) with_key("x", key);
  CHECK(with_key("a\nbad\n", "k1") == first);
  with_key("x", "k4");
  CHECK(with_key("a\nbad\n", "k1") == first);
  CHECK(posted.engine->records().size() == 5);
  with_key("x", "k2");
  CHECK(posted.engine->records().size() == 6);
}

TEST_CASE("a repeat while the first is under way waits for the same answer") {
  const Posted posted;
  posted.engine->holds = true;
  std::vector<std::string> answers(4);
  {
    std::vector<std::jthread> clients;
    for (std::string& answer : answers) {
      clients.emplace_back([&] { answer = posted.ask("one\nbad\n", "Idempotency-Key: same\r\n"); });
    }
    REQUIRE(eventually([&] { return !posted.engine->records().empty(); }));
    std::this_thread::sleep_for(50ms);  // the others have come, most likely; right either way
    posted.engine->holds = false;
  }
  CHECK(posted.engine->records() == Texts{"one", "bad"});
  for (const std::string& answer : answers) CHECK(answer == answers[0]);
  CHECK(answers[0].starts_with("200 {\"accepted\":1,"));
}

TEST_CASE("back-pressure: 429 while it is paused, or too much waits") {
  HttpSourceOptions options;
  options.max_waiting_requests = 2;
  options.max_waiting_bytes = 2000;
  const Posted posted(options);
  posted.engine->pause = 1;
  REQUIRE(eventually([&] { return posted.engine->pause == -1; }));
  REQUIRE(eventually([&] { return posted.ask("x").starts_with("429 {\"error\":\"busy\""); }));
  const std::size_t before = posted.engine->records().size();
  posted.engine->pause = 0;
  REQUIRE(eventually([&] { return posted.ask("x").starts_with("200 "); }));
  CHECK(posted.engine->records().size() == before + 1);

  posted.engine->holds = true;
  std::vector<std::string> answers(2);
  {
    std::jthread one([&] { answers[0] = posted.ask("one"); });
    REQUIRE(eventually([&] { return posted.engine->records().size() == before + 2; }));
    // A request that would go over the bound on bytes, then a second one, then one too many.
    CHECK(posted.ask(std::string(2000, 'x')).starts_with("429 "));
    std::jthread two([&] { answers[1] = posted.ask("two"); });
    REQUIRE(eventually([&] { return posted.ask("").starts_with("429 "); }));
    posted.engine->holds = false;
  }
  for (const std::string& answer : answers) CHECK(answer.starts_with("200 "));
  // One that is larger than the bound gets in where nothing else waits.
  CHECK(posted.ask(std::string(5000, 'x')).starts_with("200 "));
  RawClient client(posted.server->port());
  posted.engine->pause = 1;
  REQUIRE(eventually([&] { return posted.ask("x").starts_with("429 "); }));
  client.send(post("/events", "x", "Connection: close\r\n"));
  CHECK(client.rest().find("Retry-After: 1\r\n") != std::string::npos);
}

TEST_CASE("what is not settled in time is 503, and its key asks for the answer later") {
  HttpSourceOptions options;
  options.settle_within = 50ms;
  const Posted posted(options);
  posted.engine->holds = true;
  CHECK(posted.ask("a", "Idempotency-Key: k\r\n").starts_with("503 {\"error\":\"not_settled\""));
  CHECK(posted.ask("a", "Idempotency-Key: k\r\n").starts_with("503 {\"error\":\"not_settled\""));
  posted.engine->holds = false;
  REQUIRE(eventually([&] {
    return posted.ask("a", "Idempotency-Key: k\r\n") == R"(200 {"accepted":1,"rejected":[]})";
  }));
  CHECK(posted.engine->records() == Texts{"a"});
}

TEST_CASE("a server or a source that goes away answers those who wait") {
  for (const bool server_first : {true, false}) {
    Posted posted;
    posted.engine->holds = true;
    std::string answer;
    std::jthread client([&] { answer = posted.ask("a"); });
    REQUIRE(eventually([&] { return !posted.engine->records().empty(); }));
    if (server_first) {
      posted.server->stop();
    } else {
      posted.engine.reset();
      posted.source.reset();
      CHECK(posted.ask("b").starts_with("503 {\"error\":\"stopping\""));
    }
    client.join();
    CHECK(answer.starts_with("503 {\"error\":\"stopping\""));
  }
}

TEST_CASE("a source with a server of its own") {
  Notes notes;
  HttpSourceOptions options;
  options.server.listen = "127.0.0.1:0";
  std::string error;
  {
    const auto source = make_http_source(options, {}, notes, error);
    REQUIRE_MESSAGE(source != nullptr, error);
    CHECK(notes.has("http_listening"));
  }
  options.server.listen = "nowhere";
  CHECK(make_http_source(options, {}, notes, error) == nullptr);
  options.path = "events";
  CHECK(make_http_source(options, {}, notes, error) == nullptr);
}

TEST_CASE("1,000 posts at once, a third of them twice: each event once") {
  HttpServerOptions server;
  server.slow_client = 60s;
  const Posted posted({}, {}, server);
  const std::string script = std::string(WEIR_SOURCE_DIR) + "/tests/unit/connectors/http_posts.py";
  int code = 0;
  const std::string out =
      run(fmt::format("python3 {} {} /events 1000 7", script, posted.server->port()), &code);
  CHECK(code == 0);
  CHECK(out == "1334 7000\n");
  const Texts records = posted.engine->records();
  CHECK(records.size() == 7000);
  CHECK(std::set<std::string>(records.begin(), records.end()).size() == 7000);
  CHECK(posted.engine->next_offset() == 7000);
  CHECK(posted.engine->offsets_count_up());
}

}  // namespace
}  // namespace weir::connectors::test
