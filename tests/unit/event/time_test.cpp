#include "weir/event/time.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace weir;

namespace {

constexpr std::int64_t kNewYear = 1767225600;  // 2026-01-01T00:00:00Z, in seconds

std::int64_t seconds(std::int64_t s) {
  return s * kNsPerSecond;
}

}  // namespace

TEST_CASE("durations are read") {
  const std::vector<std::pair<std::string, std::int64_t>> cases = {
      {"0s", 0},
      {"250ms", 250 * kNsPerMs},
      {"10s", 10 * kNsPerSecond},
      {"5m", 5 * kNsPerMinute},
      {"2h", 2 * kNsPerHour},
      {"7d", 7 * kNsPerDay},
      {"1w", kNsPerWeek},
      {"1h30m", 90 * kNsPerMinute},
      {"1m1ms", kNsPerMinute + kNsPerMs},
      {"30m1h", 90 * kNsPerMinute},
      {"007s", 7 * kNsPerSecond},
      {"9223372036s", 9223372036 * kNsPerSecond},
  };
  for (const auto& [text, ns] : cases) {
    CAPTURE(text);
    const auto d = parse_duration(text);
    REQUIRE(d.has_value());
    CHECK(d->ns == ns);
  }
}

TEST_CASE("what is no duration is refused") {
  for (const std::string text :
       {"",    "10",   "s",           "10 s",   " 10s",          "10s ",
        "10y", "1.5h", "-1s",         "+1s",    "1h30",          "10S",
        "1us", "1ns",  "9223372037s", "15251w", "9223372036s1s", "99999999999999999999s",
        "1mm", "1h,1m"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text).has_value());
  }
}

TEST_CASE("durations are written, and read back") {
  const std::vector<std::pair<std::int64_t, std::string>> cases = {
      {0, "0s"},
      {90 * kNsPerSecond, "1m30s"},
      {kNsPerWeek, "1w"},
      {10 * kNsPerDay, "1w3d"},
      {36 * kNsPerHour, "1d12h"},
      {250 * kNsPerMs, "250ms"},
      {-5 * kNsPerSecond, "-5s"},
      {1500, "1us500ns"},
      {std::numeric_limits<std::int64_t>::min(), "-15250w1d23h47m16s854ms775us808ns"},
  };
  for (const auto& [ns, text] : cases) {
    CAPTURE(ns);
    CHECK(format_duration({ns}) == text);
    if (ns >= 0 && ns % kNsPerMs == 0) CHECK(parse_duration(text) == Duration{ns});
  }
}

TEST_CASE("sums saturate") {
  CHECK(Timestamp::max() + Duration{1} == Timestamp::max());
  CHECK(Timestamp::min() + Duration{-1} == Timestamp::min());
  CHECK(Timestamp::min() - Duration{1} == Timestamp::min());
  CHECK(Timestamp::max() - Duration{-1} == Timestamp::max());
  CHECK(Timestamp::max() - Timestamp::min() == Duration{std::numeric_limits<std::int64_t>::max()});
  CHECK(Timestamp::min() - Timestamp::max() == Duration{std::numeric_limits<std::int64_t>::min()});
  CHECK(Timestamp{10} - Timestamp{4} == Duration{6});
  CHECK(Timestamp{10} - Duration{4} == Timestamp{6});
  CHECK(Timestamp{10} + Duration{4} == Timestamp{14});
}

TEST_CASE("timestamps are read") {
  const std::int64_t base = seconds(kNewYear);
  const std::vector<std::pair<std::string, std::int64_t>> cases = {
      {"2026-01-01T00:00:00Z", base},
      {"2026-01-01 00:00:00Z", base},
      {"2026-01-01t00:00:00z", base},
      {"2026-01-01T00:00:00", base},
      {"2026-01-01T00:00Z", base},
      {"2026-01-01", base},
      {"2026-01-01T00:00:00.5Z", base + 500 * kNsPerMs},
      {"2026-01-01T00:00:00,5Z", base + 500 * kNsPerMs},
      {"2026-01-01T00:00:00.123456789Z", base + 123456789},
      {"2026-01-01T00:00:00.1234567899999Z", base + 123456789},
      {"2026-01-01T01:00:00+01:00", base},
      {"2026-01-01T01:00:00+0100", base},
      {"2026-01-01T01:00:00+01", base},
      {"2025-12-31T19:00:00-05:00", base},
      {"2025-12-31T23:59:60Z", base},
      {"2025-12-31T23:59:60.75Z", base},
      {"1970-01-01T00:00:00Z", 0},
      {"1969-12-31T23:59:59.999999999Z", -1},
      {"2024-02-29T00:00:00Z", seconds(1709164800)},
      {"1677-09-21T00:12:43.145224192Z", std::numeric_limits<std::int64_t>::min()},
      {"2262-04-11T23:47:16.854775807Z", std::numeric_limits<std::int64_t>::max()},
  };
  for (const auto& [text, ns] : cases) {
    CAPTURE(text);
    const auto t = parse_iso8601(text);
    REQUIRE(t.has_value());
    CHECK(t->ns == ns);
  }
}

TEST_CASE("the assumed offset holds where the text has none") {
  const Duration hour{kNsPerHour};
  CHECK(parse_iso8601("2026-01-01T01:00:00", hour)->ns == seconds(kNewYear));
  CHECK(parse_iso8601("2026-01-01", hour)->ns == seconds(kNewYear) - kNsPerHour);
  CHECK(parse_iso8601("2026-01-01T00:00:00Z", hour)->ns == seconds(kNewYear));
}

TEST_CASE("what is no timestamp is refused") {
  for (const std::string text : {"",
                                 "2026",
                                 "2026-01",
                                 "2026-1-01",
                                 "26-01-01",
                                 "2026-13-01",
                                 "2026-00-01",
                                 "2026-02-29",
                                 "2026-04-31",
                                 "2026-01-00",
                                 "2026-01-01T",
                                 "2026-01-01T24:00:00Z",
                                 "2026-01-01T00:60:00Z",
                                 "2026-01-01T00:00:61Z",
                                 "2026-01-01T00:00:00.Z",
                                 "2026-01-01T00:00:00+25:00",
                                 "2026-01-01T00:00:00+01:60",
                                 "2026-01-01T00:00:00+1",
                                 "2026-01-01T00:00:00+01:",
                                 "2026-01-01T00:00:00ZZ",
                                 "2026-01-01T00:00:00Z ",
                                 " 2026-01-01",
                                 "2026-01-01_00:00:00",
                                 "9999-12-31T23:59:59Z",
                                 "0001-01-01",
                                 "2262-04-11T23:47:16.854775808Z",
                                 "1677-09-21T00:12:43.145224191Z",
                                 "2262-04-11T23:47:16.854775807-00:01",
                                 "1767225600"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_iso8601(text).has_value());
  }
}

TEST_CASE("timestamps are written, and read back") {
  const std::vector<std::pair<std::int64_t, std::string>> cases = {
      {seconds(kNewYear + 120), "2026-01-01T00:02:00.000Z"},
      {seconds(kNewYear) + 1500, "2026-01-01T00:00:00.000001500Z"},
      {seconds(kNewYear) + 250'000, "2026-01-01T00:00:00.000250Z"},
      {-1, "1969-12-31T23:59:59.999999999Z"},
      {std::numeric_limits<std::int64_t>::min(), "1677-09-21T00:12:43.145224192Z"},
      {std::numeric_limits<std::int64_t>::max(), "2262-04-11T23:47:16.854775807Z"},
  };
  for (const auto& [ns, text] : cases) {
    CHECK(format_iso8601({ns}) == text);
    CHECK(parse_iso8601(text) == Timestamp{ns});
  }
}

TEST_CASE("every day between the two ends has its own date") {
  CivilTime previous = to_civil({-106750 * kNsPerDay});
  for (std::int64_t day = -106749; day <= 106750; ++day) {
    const Timestamp t{day * kNsPerDay};
    const CivilTime civil = to_civil(t);
    const bool next_day = civil.year == previous.year && civil.month == previous.month &&
                          civil.day == previous.day + 1;
    const bool next_month = civil.day == 1 && (civil.month == previous.month % 12 + 1) &&
                            civil.year == previous.year + (civil.month == 1 ? 1 : 0);
    if (!next_day && !next_month) FAIL("day ", day);
    if (to_timestamp(civil) != t) FAIL("day ", day);
    previous = civil;
  }
}

TEST_CASE("civil parts out of range are refused") {
  const std::array<CivilTime, 8> bad = {{{2026, 0, 1},
                                         {2026, 13, 1},
                                         {2026, 2, 30},
                                         {2026, 1, 32},
                                         {2026, 1, 1, 24},
                                         {2026, 1, 1, 0, 60},
                                         {2026, 1, 1, 0, 0, 61},
                                         {2026, 1, 1, 0, 0, 0, 1'000'000'000}}};
  for (const CivilTime& civil : bad) CHECK_FALSE(to_timestamp(civil).has_value());
  CHECK(to_timestamp({2026, 1, 1, 0, 0, 60})->ns == seconds(kNewYear + 60));
  CHECK_FALSE(to_timestamp({2100, 2, 29}).has_value());
  CHECK(to_timestamp({2000, 2, 29}).has_value());
}

TEST_CASE("weekdays") {
  CHECK(weekday({0}) == 4);
  CHECK(weekday({-1}) == 3);
  CHECK(weekday({seconds(kNewYear)}) == 4);
  CHECK(weekday({3 * kNsPerDay}) == 7);
  CHECK(weekday({4 * kNsPerDay}) == 1);
  CHECK(weekday(Timestamp::min()) == 2);
}
