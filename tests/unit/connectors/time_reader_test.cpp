#include "weir/connectors/time_reader.hpp"

#include <doctest/doctest.h>

#include <string>

namespace weir::connectors {
namespace {

TimeReader reader(std::string_view format, std::string_view zone = "UTC") {
  TimeOptions options;
  std::string error;
  REQUIRE_MESSAGE(parse_time_format(format, options, error), error);
  options.zone = Zone::find(zone, error);
  REQUIRE_MESSAGE(options.zone != nullptr, error);
  return TimeReader(options);
}

std::string show(const TimeResult& result) {
  return result.fault == RejectReason::kNone ? format_iso8601(result.time)
                                             : std::string(to_string(result.fault));
}

struct Case {
  const char* format;
  const char* text;
  const char* expected;
};

TEST_CASE("times as text") {
  const Case cases[] = {
      {"auto", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z"},
      {"auto", "  2026-01-01T00:00:00Z ", "2026-01-01T00:00:00.000Z"},
      {"auto", "2015-07-10 14:24:00", "2015-07-10T14:24:00.000Z"},
      {"auto", "2026-01-01T00:00:00,5+01:00", "2025-12-31T23:00:00.500Z"},
      {"auto", "2026-01-01", "2026-01-01T00:00:00.000Z"},
      {"auto", "1700000000", "2023-11-14T22:13:20.000Z"},
      {"auto", "1700000000.123456", "2023-11-14T22:13:20.123456Z"},
      {"auto", "1700000000123", "2023-11-14T22:13:20.123Z"},
      {"auto", "1700000000123456", "2023-11-14T22:13:20.123456Z"},
      {"auto", "1700000000123456789", "2023-11-14T22:13:20.123456789Z"},
      {"auto", "0", "1970-01-01T00:00:00.000Z"},
      {"auto", "-1", "1969-12-31T23:59:59.000Z"},
      {"auto", "-0.5", "1969-12-31T23:59:59.500Z"},
      {"auto", "99999999999", "time_out_of_range"},
      {"auto", "100000000000", "1973-03-03T09:46:40.000Z"},
      {"auto", "17/May/2015:10:05:03 +0000", "2015-05-17T10:05:03.000Z"},
      {"auto", "Mar 27 13:06:56", "1970-03-27T13:06:56.000Z"},
      {"auto", "", "missing_time"},
      {"auto", " ", "missing_time"},
      {"auto", "null", "bad_time"},
      {"auto", "1e9", "bad_time"},
      {"auto", "0x10", "bad_time"},
      {"auto", "1_000", "bad_time"},
      {"auto", "NaN", "bad_time"},
      {"auto", "12:30", "bad_time"},
      {"auto", "2026-13-01", "bad_time"},
      {"auto", "2026-02-29T00:00:00Z", "bad_time"},
      {"auto", "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"},
      {"auto", "2026-01-01T24:00:00Z", "bad_time"},
      {"auto", "2026-01-01T00:00:00+25:00", "bad_time"},
      {"auto", "2026-01-01T00:00:00 Europe/Berlin", "bad_time"},
      {"auto", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"},
      {"auto", "2016-12-31T23:59:61Z", "bad_time"},
      {"auto", "9999-12-31T23:59:59Z", "time_out_of_range"},
      {"auto", "10000-01-01T00:00:00Z", "bad_time"},
      {"auto", "2262-04-11T23:47:16Z", "2262-04-11T23:47:16.000Z"},
      {"auto", "2262-04-11T23:47:17Z", "time_out_of_range"},
      {"auto", "1677-09-21T00:12:43Z", "time_out_of_range"},
      {"auto", "0000-02-29T00:00:00Z", "time_out_of_range"},
      {"iso8601", "1700000000", "bad_time"},
      {"epoch_s", "1700000000123", "time_out_of_range"},
      {"epoch_s", "1.5", "1970-01-01T00:00:01.500Z"},
      {"epoch_s", "2026-01-01", "bad_time"},
      {"epoch_ms", "1500", "1970-01-01T00:00:01.500Z"},
      {"epoch_ms", "0.25", "1970-01-01T00:00:00.000250Z"},
      {"epoch_us", "1500", "1970-01-01T00:00:00.001500Z"},
      {"epoch_ns", "1500", "1970-01-01T00:00:00.000001500Z"},
      {"epoch_ns", "9223372036854775807", "2262-04-11T23:47:16.854775807Z"},
      {"epoch_ns", "9223372036854775808", "time_out_of_range"},
      {"epoch_ns", "99999999999999999999999", "time_out_of_range"},
      {"epoch_s", "9223372036854775807", "time_out_of_range"},
      {"strptime:%d.%m.%Y %H:%M:%S", "31.12.2025 23:59:58", "2025-12-31T23:59:58.000Z"},
      {"strptime:%d.%m.%Y %H:%M:%S", "31.12.2025", "bad_time"},
      {"strptime:%d.%m.%Y", "30.02.2025", "bad_time"},
      {"strptime:%d.%m.%Y", "01.01.9999", "time_out_of_range"},
      {"strptime:%Y%m%dT%H%M%S%z", "20260101T000000+0130", "2025-12-31T22:30:00.000Z"},
      {"strptime:%Y%m%dT%H%M%S%z", "20260101T000000Z", "2026-01-01T00:00:00.000Z"},
      {"strptime:%Y%m%dT%H%M%S%z", "20260101T000000+2500", "bad_time"},
      {"strptime:%m/%d/%y %I:%M:%S %p", "01/02/26 12:30:00 AM", "2026-01-02T00:30:00.000Z"},
      {"strptime:%m/%d/%y %I:%M:%S %p", "01/02/70 01:30:00 pm", "1970-01-02T13:30:00.000Z"},
      {"strptime:%m/%d/%y %I:%M:%S %p", "01/02/70 13:30:00 pm", "bad_time"},
      {"strptime:%A, %B %d %Y %T.%f", "Thursday, January 01 2026 00:00:01.5",
       "2026-01-01T00:00:01.500Z"},
      {"strptime:%a %b %e %R %Z %Y", "Thu Jan  1 00:05 UTC 2026", "2026-01-01T00:05:00.000Z"},
      {"strptime:%Y-%j", "2024-366", "2024-12-31T00:00:00.000Z"},
      {"strptime:%Y-%j", "2025-366", "bad_time"},
      {"strptime:%s.%f", "1700000000.25", "2023-11-14T22:13:20.250Z"},
      {"strptime:%H:%M:%S", "12:00:60", "1970-01-01T12:01:00.000Z"},
      {"strptime:%q", "x", "bad_time"},
      {"strptime:%%%F", "%2026-01-01", "2026-01-01T00:00:00.000Z"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.format));
    CAPTURE(std::string(c.text));
    CHECK(show(reader(c.format).read_text(c.text)) == c.expected);
  }
}

TEST_CASE("times as values") {
  const TimeReader any = reader("auto");
  CHECK(show(any.read({})) == "missing_time");
  CHECK(show(any.read(Value::integer(1700000000))) == "2023-11-14T22:13:20.000Z");
  CHECK(show(any.read(Value::real(1700000000.123456))) == "2023-11-14T22:13:20.123456Z");
  CHECK(show(any.read(Value::real(1700000000.1))) == "2023-11-14T22:13:20.100Z");
  CHECK(show(any.read(Value::real(1.7e12))) == "2023-11-14T22:13:20.000Z");
  CHECK(show(any.read(Value::real(1e300))) == "time_out_of_range");
  CHECK(show(any.read(Value::real(1e-300))) == "1970-01-01T00:00:00.000Z");
  CHECK(show(any.read(Value::integer(-1))) == "1969-12-31T23:59:59.000Z");
  CHECK(show(any.read(Value::string("1700000000"))) == "2023-11-14T22:13:20.000Z");
  CHECK(show(any.read(Value::boolean(true))) == "bad_time");
  CHECK(show(any.read(Value::duration({5}))) == "bad_time");
  CHECK(show(any.read(Value::timestamp({5 * kNsPerSecond}))) == "1970-01-01T00:00:05.000Z");
  CHECK(show(reader("iso8601").read(Value::integer(5))) == "bad_time");
  CHECK(show(reader("epoch_ms").read(Value::integer(1500))) == "1970-01-01T00:00:01.500Z");
  CHECK(show(reader("strptime:%Y%m%d").read(Value::integer(20260101))) ==
        "2026-01-01T00:00:00.000Z");
}

TEST_CASE("local times are of the zone that is given") {
  const TimeReader berlin = reader("auto", "Europe/Berlin");
  CHECK(show(berlin.read_text("2024-07-01T12:00:00")) == "2024-07-01T10:00:00.000Z");
  CHECK(show(berlin.read_text("2024-07-01")) == "2024-06-30T22:00:00.000Z");
  CHECK(show(berlin.read_text("2024-07-01T12:00:00Z")) == "2024-07-01T12:00:00.000Z");
  CHECK(show(berlin.read_text("2024-07-01T12:00:00-05:00")) == "2024-07-01T17:00:00.000Z");
  // 02:30 does not occur on the day clocks are put forward, and occurs twice when they are put
  // back.
  CHECK(show(berlin.read_text("2024-03-31T02:30:00")) == "2024-03-31T01:30:00.000Z");
  CHECK(show(berlin.read_text("2024-10-27T02:30:00")) == "2024-10-27T00:30:00.000Z");
  CHECK(show(reader("strptime:%F %T", "+02:00").read_text("2024-07-01 12:00:00")) ==
        "2024-07-01T10:00:00.000Z");
  CHECK(show(reader("auto", "+02:00").read_text("1700000000")) == "2023-11-14T22:13:20.000Z");
}

TEST_CASE("names of formats") {
  TimeOptions options;
  std::string error;
  for (const char* bad : {"", "iso", "epoch", "strptime:", "strptime"}) {
    CAPTURE(bad);
    error.clear();
    CHECK_FALSE(parse_time_format(bad, options, error));
    CHECK_FALSE(error.empty());
  }
}

TEST_CASE("a timestamp at the start of a line") {
  CHECK(leading_timestamp("2026-01-01T00:00:05Z one") == 20);
  CHECK(leading_timestamp("2026-01-01 00:00:05 one") == 19);
  CHECK(leading_timestamp("2026-01-01 one") == 10);
  CHECK(leading_timestamp("2026-01-01") == 10);
  CHECK(leading_timestamp("2026-01-01T00:00:05,123 INFO") == 23);
  CHECK(leading_timestamp("9999-01-01T00:00:05Z one") == 20);
  CHECK(leading_timestamp("one 2026-01-01") == 0);
  CHECK(leading_timestamp("") == 0);
  CHECK(leading_timestamp("2026-01-01x") == 0);
}

}  // namespace
}  // namespace weir::connectors
