#include "weir/connectors/log_source.hpp"

#include "support.hpp"
#include "weir/connectors/schema_io.hpp"

namespace weir::connectors {
namespace {

using test::decode;
using test::Decoded;
using test::make_plan;
using test::Strings;
using test::with_format;

TEST_CASE("since and until leave events out, not rejections") {
  const FieldPlan plan = make_plan({});
  LogOptions options = with_format(LogFormat::kNdjson);
  options.since = Timestamp{2 * kNsPerSecond};
  options.until = Timestamp{4 * kNsPerSecond};
  std::string log = "broken\n";
  for (int i = 1; i <= 5; ++i) log += R"({"type":"a","ts":)" + std::to_string(i) + "}\n";
  const Decoded decoded = decode(log, options, plan);
  CHECK(decoded.events == Strings{"a|1970-01-01T00:00:02.000Z", "a|1970-01-01T00:00:03.000Z"});
  CHECK(decoded.totals.filtered == 3);
  CHECK(decoded.totals.records == 6);
  CHECK(decoded.totals.rejected == 1);
  CHECK(decoded.totals.bytes == log.size());
}

TEST_CASE("events are the same however the bytes arrive, and stay valid in a batch that is moved") {
  std::string log;
  for (int i = 0; i < 30'000; ++i) {
    log += R"({"type":"a","ts":)" + std::to_string(i) + R"(,"v":"a string that is long \u00e9 )" +
           std::to_string(i) + "\"}" + (i % 5 == 0 ? "\r\n" : "\n");
    if (i % 1000 == 0) log += "nonsense\n\n";
  }
  const FieldPlan plan = make_plan({{"a", {"v"}}});
  const Decoded once = decode(log, with_format(LogFormat::kAuto), plan);
  CHECK(once.events.size() == 30'000);
  CHECK(once.rejected.size() == 30);
  for (const std::size_t chunk : {std::size_t{997}, std::size_t{65536}}) {
    const Decoded again = decode(log, with_format(LogFormat::kAuto), plan, chunk);
    CHECK((again.events == once.events));
    CHECK((again.offsets == once.offsets));
    CHECK((again.rejected == once.rejected));
  }
  for (std::size_t i = 0; i < once.offsets.size(); i += 1 + i / 3) {
    CHECK(log.substr(once.offsets[i], 15) == R"({"type":"a","ts)");
  }

  std::string error;
  auto source = LogSource::make(memory_byte_stream(log), "log", 3, with_format(LogFormat::kAuto),
                                plan, error);
  REQUIRE(source != nullptr);
  std::vector<Batch> batches;
  for (Batch batch; source->next(batch);) batches.push_back(std::exchange(batch, Batch{}));
  CHECK(batches.size() > 1);
  std::size_t n = 0;
  for (const Batch& batch : batches) {
    for (const Event& event : batch.events) {
      CHECK((test::show(event, plan) == once.events[n]));
      CHECK(event.position == Position{3, 0, once.offsets[n]});
      ++n;
    }
  }
  CHECK(n == 30'000);
}

/// The same log in blocks that two decoders take turns at, the later ones first.
Decoded decode_apart(const std::string& log, const LogOptions& options, const FieldPlan& plan) {
  Decoded decoded;
  auto source =
      LogSource::make(memory_byte_stream(log), "log", 0, options, plan, decoded.open_error);
  if (source == nullptr) return decoded;
  const std::unique_ptr<LogDecoder> decoders[] = {source->make_decoder(), source->make_decoder()};
  std::vector<Batch> batches;
  for (RecordBlock block; source->read(block);) {
    if (batches.size() == 1) {
      // A block that was looked at comes again.
      source->put_back(std::exchange(block, {}));
      REQUIRE(source->read(block));
    }
    batches.emplace_back().block = std::exchange(block, {});
  }
  CHECK(batches.size() > 2);
  decoded.totals = source->totals();
  CHECK(decoded.totals.records == 0);
  for (std::size_t i = batches.size(); i-- > 0;) {
    decoders[i % 2]->decode(batches[i], decoded.totals);
  }
  for (const Batch& batch : batches) {
    for (const Event& event : batch.events) decoded.events.push_back(test::show(event, plan));
    for (const Rejection& rejection : batch.rejections) {
      decoded.rejected.push_back(std::to_string(rejection.position.offset) + " " +
                                 std::string(to_string(rejection.reason)));
    }
  }
  return decoded;
}

TEST_CASE("a log is decoded block by block by several decoders as by one") {
  const FieldPlan plan = make_plan({{"a", {"v"}}, {"access", {"status"}}});
  std::string json;
  std::string csv = "type,ts,v\n";
  for (int i = 0; i < 60'000; ++i) {
    const std::string n = std::to_string(i);
    json += i % 700 == 3 ? "broken\n"
                         : R"({"type":"a","ts":)" + n + R"(,"v":"some text that takes its room )" +
                               n + "\"}\n";
    csv += i % 700 == 3 ? "a,short\n"
                        : "a," + n + ",\"some text that takes its room\n\xff" + n + "\"\n";
  }
  LogOptions part = with_format(LogFormat::kCsv);
  part.since = Timestamp{10'000 * kNsPerSecond};
  part.until = Timestamp{40'000 * kNsPerSecond};
  for (const auto& [log, options] :
       {std::pair(json, with_format(LogFormat::kNdjson)),
        std::pair(csv, with_format(LogFormat::kCsv)), std::pair(csv, part)}) {
    const Decoded whole = decode(log, options, plan);
    const Decoded apart = decode_apart(log, options, plan);
    CHECK(whole.open_error.empty());
    CHECK((apart.events == whole.events));
    CHECK((apart.rejected == whole.rejected));
    CHECK(apart.totals.records == whole.totals.records);
    CHECK(apart.totals.bytes == whole.totals.bytes);
    CHECK(apart.totals.filtered == whole.totals.filtered);
    CHECK(apart.totals.by_reason == whole.totals.by_reason);
    CHECK(apart.totals.replaced_utf8 == whole.totals.replaced_utf8);
  }
}

TEST_CASE("which logs are decoded in order") {
  const FieldPlan plan = make_plan({});
  const auto in_order = [&](const LogOptions& options) {
    std::string error;
    const auto source =
        LogSource::make(memory_byte_stream("type,ts\n"), "log", 0, options, plan, error);
    REQUIRE(source != nullptr);
    return source->decoder().codec().in_order();
  };
  CHECK(in_order(with_format(LogFormat::kSyslog)));
  LogOptions one_year = with_format(LogFormat::kSyslog);
  one_year.codec.year_rollover = false;
  CHECK_FALSE(in_order(one_year));
  for (const LogFormat format :
       {LogFormat::kNdjson, LogFormat::kCsv, LogFormat::kAccessLog, LogFormat::kText}) {
    CHECK_FALSE(in_order(with_format(format)));
  }
}

TEST_CASE("logs that cannot be opened") {
  const FieldPlan plan = make_plan({});
  std::string error;
  CHECK(LogSource::open("/nowhere/at/all.log", 0, {}, plan, error) == nullptr);
  CHECK(error.find("/nowhere/at/all.log") != std::string::npos);
  CHECK(LogSource::open("/", 0, {}, plan, error) == nullptr);
  CHECK(error.find("is a folder") != std::string::npos);
}

TEST_CASE("a rejection as a line of output") {
  Rejection rejection{{0, 0, 17}, RejectReason::kJsonInvalid, "{\"a\xff", "at byte 4"};
  std::string out;
  append_rejection(out, "payments", rejection);
  CHECK(
      out ==
      "{\"source\":\"payments\",\"offset\":17,\"reason\":\"json_invalid\",\"detail\":\"at byte 4\","
      "\"raw\":\"{\\\"a\uFFFD\"}");
}

TEST_CASE("a schema is found in a log, written, and read again") {
  const FieldPlan plan = make_plan({});
  std::string error;
  auto source = LogSource::make(
      memory_byte_stream(
          R"({"type":"a","ts":1,"i":1,"f":1,"s":"x","o":{"b":true,"l":[1]},"m":1,"n":null})"
          "\n"
          R"({"type":"a","ts":2,"i":2,"f":1.5,"s":"y","o":{"b":true,"l":[]},"m":"x","n":null,"q":1})"
          "\n"
          "broken\n"
          R"({"type":"b c","ts":2})"),
      "log", 0, with_format(LogFormat::kAuto), plan, error);
  REQUIRE(source != nullptr);
  SchemaInference inference;
  CHECK(inference.add(*source, 1000, error));
  CHECK(inference.records() == 4);
  CHECK(inference.rejected() == 1);
  const std::string json = write_schema(inference.schema());
  CHECK(json ==
        "{\"types\": {\n"
        "  \"a\": {\n    \"f\": \"float\",\n    \"i\": \"int\",\n    \"m\": \"any\",\n    \"n\": "
        "\"any?\",\n"
        "    \"o.b\": \"bool\",\n    \"o.l\": \"list\",\n    \"q\": \"int?\",\n    \"s\": "
        "\"string\"\n  },\n"
        "  \"b c\": {}\n}}\n");
  const auto schema = read_schema(json, error);
  REQUIRE_MESSAGE(schema, error);
  CHECK(write_schema(*schema) == json);
  CHECK(schema->find("a")->fields.at("q").optional);
  for (const char* bad : {"", "{", "[]", "{}", R"({"types":[]})", R"({"types":{"a":1}})",
                          R"({"types":{"a":{"b":"number"}}})", R"({"types":{"a":{"b":1}}})",
                          R"({"types":{},"more":1})"}) {
    CAPTURE(bad);
    error.clear();
    CHECK_FALSE(read_schema(bad, error));
    CHECK_FALSE(error.empty());
  }
}

TEST_CASE("a schema of text formats") {
  const FieldPlan plan = make_plan({});
  std::string error;
  auto source = LogSource::make(
      memory_byte_stream("Jan  1 00:00:01 web1 sshd[1]: x\nJan  1 00:00:01 web1 kernel: x\n"),
      "log", 0, with_format(LogFormat::kAuto), plan, error);
  REQUIRE(source != nullptr);
  SchemaInference inference;
  CHECK(inference.add(*source, 1000, error));
  CHECK(write_schema(inference.schema()) ==
        "{\"types\": {\n  \"syslog\": {\n    \"host\": \"string\",\n    \"message\": \"string\",\n"
        "    \"pid\": \"int?\",\n    \"program\": \"string\"\n  }\n}}\n");
}

}  // namespace
}  // namespace weir::connectors
