#include "support.hpp"

namespace weir::connectors {
namespace {

using test::decode;
using test::Decoded;
using test::make_plan;
using test::Strings;
using test::with_format;

const std::string kHead = R"({"type":"a","ts":"2026-01-01T00:00:00Z",)";

/// The fields v and account.owner of one record of type a: "v|account.owner", or the reason.
std::string read_one(const std::string& record) {
  const FieldPlan plan = make_plan({{"a", {"v", "account.owner"}}});
  const Decoded decoded = decode(record, with_format(LogFormat::kNdjson), plan);
  if (!decoded.rejected.empty()) return decoded.rejected.front().substr(2);
  REQUIRE(decoded.events.size() == 1);
  const std::string& event = decoded.events.front();
  const std::string prefix = "a|2026-01-01T00:00:00.000Z|v=";
  REQUIRE(event.substr(0, prefix.size()) == prefix);
  const std::string rest = event.substr(prefix.size());
  const std::size_t bar = rest.find("|account.owner=");
  return rest.substr(0, bar) + "|" + rest.substr(bar + 15);
}

TEST_CASE("JSON: values of fields that rules read") {
  struct Case {
    const char* members;
    const char* expected;
  };
  const Case cases[] = {
      {R"("v":1})", "1|null"},
      {R"("v":-0})", "0|null"},
      {R"("v":1.5})", "1.5|null"},
      {R"("v":1.0})", "1.0|null"},
      {R"("v":1e3})", "1000.0|null"},
      {R"("v":1e-400})", "0.0|null"},
      {R"("v":9223372036854775807})", "9223372036854775807|null"},
      {R"("v":-9223372036854775808})", "-9223372036854775808|null"},
      {R"("v":9223372036854775808})", "integer_out_of_range"},
      {R"("v":18446744073709551615})", "integer_out_of_range"},
      {R"("v":-9223372036854775809})", "integer_out_of_range"},
      {R"("v":123456789012345678901234567890})", "integer_out_of_range"},
      {R"("v":1e400})", "number_out_of_range"},
      {R"("v":-1e400})", "number_out_of_range"},
      {R"("v":[1,1e400]})", "number_out_of_range"},
      {R"("w":1e400,"x":9223372036854775808,"v":2})", "2|null"},
      {R"("v":true})", "true|null"},
      {R"("v":"true"})", "\"true\"|null"},
      {R"("v":null})", "null|null"},
      {R"("v":""})", "\"\"|null"},
      {R"("v":"a\u00e9\ud83d\ude00\n\"b"})", "\"a\u00e9\U0001F600\\n\\\"b\"|null"},
      {R"("v":"a\u0000b"})", "\"a\\u0000b\"|null"},
      {R"("v":"\ud800"})", "\"\uFFFD\"|null"},
      {R"("v":[1,"x",null,2.5]})", "[1,\"x\",null,2.5]|null"},
      {R"("v":[]})", "[]|null"},
      {R"("v":[1,[2],{"x":3}]})", "[1,null,null]|null"},
      {R"("v":{"x":1}})", "null|null"},
      {R"("account":{"owner":"bob"}})", "null|\"bob\""},
      {R"("account.owner":"bob"})", "null|\"bob\""},
      {R"("account.owner":"eve","account":{"owner":"bob"}})", "null|\"bob\""},
      {R"("account":{"owner":"bob"},"account.owner":"eve"})", "null|\"bob\""},
      {R"("account":"bob"})", "null|null"},
      {R"("account":[{"owner":"bob"}]})", "null|null"},
      {R"("account":{"owner":{"name":"bob"}}})", "null|null"},
      {R"("\u0076":7})", "7|null"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.members));
    CHECK(read_one(kHead + c.members) == c.expected);
  }
}

TEST_CASE("JSON: a key that occurs twice is refused where a rule reads it") {
  CHECK(read_one(kHead + R"("v":1,"v":1})") == "duplicate_key");
  CHECK(read_one(kHead + R"("v":1,"w":1,"w":2})") == "1|null");
  CHECK(read_one(kHead + R"("account":{"owner":1,"owner":2}})") == "duplicate_key");
  CHECK(read_one(kHead + R"("account":{"owner":1},"account":{}})") == "duplicate_key");
  CHECK(read_one(kHead + R"("account":{"x":1,"x":2}})") == "null|null");
  CHECK(read_one(kHead + R"("account.owner":1,"account.owner":2})") == "duplicate_key");
  CHECK(read_one(kHead + R"("type":"a"})") == "duplicate_key");
  CHECK(read_one(kHead + R"("ts":"2026-01-01T00:00:00Z"})") == "duplicate_key");
}

TEST_CASE("JSON: a record is judged by its structure") {
  struct Case {
    std::string record;
    const char* reason;
  };
  const std::string fine = R"({"type":"a","ts":0,"x":)";
  const Case cases[] = {
      {"{", "json_invalid"},
      {"{}x", "json_invalid"},
      {"nonsense", "json_invalid"},
      {R"({"type":"a","ts":0,})", "json_invalid"},
      {R"({"type":"a" "ts":0})", "json_invalid"},
      {R"({"type":"a","ts":0} {"type":"a","ts":0})", "json_invalid"},
      {R"({'type':'a','ts':0})", "json_invalid"},
      {R"({"type":"a","ts":0 /* now */})", "json_invalid"},
      {R"({type:"a","ts":0})", "json_invalid"},
      {fine + "NaN}", "json_invalid"},
      {fine + "Infinity}", "json_invalid"},
      {fine + "-}", "json_invalid"},
      {fine + "01}", "json_invalid"},
      {fine + "+1}", "json_invalid"},
      {fine + ".5}", "json_invalid"},
      {fine + "1.}", "json_invalid"},
      {fine + "0x10}", "json_invalid"},
      {fine + "1_000}", "json_invalid"},
      {fine + "True}", "json_invalid"},
      {fine + "nul}", "json_invalid"},
      {fine + "[1,]}", "json_invalid"},
      {fine + "[1 2]}", "json_invalid"},
      {fine + "[1}", "json_invalid"},
      {fine + "\"\x01\"}", "json_invalid"},
      {fine + "\"\t\"}", "json_invalid"},
      {fine + R"("\x"})", "json_invalid"},
      {fine + R"("\u12"})", "json_invalid"},
      {fine + "\"open}", "json_invalid"},
      {fine + std::string("\0", 1) + "}", "json_invalid"},
      {fine + "\"a\xff\"}", "invalid_utf8"},
      {fine + "\"\xc0\xaf\"}", "invalid_utf8"},
      {fine + "\"\xed\xa0\x80\"}", "invalid_utf8"},
      {fine + "\"\xe2\x82\"}", "invalid_utf8"},
      {"[1]", "json_no_object"},
      {"7", "json_no_object"},
      {"\"x\"", "json_no_object"},
      {"null", "json_no_object"},
      {R"({"ts":0})", "missing_type"},
      {R"({"type":null,"ts":0})", "bad_type"},
      {R"({"type":7,"ts":0})", "bad_type"},
      {R"({"type":"","ts":0})", "bad_type"},
      {R"({"type":"a"})", "missing_time"},
      {R"({"type":"a","ts":null})", "missing_time"},
      {R"({"type":"a","ts":""})", "missing_time"},
      {R"({"type":"a","ts":"soon"})", "bad_time"},
      {R"({"type":"a","ts":true})", "bad_time"},
      {R"({"type":"a","ts":[0]})", "bad_time"},
      {R"({"type":"a","ts":"2026-01-01T00:00:00+25:00"})", "bad_time"},
      {R"({"type":"a","ts":"9999-12-31T00:00:00Z"})", "time_out_of_range"},
      {R"({"type":"a","ts":1e400})", "time_out_of_range"},
      {R"({"type":"a","ts":9223372036854775808})", "time_out_of_range"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.record));
    // A good record behind it is still read.
    const FieldPlan plan = make_plan({{"a", {}}});
    const Decoded decoded =
        decode(c.record + "\n" + R"({"type":"a","ts":1})", with_format(LogFormat::kNdjson), plan);
    CHECK(decoded.rejected == Strings{std::string("0 ") + c.reason});
    CHECK(decoded.events.size() == 1);
  }
}

TEST_CASE("JSON: nesting has a bound") {
  const auto nested = [](std::size_t depth) {
    return R"({"type":"a","ts":"2026-01-01T00:00:00Z","x":)" + std::string(depth, '[') +
           std::string(depth, ']') + "}";
  };
  CHECK(read_one(nested(kMaxJsonDepth - 1)) == "null|null");
  CHECK(read_one(nested(kMaxJsonDepth)) == "json_too_deep");
  CHECK(read_one(nested(100'000)) == "json_too_deep");
  CHECK(read_one(R"({"type":"a","ts":0,"x":)" + std::string(100'000, '[')) == "json_too_deep");
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"x\":";
  CHECK(read_one(objects) == "json_too_deep");
}

TEST_CASE("JSON: type and time come from the fields that the options name") {
  const FieldPlan plan = make_plan({{"GetCallerIdentity", {"userIdentity.type"}}, {"x", {"v"}}});
  LogOptions options = with_format(LogFormat::kNdjson);
  options.codec.type_field = "eventName";
  Decoded decoded = decode(
      R"({"eventName":"GetCallerIdentity","eventTime":"2023-07-10T11:42:18Z","userIdentity":{"type":"IAMUser"}})",
      options, plan);
  CHECK(decoded.events ==
        Strings{R"(GetCallerIdentity|2023-07-10T11:42:18.000Z|userIdentity.type="IAMUser")"});
  CHECK(decoded.evidence ==
        Strings{R"({"type":"GetCallerIdentity","ts":"2023-07-10T11:42:18.000Z",)"
                R"("eventName":"GetCallerIdentity","eventTime":"2023-07-10T11:42:18Z",)"
                R"("userIdentity":{"type":"IAMUser"}})"});

  options = with_format(LogFormat::kNdjson);
  options.codec.type = "x";
  options.codec.time_field = "meta.at";
  std::string error;
  REQUIRE(parse_time_format("epoch_ms", options.codec.time, error));
  decoded = decode(R"({"v":1,"meta":{"at":1500},"ts":"never"})", options, plan);
  CHECK(decoded.events == Strings{"x|1970-01-01T00:00:01.500Z|v=1"});
}

TEST_CASE("JSON: the first of the usual time fields that is there") {
  const FieldPlan plan = make_plan({});
  for (const char* name :
       {"ts", "timestamp", "time", "@timestamp", "eventTime", "event_time", "datetime", "date"}) {
    CAPTURE(name);
    const Decoded decoded =
        decode(std::string(R"({"type":"q","zzz":1,"ts":null,")") +
                   (std::string(name) == "ts" ? "tt" : name) + R"(":5,"type2":1})",
               with_format(LogFormat::kNdjson), plan);
    if (std::string(name) == "ts") {
      CHECK(decoded.rejected == Strings{"0 missing_time"});
    } else {
      CHECK(decoded.events == Strings{"q|1970-01-01T00:00:05.000Z"});
    }
  }
}

TEST_CASE("JSON: evidence is the record as it came, type and ts before it") {
  const FieldPlan plan = make_plan({});
  const Decoded decoded = decode(
      "{\"a\" : 1.50, \"type\":\"q\",\"b\":{\"x\" : [1, "
      "2]},\"ts\":1,\"c\":\"\\u00e9\\/\",\"d\":1e400}",
      with_format(LogFormat::kNdjson), plan);
  CHECK(decoded.evidence ==
        Strings{"{\"type\":\"q\",\"ts\":\"1970-01-01T00:00:01.000Z\",\"a\":1.50,"
                "\"b\":{\"x\" : [1, 2]},\"c\":\"\\u00e9\\/\",\"d\":1e400}"});

  Event event;
  event.type_name = "q";
  event.raw = "no \"JSON\"\xff";
  std::string out;
  json_record_format()->append_json(out, event);
  CHECK(out ==
        "{\"type\":\"q\",\"ts\":\"1970-01-01T00:00:00.000Z\",\"raw\":\"no \\\"JSON\\\"\uFFFD\"}");
}

TEST_CASE("JSON: a record from elsewhere, whose time is known") {
  const FieldPlan plan = make_plan({{"a", {"v"}}});
  CodecOptions options;
  options.format = LogFormat::kNdjson;
  std::string error;
  const auto codec = make_codec(options, plan, error);
  REQUIRE_MESSAGE(codec != nullptr, error);
  ValueArena arena;
  Event event;
  std::string detail;
  const Timestamp known{7 * kNsPerSecond};
  const std::string record = R"({"type":"a","v":1})";
  CHECK(codec->decode(pad_record(record, arena), &known, arena, event, detail) ==
        RejectReason::kNone);
  CHECK(test::show(event, plan) == "a|1970-01-01T00:00:07.000Z|v=1");
  CHECK(codec->decode(pad_record(record, arena), nullptr, arena, event, detail) ==
        RejectReason::kMissingTime);
}

TEST_CASE("JSON: events of types that no rule names") {
  const FieldPlan named = make_plan({{"a", {"v"}}});
  Decoded decoded = decode(R"({"type":"b","ts":1,"v":2})", with_format(LogFormat::kNdjson), named);
  CHECK(decoded.events == Strings{"b|1970-01-01T00:00:01.000Z"});
  const FieldPlan every = make_plan({{"a", {"w"}}, {"", {"v"}}});
  decoded = decode(R"({"type":"b","ts":1,"v":2})"
                   "\n"
                   R"({"type":"a","ts":1,"v":2,"w":3})",
                   with_format(LogFormat::kNdjson), every);
  REQUIRE(decoded.events.size() == 2);
  CHECK(decoded.events[0] == "b|1970-01-01T00:00:01.000Z|v=2");
  CHECK(decoded.events[1].find("v=2") != std::string::npos);
  CHECK(decoded.events[1].find("w=3") != std::string::npos);
}

TEST_CASE("JSON: a field that the schema calls a timestamp") {
  LogOptions options = with_format(LogFormat::kNdjson);
  auto schema = std::make_shared<Schema>();
  schema->types["a"].fields["v"] = {ValueType::kTimestamp, false};
  options.codec.schema = schema;
  const FieldPlan plan = make_plan({{"a", {"v"}}});
  const Decoded decoded = decode(R"({"type":"a","ts":1,"v":"2026-01-01T00:00:00+01:00"})"
                                 "\n"
                                 R"({"type":"a","ts":1,"v":"soon"})"
                                 "\n"
                                 R"({"type":"a","ts":1})",
                                 options, plan);
  CHECK(decoded.events == Strings{R"(a|1970-01-01T00:00:01.000Z|v="2025-12-31T23:00:00.000Z")",
                                  "a|1970-01-01T00:00:01.000Z|v=null"});
  CHECK(decoded.rejected == Strings{"52 bad_value"});
}

}  // namespace
}  // namespace weir::connectors
