#include "weir/connectors/event_line.hpp"

#include "support.hpp"

namespace weir::connectors {
namespace {

/// "type field=JSON ...", or "column: message".
std::string show(std::string_view text) {
  EventLineError error;
  const EventLine line = parse_event_line(text, error);
  if (error) return std::to_string(error.column) + ": " + error.message;
  if (line.kind == EventLine::Kind::kBlank) return "blank";
  if (line.kind == EventLine::Kind::kWatermark) return "watermark";
  std::string out = line.type;
  for (const auto& [name, value] : line.fields) {
    out += ' ' + name + '=';
    append_json(out, value.get());
  }
  return out;
}

TEST_CASE("event lines") {
  struct Case {
    const char* line;
    const char* expected;
  };
  const Case cases[] = {
      {"", "blank"},
      {"  \t", "blank"},
      {"# 0s a", "blank"},
      {"0s a", "a"},
      {"  0s   a  \r", "a"},
      {"0s a id=1 v=2.5 w=-3 x=1e3", "a id=1 v=2.5 w=-3 x=1000.0"},
      {"0s a t=true f=false n=null", "a t=true f=false n=null"},
      {"0s a s=word ip=10.0.0.1 z=007 d=5m e=a=b",
       "a s=\"word\" ip=\"10.0.0.1\" z=\"007\" d=\"5m\" e=\"a=b\""},
      {R"(0s a s="two words" q="say \"hi\" \u00e9" n="1.5" e="")",
       "a s=\"two words\" q=\"say \\\"hi\\\" \u00e9\" n=\"1.5\" e=\"\""},
      {"0s a account.id=7 account.owner=bob", "a account.id=7 account.owner=\"bob\""},
      {R"(0s "rule:x y" v=1)", "rule:x y v=1"},
      {"0s a v=1 # why", "a v=1"},
      {"0s a v=a#b", "a v=\"a#b\""},
      {"0s a v=9223372036854775808", "a v=\"9223372036854775808\""},
      {"watermark 1h", "watermark"},
      {"watermark +5s", "watermark"},
      {"watermark 2026-01-01T00:00:00Z", "watermark"},
      {"a", "1: expected a time such as 0s, +5s or 2026-01-01T00:00:00Z"},
      {"0 a", "1: expected a time such as 0s, +5s or 2026-01-01T00:00:00Z"},
      {"watermark", "10: expected a time such as 0s, +5s or 2026-01-01T00:00:00Z"},
      {"watermark 5s x", "14: a watermark line holds a time only"},
      {"0s", "3: expected the event's type after the time"},
      {"0s \"a", "4: this string has no end"},
      {"0s a b", "6: expected field=value"},
      {"0s a =1", "6: expected field=value"},
      {"0s a b=", "8: field b has no value: write null or \"\""},
      {"0s a b= c=1", "8: field b has no value: write null or \"\""},
      {"0s a b=1 b=2", "10: field b is written twice"},
      {"0s a b=\"x", "8: this string has no end, or an escape that JSON does not know"},
      {"0s a b=\"\\q\"", "8: this string has no end, or an escape that JSON does not know"},
      {"0s a b=\"x\"y", "11: expected a blank after the string"},
      {"0s a b=\xff", "1: this line is not UTF-8"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.line));
    CHECK(show(c.line) == c.expected);
  }
}

TEST_CASE("times of event lines") {
  const Timestamp before{10 * kNsPerSecond};
  const auto at = [&](std::string_view text) {
    const auto spec = parse_time_spec(text);
    return spec ? format_iso8601(spec->resolve(before)) : std::string("none");
  };
  CHECK(at("0s") == "1970-01-01T00:00:00.000Z");
  CHECK(at("1m30s") == "1970-01-01T00:01:30.000Z");
  CHECK(at("90500ms") == "1970-01-01T00:01:30.500Z");
  CHECK(at("+5s") == "1970-01-01T00:00:15.000Z");
  CHECK(at("2026-01-01T00:00:05Z") == "2026-01-01T00:00:05.000Z");
  CHECK(at("-5s") == "none");
  CHECK(at("+") == "none");
  CHECK(at("+2026-01-01") == "none");
  CHECK(at("") == "none");
}

TEST_CASE("a time is taken off a line of text, but for a timestamp of its own") {
  std::string_view line = "  +1s temp=19 ok=true";
  const auto spec = take_time_spec(line);
  REQUIRE(spec);
  CHECK(spec->kind == TimeSpec::Kind::kFromPrevious);
  CHECK(line == "temp=19 ok=true");
  line = "2026-01-01T00:00:05Z one";
  CHECK_FALSE(take_time_spec(line));
  CHECK(line == "2026-01-01T00:00:05Z one");
  line = "one 0s";
  CHECK_FALSE(take_time_spec(line));
}

TEST_CASE("an event of a line: slots, and nested JSON as its record") {
  const FieldPlan plan = test::make_plan({{"a", {"account.id", "s", "gone"}}});
  EventLineError error;
  const EventLine line = parse_event_line(
      R"(0s a s="x y" account.id=7 n=null account.owner.name=bob v=1.0 account=8)", error);
  REQUIRE_FALSE(error);
  ValueArena arena;
  const Event event = make_event(line, {5 * kNsPerSecond}, plan, arena);
  CHECK(test::show(event, plan) == R"(a|1970-01-01T00:00:05.000Z|account.id=7|s="x y"|gone=null)");
  CHECK(event.raw == R"({"s":"x y","account":{"id":7,"owner":{"name":"bob"}},"n":null,"v":1.0})");
  std::string json;
  event.format->append_json(json, event);
  CHECK(
      json ==
      R"({"type":"a","ts":"1970-01-01T00:00:05.000Z","s":"x y","account":{"id":7,"owner":{"name":"bob"}},"n":null,"v":1.0})");
  const Event other = make_event(parse_event_line("0s other", error), {}, plan, arena);
  CHECK(other.type == kOtherType);
  CHECK(other.raw == "{}");
}

}  // namespace
}  // namespace weir::connectors
