#include <atomic>
#include <thread>

#include "support.hpp"
#include "weir/connectors/live/mqtt.hpp"

namespace weir::connectors::live_tests {
namespace {

using Kind = Polled::Kind;

MqttClientOptions client(const std::string& id) {
  MqttClientOptions options;
  options.port = static_cast<std::uint16_t>(std::stoi(environment("WEIR_MQTT_PORT")));
  options.client_id = id;
  options.keep_alive = 5s;
  return options;
}

std::unique_ptr<Source> source_of(const std::vector<std::string>& topics, const std::string& id,
                                  Notices& notices, MqttSourceOptions options = {}) {
  options.client = client(id);
  options.topics = topics;
  std::string error;
  auto source = make_mqtt_source(std::move(options), {}, notices, error);
  REQUIRE_MESSAGE(source != nullptr, error);
  return source;
}

std::unique_ptr<Sink> sink_to(const std::string& topic, Notices& notices,
                              MqttSinkOptions options = {}) {
  if (options.client.port == 1883) options.client = client({});
  options.topic = topic;
  std::string error;
  auto sink = make_mqtt_sink(std::move(options), notices, error);
  REQUIRE_MESSAGE(sink != nullptr, error);
  return sink;
}

void send_texts(Sink& sink, const std::vector<std::string>& texts) {
  std::vector<OutRecord> records;
  for (const std::string& text : texts) records.push_back({text, {}, {}});
  send_all(sink, records);
}

std::vector<std::string> numbers(int from, int to) {
  std::vector<std::string> texts;
  for (int i = from; i < to; ++i) texts.push_back("n " + std::to_string(i));
  return texts;
}

bool until_drained(Reader& reader) {
  return reader.until([&] { return reader.told[Kind::kDrained] > 0; });
}

TEST_SUITE("mqtt") {
  TEST_CASE("what the sink takes comes out of the source, once and in order") {
    CountedNotices notices;
    Reader reader(source_of({"round/+/t"}, "round", notices));
    REQUIRE(until_drained(reader));
    const auto sink = sink_to("round/trip/t", notices);
    std::thread sender([&] { send_texts(*sink, numbers(0, 5000)); });
    CHECK(reader.until_records(5000));
    sender.join();
    reader.run_for(200ms);
    CHECK(reader.texts() == numbers(0, 5000));
    CHECK(reader.next[0] == 5000);
    CHECK(reader.records[4999].offset == 4999);
    CHECK(reader.told[Kind::kOpened] == 1);
  }

  TEST_CASE("the topic of an alert") {
    CountedNotices notices;
    Reader reader(source_of({"alerts/high/a_b", "alerts/_/_"}, "template", notices));
    REQUIRE(until_drained(reader));
    const auto sink = sink_to("{stream}/{severity}/{rule}", notices);
    const std::string whole = R"({"rule":"a/b","severity":"high","stream":"alerts"})";
    const std::string poor = R"({"stream":"alerts"})";
    send_texts(*sink, {whole, poor});
    REQUIRE(reader.until_records(2));
    CHECK(reader.texts() == std::vector<std::string>{whole, poor});
    std::string error;
    MqttSinkOptions options;
    options.topic = "{what}";
    CHECK(make_mqtt_sink(options, notices, error) == nullptr);
    options.topic = "a/+";
    CHECK(make_mqtt_sink(options, notices, error) == nullptr);
  }

  TEST_CASE("retained messages and $SYS come where a topic asks for them by name") {
    CountedNotices notices;
    MqttSinkOptions retain;
    retain.retain = true;
    send_texts(*sink_to("kept/one", notices, retain), {"old one"});
    send_texts(*sink_to("kept/two", notices, retain), {"old two"});
    Reader wild(source_of({"kept/#"}, "kept-wild", notices));
    REQUIRE(until_drained(wild));
    Reader named(source_of({"kept/two"}, "kept-named", notices));
    REQUIRE(named.until_records(1));
    CHECK(named.texts() == std::vector<std::string>{"old two"});
    send_texts(*sink_to("kept/one", notices), {"new"});
    REQUIRE(wild.until_records(1));
    CHECK(wild.texts() == std::vector<std::string>{"new"});

    Reader all(source_of({"#"}, "sys-all", notices));
    Reader sys(source_of({"$SYS/broker/uptime"}, "sys", notices));
    REQUIRE(sys.until_records(1));
    all.run_for(1500ms);
    CHECK(all.records.empty());
  }

  TEST_CASE("the broker keeps messages while we are away") {
    CountedNotices notices;
    const auto sink = sink_to("session", notices);
    std::vector<std::string> texts;
    {
      Reader reader(source_of({"session"}, "session", notices));
      REQUIRE(until_drained(reader));
      send_texts(*sink, numbers(0, 10));
      REQUIRE(reader.until_records(10));
      texts = reader.texts();
    }
    send_texts(*sink, numbers(10, 500));
    Reader again(source_of({"session"}, "session", notices));
    REQUIRE(again.until_records(490));
    REQUIRE(until_drained(again));
    // Where the broker writes to us while we go, it does not read our last acknowledgements, and
    // sends those messages again.
    for (const std::string& text : again.texts()) texts.push_back(text);
    CHECK(check_order(texts, {{"n", 500}}) <= 10);
    // Topics of the old session that nobody asks for now.
    again.source.reset();
    send_texts(*sink, {"old"});
    Reader other(source_of({"session-other"}, "session", notices));
    REQUIRE(until_drained(other));
    CHECK(other.records.empty());
  }

  TEST_CASE("a long pause loses nothing, and is no absence of the broker") {
    CountedNotices notices;
    const auto sink = sink_to("pause", notices);
    Reader reader(source_of({"pause"}, "pause", notices));
    REQUIRE(until_drained(reader));
    reader.source->pause(0, true);
    send_texts(*sink, numbers(0, 300));
    reader.run_for(3500ms);  // keep_alive is 5 s
    send_texts(*sink, numbers(300, 600));
    reader.run_for(200ms);
    CHECK(reader.records.empty());
    reader.source->pause(0, false);
    REQUIRE(reader.until_records(600));
    CHECK(reader.told[Kind::kAway] == 0);
    // What was under way when the connection was closed may come twice.
    check_order(reader.texts(), {{"n", 600}});
  }

  TEST_CASE("a record that is too long is refused, an empty one is a record") {
    CountedNotices notices;
    MqttSourceOptions options;
    options.max_record_bytes = 100;
    Reader reader(source_of({"long"}, "long", notices, options));
    REQUIRE(until_drained(reader));
    const std::string huge(600 * 1024, 'x');
    send_texts(*sink_to("long", notices), {"a", huge, "", "b"});
    REQUIRE(reader.until_records(4));
    CHECK(reader.records[1].fault == RejectReason::kRecordTooLong);
    CHECK(reader.records[2].text.empty());
    CHECK(reader.records[3].text == "b");
    CHECK(reader.records[3].offset == 3);
  }

  TEST_CASE("TLS and a login") {
    CountedNotices notices;
    MqttSinkOptions secure;
    secure.client = client({});
    secure.client.port = static_cast<std::uint16_t>(std::stoi(environment("WEIR_MQTT_TLS_PORT")));
    secure.client.tls.on = true;
    secure.client.tls.ca_file = environment("WEIR_MQTT_CA");
    secure.client.login = {"weir", "let me in"};

    MqttSourceOptions options;
    options.client = secure.client;
    options.client.client_id = "secure";
    options.topics = {"secure"};
    std::string error;
    Reader reader(make_mqtt_source(options, {}, notices, error));
    REQUIRE(until_drained(reader));
    send_texts(*sink_to("secure", notices, secure), numbers(0, 2000));
    REQUIRE(reader.until_records(2000));
    CHECK(reader.texts() == numbers(0, 2000));

    options.client.client_id = "wrong-password";
    options.client.login.password = "guess";
    Reader wrong(make_mqtt_source(options, {}, notices, error));
    REQUIRE(wrong.until([&] { return wrong.told[Kind::kAway] == 1; }));
    CHECK(notices.count("mqtt_refused") > 0);
    CHECK(wrong.text.find("guess") == wrong.text.npos);

    options.client.client_id = "wrong-ca";
    options.client.tls.ca_file.clear();
    Reader stranger(make_mqtt_source(options, {}, notices, error));
    REQUIRE(stranger.until([&] { return stranger.told[Kind::kAway] == 1; }));
    CHECK(stranger.records.empty());
  }

  TEST_CASE("a session needs a name, and topics are checked") {
    CountedNotices notices;
    std::string error;
    MqttSourceOptions options;
    options.topics = {"a"};
    CHECK(make_mqtt_source(options, {}, notices, error) == nullptr);
    CHECK(error.find("client_id") != error.npos);
    options.client.client_id = "x";
    options.topics = {"a/#/b"};
    CHECK(make_mqtt_source(options, {}, notices, error) == nullptr);
  }

  TEST_CASE("a call that waits returns when it is woken") {
    CountedNotices notices;
    Reader reader(source_of({"woken"}, "woken", notices));
    REQUIRE(until_drained(reader));
    check_woken(reader);
  }

  TEST_CASE("a broker that is killed comes back: nothing is lost, nothing is out of order") {
    CountedNotices notices;
    Reader reader(source_of({"killed"}, "killed", notices));
    REQUIRE(until_drained(reader));
    server("save");  // its sessions
    std::atomic<bool> stop = false;
    std::atomic<int> seen = 0;
    int sent = 0;
    std::thread sender([&] {
      MqttSinkOptions options;
      options.client = client("killed-sink");
      const auto sink = sink_to("killed", notices, options);
      while (!stop) {
        // One by one: what the broker has acknowledged and holds in memory alone when it is killed
        // is lost, and no fault of ours.
        if (sent == seen) {
          send_texts(*sink, numbers(sent, sent + 1));
          ++sent;
        } else {
          std::this_thread::sleep_for(1ms);
        }
      }
    });
    const auto until_more = [&](std::size_t count) {
      const std::size_t wanted = reader.records.size() + count;
      return reader.until([&] {
        if (!reader.records.empty()) seen = 1 + std::stoi(reader.records.back().text.substr(2));
        return reader.records.size() >= wanted;
      });
    };
    for (int round = 1; round <= 2; ++round) {
      CHECK(until_more(200));
      server("kill");
      CHECK(reader.until([&] { return reader.told[Kind::kAway] == round; }));
      CHECK(!reader.text.empty());
      server("start");
      CHECK(reader.until([&] { return reader.told[Kind::kBack] == round; }));
    }
    CHECK(until_more(200));
    stop = true;
    sender.join();
    CHECK(reader.until([&] { return reader.records.back().text == numbers(sent - 1, sent)[0]; }));
    check_order(reader.texts(), {{"n", sent}});
    CHECK(reader.told[Kind::kClosed] == 0);
  }
}

}  // namespace
}  // namespace weir::connectors::live_tests
