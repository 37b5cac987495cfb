#include <atomic>
#include <set>
#include <thread>

#include "kafka_support.hpp"

namespace weir::connectors::live_tests {
namespace {

using Kind = Polled::Kind;

/// "KEY NUMBER" records, round about the keys.
struct Numbered {
  Numbered(int keys, int each) {
    for (int number = 0; number < each; ++number) {
      for (int key = 0; key < keys; ++key) {
        names.push_back("key" + std::to_string(key));
        texts.push_back(names.back() + " " + std::to_string(number));
        expected[names.back()] = each;
      }
    }
    for (std::size_t i = 0; i < texts.size(); ++i) records.push_back({texts[i], names[i], {}});
  }
  std::vector<std::string> names;
  std::vector<std::string> texts;
  std::vector<OutRecord> records;
  std::map<std::string, int> expected;
};

void fill(const std::string& topic, int partitions, int each, const std::string& padding = {}) {
  RawProducer producer;
  for (int number = 0; number < each; ++number) {
    for (int partition = 0; partition < partitions; ++partition) {
      producer.produce(topic, partition, "",
                       "p" + std::to_string(partition) + " " + std::to_string(number) + padding);
    }
  }
  producer.flush();
}

TEST_SUITE("kafka") {
  TEST_CASE("what the sink takes comes out of the source, once and in order per key") {
    CountedNotices notices;
    const std::string topic = create_topic("roundtrip", 4);
    const Numbered numbered(50, 200);
    const auto sink = sink_to(topic, notices);
    send_all(*sink, numbered.records);

    Reader reader(source_of({topic}, "roundtrip", notices));
    REQUIRE(reader.until_records(numbered.records.size()));
    REQUIRE(reader.until([&] { return reader.told[Kind::kDrained] >= 4; }));
    CHECK(reader.records.size() == numbered.records.size());
    CHECK(check_order(reader.texts(), numbered.expected) == 0);
    CHECK(reader.told[Kind::kOpened] == 4);
    CHECK(reader.names[2] == "roundtrip-2");
    std::map<std::uint32_t, std::uint64_t> next;
    for (const Reader::Record& record : reader.records) {
      const std::string key = record.text.substr(0, record.text.find(' '));
      CHECK(record.partition == (murmur2(key) & 0x7fffffffU) % 4);
      CHECK(record.offset == next[record.partition]++);
    }
    CHECK(reader.next == next);

    // What was committed is where the next one of the group goes on.
    reader.source.reset();
    Reader again(source_of({topic}, "roundtrip", notices));
    REQUIRE(again.until([&] { return again.told[Kind::kDrained] == 4; }));
    CHECK(again.open == next);
    CHECK(again.records.empty());
  }

  TEST_CASE("the partitioner is that of Kafka's clients") {
    // From UtilsTest of the Java client.
    const std::pair<const char*, std::int32_t> known[] = {
        {"21", -973932308},
        {"foobar", -790332482},
        {"a-little-bit-long-string", -985981536},
        {"a-little-bit-longer-string", -1486304829},
        {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971}};
    CountedNotices notices;
    const std::string topic = create_topic("murmur", 7);
    const auto sink = sink_to(topic, notices);
    std::vector<OutRecord> records;
    for (const auto& [key, hash] : known) {
      CHECK(murmur2(key) == static_cast<std::uint32_t>(hash));
      records.push_back({key, key, {}});
    }
    for (int i = 0; i < 20; ++i) records.push_back({"no key", {}, {}});
    send_all(*sink, records);
    Reader reader(source_of({topic}, "murmur", notices));
    REQUIRE(reader.until_records(records.size()));
    for (const Reader::Record& record : reader.records) {
      if (record.text == "no key") continue;
      CHECK(record.partition == (murmur2(record.text) & 0x7fffffffU) % 7);
    }
  }

  TEST_CASE("where a source starts") {
    CountedNotices notices;
    const std::string topic = create_topic("start", 2);
    fill(topic, 2, 10);
    KafkaSourceOptions options;

    Reader told(source_of({topic}, "start-told", notices, options, {{0, 7}, {1, 10}}));
    REQUIRE(told.until_records(3));
    CHECK(told.texts() == std::vector<std::string>{"p0 7", "p0 8", "p0 9"});
    CHECK(told.open == std::map<std::uint32_t, std::uint64_t>{{0, 7}, {1, 10}});

    options.start = KafkaSourceOptions::Start::kLatest;
    Reader latest(source_of({topic}, "start-latest", notices, options));
    REQUIRE(latest.until([&] { return latest.told[Kind::kDrained] == 2; }));
    CHECK(latest.open == std::map<std::uint32_t, std::uint64_t>{{0, 10}, {1, 10}});
    fill(topic, 2, 1);
    REQUIRE(latest.until_records(2));
    CHECK(latest.records.size() == 2);

    options.start = KafkaSourceOptions::Start::kFail;
    Reader none(source_of({topic}, "start-none", notices, options));
    REQUIRE(none.until([&] { return none.told[Kind::kFailed] == 1; }));
    CHECK(notices.count("no_offset") == 1);
    CHECK(none.text.find("start-none") != none.text.npos);
    none.run_for(200ms);
    CHECK(none.records.empty());

    Reader gone(source_of({topic}, "start-gone", notices, options, {{0, 1000}, {1, 0}}));
    REQUIRE(gone.until([&] { return gone.told[Kind::kFailed] == 1; }));
    CHECK(notices.count("offset_out_of_range") == 1);
  }

  TEST_CASE("several topics, each with its partitions") {
    CountedNotices notices;
    const std::vector<std::string> topics = {create_topic("first", 2), create_topic("second", 2)};
    fill(topics[0], 2, 5);
    fill(topics[1], 2, 6);
    Reader reader(source_of(topics, "several", notices));
    REQUIRE(reader.until_records(22));
    CHECK(reader.next == std::map<std::uint32_t, std::uint64_t>{
                             {0, 5}, {1, 5}, {1U << 16U, 6}, {(1U << 16U) + 1, 6}});
    CHECK(reader.names[(1U << 16U) + 1] == "second-1");
  }

  TEST_CASE("tombstones are skipped, records that are too long are refused, line ends taken off") {
    CountedNotices notices;
    const std::string topic = create_topic("odd", 1);
    RawProducer producer;
    producer.produce(topic, 0, "a", std::nullopt);
    producer.produce(topic, 0, "a", "x\r\n");
    producer.produce(topic, 0, "a", std::string(2000, 'y'));
    producer.produce(topic, 0, "a", "");
    producer.produce(topic, 0, "a", "z");
    producer.flush();
    KafkaSourceOptions options;
    options.max_record_bytes = 1000;
    Reader reader(source_of({topic}, "odd", notices, options));
    REQUIRE(reader.until_records(4));
    CHECK(reader.records[0].text == "x");
    CHECK(reader.records[0].offset == 1);
    CHECK(reader.records[1].fault == RejectReason::kRecordTooLong);
    CHECK(reader.records[1].text == std::string(1000, 'y').append(24, 'y'));
    CHECK(reader.records[2].text.empty());
    CHECK(reader.records[3].text == "z");
    CHECK(notices.count("tombstone") == 1);
  }

  TEST_CASE("what was aborted is not seen, and offsets that compaction took are passed over") {
    CountedNotices notices;
    const std::string topic = create_topic("gaps", 1,
                                           {{"cleanup.policy", "compact"},
                                            {"segment.ms", "100"},
                                            {"min.cleanable.dirty.ratio", "0.001"},
                                            {"max.compaction.lag.ms", "100"}});
    RawProducer producer("gaps");
    for (int i = 0; i < 20; ++i) {
      producer.begin();
      for (int j = 0; j < 5; ++j) {
        producer.produce(topic, 0, "k" + std::to_string(i),
                         (i % 2 == 0 ? "good " : "aborted ") + std::to_string(j));
      }
      producer.flush();
      i % 2 == 0 ? producer.commit() : producer.abort();
      std::this_thread::sleep_for(20ms);
    }
    // Until the cleaner has been there; of each key the last always stays.
    bool compacted = false;
    for (int attempt = 0; !compacted && attempt < 40; ++attempt) {
      std::this_thread::sleep_for(250ms);
      producer.begin();  // closes the segment before
      producer.produce(topic, 0, "end", "good end");
      producer.commit();
      Reader reader(source_of({topic}, "gaps-" + std::to_string(attempt), notices));
      REQUIRE(reader.until([&] { return reader.told[Kind::kDrained] == 1; }));
      std::uint64_t after = 0;
      std::map<std::string, int> times;
      for (const Reader::Record& record : reader.records) {
        CHECK(record.text.starts_with("good"));
        CHECK(record.offset >= after);
        after = record.offset + 1;
        ++times[record.text];
      }
      CHECK(times["good 4"] == 10);
      compacted = times["good 0"] < 10;
    }
    CHECK(compacted);
  }

  TEST_CASE("a pause outlasts the session's time-out, and loses and repeats nothing") {
    CountedNotices notices;
    const std::string topic = create_topic("paused", 2);
    fill(topic, 2, 2000, std::string(400, '.'));  // 800 kB a partition: more than is held
    Reader reader(source_of({topic}, "paused", notices));
    REQUIRE(reader.until([&] { return reader.told[Kind::kOpened] == 2; }));
    reader.source->pause(0, true);
    const std::size_t before = reader.records.size();
    CHECK(before == 0);
    REQUIRE(reader.until_records(2000));
    reader.run_for(5000ms);  // the session's time-out is 2 s
    CHECK(reader.records.size() == 2000);
    CHECK(reader.told[Kind::kDrained] == 1);  // only who was asked
    CHECK(reader.told[Kind::kClosed] == 0);
    for (const Reader::Record& record : reader.records) CHECK(record.partition == 1);
    // Short pauses in between.
    bool paused = true;
    REQUIRE(reader.until([&] {
      paused = !paused;
      reader.source->pause(0, paused);
      return reader.records.size() >= 4000;
    }));
    reader.source->pause(0, false);
    REQUIRE(reader.until([&] { return reader.told[Kind::kDrained] >= 2; }));
    CHECK(check_order(reader.texts(), {{"p0", 2000}, {"p1", 2000}}) == 0);

    // A source may go while it holds records.
    Reader holding(source_of({topic}, "holding", notices));
    REQUIRE(holding.until([&] { return holding.told[Kind::kOpened] == 2; }));
    holding.source->pause(0, true);
    REQUIRE(holding.until_records(2000));
    holding.source.reset();
  }

  TEST_CASE("two consumers share the partitions, and what moves is closed and opened") {
    CountedNotices notices;
    const std::string topic = create_topic("shared", 4);
    std::atomic<bool> stop = false;
    std::atomic<int> sent = 0;
    std::thread sender([&] {
      RawProducer producer;
      for (int number = 0; !stop; ++number) {
        for (int p = 0; p < 4; ++p) {
          producer.produce(topic, p, "", "p" + std::to_string(p) + " " + std::to_string(number));
        }
        producer.flush();
        sent = number + 1;
        std::this_thread::sleep_for(2ms);
      }
    });
    Reader one(source_of({topic}, "shared", notices));
    CHECK(one.until_records(200));
    CHECK(one.open.size() == 4);

    std::vector<std::string> other;
    std::thread second([&] {
      Reader two(source_of({topic}, "shared", notices));
      CHECK(two.until([&] { return two.open.size() == 2; }));
      CHECK(two.until_records(200));
      for (const auto& [partition, begin] : two.open) CHECK(begin > 0);
      other = two.texts();
      // Goes, after its last commit.
    });
    CHECK(one.until([&] { return one.told[Kind::kClosed] == 2; }));
    CHECK(one.open.size() == 2);
    CHECK(one.told[Kind::kOpened] == 4);  // of those that stayed nothing is heard
    CHECK(one.until([&] { return one.open.size() == 4; }));
    second.join();
    stop = true;
    sender.join();
    CHECK(one.told[Kind::kClosed] == 2);
    CHECK(one.told[Kind::kOpened] == 6);
    const auto all = static_cast<std::uint64_t>(sent);
    CHECK(one.until([&] {
      return one.next ==
             std::map<std::uint32_t, std::uint64_t>{{0, all}, {1, all}, {2, all}, {3, all}};
    }));
    // All was committed before it moved, so that nothing comes twice here; every record came.
    std::map<std::string, int> times;
    for (const std::string& text : one.texts()) ++times[text];
    for (const std::string& text : other) ++times[text];
    CHECK(times.size() == 4 * all);
    for (const auto& [text, count] : times) CHECK_MESSAGE(count == 1, text);
  }

  TEST_CASE("what is not committed in time is given again by the next owner") {
    CountedNotices notices;
    const std::string topic = create_topic("uncommitted", 2);
    fill(topic, 2, 50);
    KafkaSourceOptions options;
    options.revoke_wait = 300ms;
    Reader one(source_of({topic}, "uncommitted", notices, options));
    one.commits = false;
    REQUIRE(one.until_records(100));
    Reader two(source_of({topic}, "uncommitted", notices, options));
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (two.records.size() < 50 && std::chrono::steady_clock::now() < deadline) {
      one.step(10ms);
      two.step(10ms);
    }
    CHECK(two.records.size() == 50);
    CHECK(one.told[Kind::kClosed] == 1);
    // What stayed goes on where it was, although nothing of it was committed.
    CHECK(one.records.size() == 100);
    // A commit for what is no longer ours is ignored.
    const std::uint32_t moved = two.open.begin()->first;
    const PartitionOffset late[] = {{moved, 3}};
    one.source->commit(late);
    one.run_for(300ms);
    CHECK(notices.count("commit_failed") == 0);
  }

  TEST_CASE("a record that the broker will never take is refused, and only that one") {
    CountedNotices notices;
    const std::string topic = create_topic("bounded", 1, {{"max.message.bytes", "3000"}});
    KafkaSinkOptions options;
    options.compression = "none";
    const auto sink = sink_to(topic, notices, options);
    const std::string large(5000, 'x');
    std::vector<std::string> texts;
    for (int i = 0; i < 20; ++i) texts.push_back(i == 7 ? large : std::to_string(i));
    std::vector<OutRecord> records;
    for (const std::string& text : texts) records.push_back({text, "k", {}});
    std::span<const OutRecord> left = records;
    std::size_t refused = 0;
    for (int rounds = 0; !left.empty() && rounds < 50; ++rounds) {
      const SendResult result = sink->send(left);
      left = left.subspan(result.done);
      if (result.state != SendResult::State::kRefused) continue;
      CHECK(left.front().text == large);
      left = left.subspan(1);
      ++refused;
    }
    CHECK(left.empty());
    CHECK(refused == 1);
    Reader reader(source_of({topic}, "bounded", notices));
    REQUIRE(reader.until_records(19));
    texts.erase(texts.begin() + 7);
    CHECK(reader.texts() == texts);

    const std::string huge(2'000'000, 'x');
    const OutRecord three[] = {{"before", "k", {}}, {huge, "k", {}}, {"after", "k", {}}};
    const SendResult result = sink->send(three);
    CHECK(result.state == SendResult::State::kRefused);
    CHECK(result.done == 1);
  }

  TEST_CASE("options that guarantees rest on cannot be changed") {
    CountedNotices notices;
    std::string error;
    KafkaSourceOptions options;
    options.client.brokers = environment("WEIR_KAFKA");
    options.topics = {"t"};
    options.client.properties = {{"enable.auto.commit", "true"}};
    CHECK(make_kafka_source(options, {}, notices, error) == nullptr);
    CHECK(error.find("enable.auto.commit") != error.npos);
    options.client.properties = {{"sasl.password.secret", "hush"}};
    CHECK(make_kafka_source(options, {}, notices, error) == nullptr);
    CHECK(error.find("hush") == error.npos);
  }

  TEST_CASE("a call that waits returns when it is woken") {
    CountedNotices notices;
    const std::string topic = create_topic("woken", 1);
    Reader reader(source_of({topic}, "woken", notices));
    REQUIRE(reader.until([&] { return reader.told[Kind::kDrained] == 1; }));
    check_woken(reader);
  }

  TEST_CASE("a broker that is killed comes back: nothing is lost, nothing is out of order") {
    CountedNotices notices;
    const std::string topic = create_topic("killed", 2);
    Reader reader(source_of({topic}, "killed", notices));
    REQUIRE(reader.until([&] { return reader.told[Kind::kOpened] == 2; }));
    std::atomic<bool> stop = false;
    std::map<std::string, int> sent;
    std::thread sender([&] {
      const auto sink = sink_to(topic, notices);
      for (int number = 0; !stop; ++number) {
        std::vector<std::string> keys;
        std::vector<std::string> texts;
        for (int key = 0; key < 10; ++key) {
          keys.push_back("key" + std::to_string(key));
          texts.push_back(keys.back() + " " + std::to_string(number));
        }
        std::vector<OutRecord> records;
        for (std::size_t i = 0; i < keys.size(); ++i) records.push_back({texts[i], keys[i], {}});
        send_all(*sink, records);
        for (const std::string& key : keys) sent[key] = number + 1;
      }
    });
    CHECK(reader.until_records(300));
    server("kill");
    CHECK(reader.until([&] { return reader.told[Kind::kAway] == 1; }));
    CHECK(!reader.text.empty());
    CHECK(reader.told[Kind::kBack] == 0);
    reader.told[Kind::kDrained] = 0;
    reader.run_for(500ms);
    CHECK(reader.told[Kind::kDrained] == 0);  // nobody was asked
    server("start");
    CHECK(reader.until([&] { return reader.told[Kind::kBack] == 1; }, 40s));
    const std::size_t before = reader.records.size();
    CHECK(reader.until_records(before + 300, 40s));
    stop = true;
    sender.join();
    CHECK(sent.size() == 10);
    const auto number_of_keys = [&] {
      std::set<std::string> last;
      for (const Reader::Record& record : reader.records) {
        const std::string key = record.text.substr(0, record.text.find(' '));
        if (record.text == key + " " + std::to_string(sent[key] - 1)) last.insert(key);
      }
      return last.size();
    };
    CHECK(reader.until([&] { return number_of_keys() == 10; }));
    check_order(reader.texts(), sent);
    // Idempotence, and that the sink knows what is under way: the topic has nothing twice.
    std::set<std::pair<std::uint32_t, std::uint64_t>> places;
    for (const Reader::Record& record : reader.records) {
      places.emplace(record.partition, record.offset);
    }
    CHECK(places.size() == 10 * static_cast<std::size_t>(sent["key0"]));

    // While nothing is sent: back is told, and so is who is drained, anew.
    reader.told.clear();
    server("kill");
    CHECK(reader.until([&] { return reader.told[Kind::kAway] == 1; }));
    server("start");
    CHECK(reader.until([&] { return reader.told[Kind::kBack] == 1; }, 40s));
    CHECK(reader.until([&] { return reader.told[Kind::kDrained] >= 2; }, 40s));
  }
}

}  // namespace
}  // namespace weir::connectors::live_tests
