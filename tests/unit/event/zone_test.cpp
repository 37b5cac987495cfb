#include "weir/event/zone.hpp"

#include <doctest/doctest.h>

#include <string>

namespace weir {
namespace {

ZonePtr zone(std::string_view name) {
  std::string error;
  ZonePtr found = Zone::find(name, error);
  REQUIRE_MESSAGE(found != nullptr, error);
  return found;
}

std::string to_utc(std::string_view name, std::string_view local) {
  return format_iso8601(zone(name)->to_utc(parse_iso8601(local).value()));
}

TEST_CASE("a fixed offset") {
  CHECK(zone("UTC")->is_utc());
  CHECK(zone("+02:00")->offset_at({}).ns == 2 * kNsPerHour);
  CHECK(zone("-0530")->offset_at({}).ns == -(5 * kNsPerHour + 30 * kNsPerMinute));
  CHECK(zone("+1")->offset_at({}).ns == kNsPerHour);
  for (const char* bad : {"+25:00", "+", "+1:2", "+01:60", "+123", "", "../passwd", "/etc/passwd",
                          "Nowhere/Land", "Europe", "zone.tab"}) {
    CAPTURE(bad);
    std::string error;
    CHECK(Zone::find(bad, error) == nullptr);
    CHECK_FALSE(error.empty());
  }
}

TEST_CASE("summer and winter time, listed and by the rule at the file's end") {
  CHECK(to_utc("Europe/Berlin", "2024-01-15T12:00:00") == "2024-01-15T11:00:00.000Z");
  CHECK(to_utc("Europe/Berlin", "2024-07-15T12:00:00") == "2024-07-15T10:00:00.000Z");
  CHECK(to_utc("Europe/Berlin", "2077-07-15T12:00:00") == "2077-07-15T10:00:00.000Z");
  CHECK(to_utc("Europe/Berlin", "2077-12-15T12:00:00") == "2077-12-15T11:00:00.000Z");
  CHECK(to_utc("Australia/Sydney", "2077-01-15T12:00:00") == "2077-01-15T01:00:00.000Z");
  CHECK(to_utc("America/New_York", "1960-07-01T00:00:00") == "1960-07-01T04:00:00.000Z");
}

TEST_CASE("a local time that never occurs, and one that occurs twice") {
  CHECK(to_utc("Europe/Berlin", "2024-03-31T01:59:59") == "2024-03-31T00:59:59.000Z");
  CHECK(to_utc("Europe/Berlin", "2024-03-31T02:30:00") == "2024-03-31T01:30:00.000Z");
  CHECK(to_utc("Europe/Berlin", "2024-03-31T03:00:00") == "2024-03-31T01:00:00.000Z");
  CHECK(to_utc("Europe/Berlin", "2024-10-27T02:30:00") == "2024-10-27T00:30:00.000Z");
  CHECK(to_utc("Europe/Berlin", "2024-10-27T03:00:00") == "2024-10-27T02:00:00.000Z");
}

TEST_CASE("the rule strings of POSIX") {
  ZoneRule rule;
  CHECK(parse_posix_tz("<+0330>-3:30", rule));
  CHECK(rule.standard == 12600);
  CHECK_FALSE(rule.has_daylight);
  CHECK(parse_posix_tz("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", rule));
  CHECK(rule.standard == -7200);
  CHECK(rule.daylight == -3600);
  CHECK(rule.start.seconds == -3600);
  CHECK(parse_posix_tz("AAA3BBB,J60/0,300", rule));
  for (const char* bad :
       {"", "C", "CET", "CET-1CEST", "CET-1CEST,M13.1.0,M1.1.0", "CET-1CEST,M3.5.0", "CET-1x"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_posix_tz(bad, rule));
  }
}

TEST_CASE("bytes that are no zone file") {
  CHECK(parse_tzif("") == nullptr);
  CHECK(parse_tzif("TZif2") == nullptr);
  std::string huge = "TZif2" + std::string(39, '\xff');
  CHECK(parse_tzif(huge) == nullptr);
}

}  // namespace
}  // namespace weir
