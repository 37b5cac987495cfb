// What tests expect: alerts, and values as trees of YAML's core schema.
#include <doctest/doctest.h>

#include "rule_file_helpers.hpp"

using namespace weir::lang;
using weir::lang::testing::all_of;
using weir::lang::testing::read;
using weir::lang::testing::Reading;

namespace {

const RuleDocument& only(const Reading& reading) {
  REQUIRE(reading.documents.size() == 1);
  return reading.documents.front();
}

TestValue match_of(const std::string& yaml) {
  const auto reading =
      read("tests:\n  - name: t\n    events: 0s a\n    expect:\n      - match: " + yaml + "\n");
  CAPTURE(all_of(reading.found));
  REQUIRE(reading.found.empty());
  return *only(reading).tests.at(0).expect->at(0).match;
}

std::string scalar(const TestValue& value) {
  std::string out(weir::type_name(value.scalar.get().type()));
  out += ' ';
  weir::append_json(out, value.scalar.get());
  return out;
}

}  // namespace

TEST_CASE("expectations") {
  const auto reading = read(R"(tests:
  - name: t
    events: 0s a
    expect:
      - {rule: r, at: 1m30s, stream: s, suppressed: 2, severity: low, message: no, key: {user: bob}}
      - at: "2026-01-01T00:00:05Z"
        fields: {n: 1}
)");
  CAPTURE(all_of(reading.found));
  REQUIRE(reading.found.empty());
  const auto& expect = *only(reading).tests.at(0).expect;
  REQUIRE(expect.size() == 2);
  CHECK(expect[0].rule->value == "r");
  CHECK(expect[0].at->value == "1m30s");
  CHECK(expect[0].stream->value == "s");
  CHECK(expect[0].suppressed == 2);
  CHECK(expect[0].severity->value == "low");
  CHECK(expect[0].message->value == "no");
  CHECK(expect[0].key->entries.at(0).second.text == "bob");
  CHECK_FALSE(expect[0].match);
  CHECK(expect[1].at->value == "2026-01-01T00:00:05Z");
  CHECK(scalar(expect[1].fields->entries.at(0).second) == "integer 1");
}

TEST_CASE("test values are those of YAML's core schema") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"null", "null null"},
      {"~", "null null"},
      {"", "null null"},
      {"true", "boolean true"},
      {"False", "boolean false"},
      {"tRUE", "string \"tRUE\""},
      {"12", "integer 12"},
      {"-12", "integer -12"},
      {"+12", "integer 12"},
      {"0o17", "integer 15"},
      {"0xfF", "integer 255"},
      {"9223372036854775807", "integer 9223372036854775807"},
      {"9223372036854775808", "float 9"},
      {"1.5", "float 1.5"},
      {"1.", "float 1.0"},
      {".5", "float 0.5"},
      {"-1e3", "float -1000.0"},
      {"1e400", "float"},
      {"1e-400", "float 0.0"},
      {".", "string \".\""},
      {"1_000", "string \"1_000\""},
      {"1.2.3", "string \"1.2.3\""},
      {"1e", "string \"1e\""},
      {"--1", "string \"--1\""},
      {"0x", "string \"0x\""},
      {"10.0.0.1", "string \"10.0.0.1\""},
      {"5m", "string \"5m\""},
      {"\"12\"", "string \"12\""},
      {"'true'", "string \"true\""},
      {"'null'", "string \"null\""},
      {"\"two\\nlines\"", "string \"two\\nlines\""},
      {"2026-01-01T00:00:05Z one", "string \"2026-01-01T00:00:05Z one\""},
  };
  for (const auto& [yaml, expected] : cases) {
    CAPTURE(yaml);
    const TestValue match = match_of("{a: {x: " + yaml + "}}");
    const TestValue& value = match.entries.at(0).second.entries.at(0).second;
    CHECK(scalar(value).starts_with(expected));
    const bool quoted = yaml.starts_with('"') || yaml.starts_with('\'');
    CHECK(value.quoted == quoted);
    if (!quoted) CHECK(value.text == yaml);
  }
}

TEST_CASE("test values are trees") {
  const TestValue match =
      match_of("{f: [{ip: 10.0.0.1}, {}], \"*\": {type: a}, x: null, l: [1, [2]]}");
  REQUIRE(match.kind == TestValue::Kind::kMap);
  REQUIRE(match.entries.size() == 4);
  CHECK(match.entries[0].first == "f");
  REQUIRE(match.entries[0].second.kind == TestValue::Kind::kList);
  REQUIRE(match.entries[0].second.items.size() == 2);
  CHECK(match.entries[0].second.items[0].entries.at(0).second.text == "10.0.0.1");
  CHECK(match.entries[0].second.items[1].kind == TestValue::Kind::kMap);
  CHECK(match.entries[1].first == "*");
  CHECK(match.entries[2].second.scalar.get().is_null());
  CHECK(scalar(match.entries[3].second.items.at(1).items.at(0)) == "integer 2");
}
