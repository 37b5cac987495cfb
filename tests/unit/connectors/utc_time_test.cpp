// The quick reader of times says the same as the one of all forms, or nothing.

#include "time/utc_time.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <optional>
#include <string>

namespace weir::connectors {
namespace {

std::string shown(const std::optional<Timestamp>& time) {
  return time ? std::to_string(time->ns) : "none";
}

std::optional<Timestamp> read(std::string_view text) {
  Timestamp time;
  return read_utc_time(text, time) ? std::optional(time) : std::nullopt;
}
std::optional<Timestamp> read(UtcTimeReader& reader, std::string_view text) {
  Timestamp time;
  return reader.read(text, time) ? std::optional(time) : std::nullopt;
}

TEST_CASE("every day that a timestamp can hold, and no other") {
  UtcTimeReader reader;
  for (int year = 1676; year <= 2263; ++year) {
    for (int month = 0; month <= 13; ++month) {
      for (const int day : {0, 1, 2, 27, 28, 29, 30, 31, 32}) {
        std::array<char, 32> text{};
        std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT23:59:58.250Z", year, month, day);
        const auto expected = parse_iso8601(text.data());
        const auto time = read(text.data());
        CAPTURE(text.data());
        // At the ends it leaves days to the other.
        if (year > 1677 && year < 2262) {
          CHECK(shown(time) == shown(expected));
        } else {
          CHECK_FALSE(time);
        }
        CHECK(shown(read(reader, text.data())) == shown(time));
      }
    }
  }
}

TEST_CASE("parts, fractions, and what is no time of this form") {
  for (const char* text :
       {"2026-01-31T08:00:00Z", "2026-01-31T00:00:00.1Z", "2026-01-31T23:59:59.12Z",
        "2026-01-31T08:09:10.123Z", "2026-01-31T08:09:10.000001Z", "2026-01-31T08:09:10.123456789Z",
        "1969-12-31T23:59:59.999Z"}) {
    CAPTURE(text);
    REQUIRE(read(text));
    CHECK(shown(read(text)) == shown(parse_iso8601(text)));
  }
  for (const char* text :
       {"", "Z", "2026-01-31", "2026-01-31T08:00:00", "2026-01-31T08:00:00.",
        "2026-01-31T08:00:00.Z", "2026-01-31T08:00:00,5Z", "2026-01-31 08:00:00Z",
        "2026-01-31T08:00:00z", "2026-01-31T08:00:00+00:00", "2026-01-31T08:00:00.1234567890Z",
        "2026-01-31T24:00:00Z", "2026-01-31T08:60:00Z", "2026-01-31T08:00:60Z",
        "2026-01-31T08:00:00.1x3Z", "2026-01-31T08:00:00.123ZZ", "2026:01-31T08:00:00Z",
        "2026-1 -31T08:00:00Z"}) {
    CAPTURE(text);
    CHECK_FALSE(read(text));
  }
}

TEST_CASE("damaged times, one after the other") {
  UtcTimeReader reader;
  std::uint64_t state = 7;
  const auto random = [&](std::uint64_t below) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (state >> 33U) % below;
  };
  constexpr std::string_view kPieces = "0123459:;/-.TZ \xba\xc3\x01";
  for (int round = 0; round < 100'000; ++round) {
    std::string text = round % 2 == 0 ? "2026-02-28T12:34:56.789Z" : "2024-02-29T12:34:56Z";
    for (std::uint64_t i = random(3); i > 0; --i) {
      text[random(text.size())] = kPieces[random(kPieces.size())];
    }
    const auto time = read(text);
    CAPTURE(text);
    if (time) CHECK(shown(time) == shown(parse_iso8601(text)));
    CHECK(shown(read(reader, text)) == shown(time));
  }
  const std::string zeros = std::string(11, '\0') + "08:00:00Z";
  UtcTimeReader fresh;
  CHECK_FALSE(read(fresh, zeros));
}

}  // namespace
}  // namespace weir::connectors
