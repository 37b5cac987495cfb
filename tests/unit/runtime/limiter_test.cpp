// Cooldown and max_per.
#include "limiter.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

namespace weir::runtime {
namespace {

nfa::AlertSpec spec(std::optional<std::int64_t> cooldown, std::uint64_t n = 0,
                    std::int64_t span = 0) {
  nfa::AlertSpec s;
  if (cooldown) s.cooldown = Duration{*cooldown};
  s.max_per = n;
  s.max_per_span = {span};
  return s;
}

/// "-" for a match kept back, else the count that the alert shows.
std::string offer(AlertLimiter& limiter, std::string_view key, std::int64_t at) {
  const auto d = limiter.offer(key, {at});
  return d.sent ? std::to_string(d.suppressed) : "-";
}

TEST_CASE("without limits everything is sent and nothing is held") {
  AlertLimiter limiter(spec({}));
  for (int i = 0; i < 5; ++i) CHECK(offer(limiter, "k", 0) == "0");
  CHECK(limiter.keys() == 0);
}

TEST_CASE("cooldown counts from the last alert sent, its last instant included, each key alone") {
  AlertLimiter limiter(spec(2000));
  CHECK(offer(limiter, "x", 0) == "0");
  CHECK(offer(limiter, "x", 1500) == "-");
  CHECK(offer(limiter, "y", 1600) == "0");
  CHECK(offer(limiter, "x", 2000) == "-");
  CHECK(offer(limiter, "x", 2001) == "2");
  CHECK(offer(limiter, "y", 3600) == "-");
  CHECK(offer(limiter, "x", 4001) == "-");
  CHECK(offer(limiter, "x", 4002) == "1");
  CHECK(offer(limiter, "x", 9000) == "0");
}

TEST_CASE("no span, its ends included, holds more than max_per") {
  AlertLimiter limiter(spec({}, 2, 10000));
  CHECK(offer(limiter, "x", 0) == "0");
  CHECK(offer(limiter, "y", 4000) == "0");
  CHECK(offer(limiter, "z", 10000) == "-");
  CHECK(offer(limiter, "z", 10001) == "1");
  CHECK(offer(limiter, "x", 14000) == "-");
  CHECK(offer(limiter, "y", 14001) == "1");
  CHECK(limiter.keys() == 0);
}

TEST_CASE("cooldown is asked first; only what is sent counts for either") {
  AlertLimiter limiter(spec(2000, 2, 10000));
  CHECK(offer(limiter, "x", 0) == "0");
  CHECK(offer(limiter, "x", 1000) == "-");
  CHECK(offer(limiter, "y", 2000) == "0");
  CHECK(offer(limiter, "z", 9000) == "-");
  CHECK(offer(limiter, "z", 10001) == "1");
  CHECK(offer(limiter, "x", 20000) == "1");
}

TEST_CASE(
    "keys are let go when their cooldown is over, but not a count that is still to be shown") {
  AlertLimiter limiter(spec(10));
  for (int i = 0; i < 1000; ++i) {
    CHECK(offer(limiter, "k" + std::to_string(i), i) == "0");
    CHECK(limiter.keys() <= 11);
  }
  CHECK(offer(limiter, "k999", 1000) == "-");
  CHECK(offer(limiter, "other", 5000) == "0");
  CHECK(limiter.keys() == 2);
  CHECK(offer(limiter, "k999", 6000) == "1");
  CHECK(offer(limiter, "another", 7000) == "0");
  CHECK(limiter.keys() == 1);
}

TEST_CASE("random matches are limited as the definition says") {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    const bool with_cooldown = random() % 3 != 0;
    const std::int64_t cooldown = static_cast<std::int64_t>(random() % 6);
    const std::uint64_t n = random() % 4;
    const std::int64_t span = static_cast<std::int64_t>(random() % 9);
    AlertLimiter limiter(spec(with_cooldown ? std::optional(cooldown) : std::nullopt, n, span));
    struct Sent {
      char key;
      std::int64_t at;
    };
    std::vector<Sent> sent;
    std::uint64_t by_key[3] = {};
    std::uint64_t by_rule = 0;
    std::int64_t now = 0;
    for (int i = 0; i < 100; ++i) {
      now += static_cast<std::int64_t>(random() % 3);
      const char key = static_cast<char>('a' + random() % 3);
      bool cooling = false;
      std::uint64_t within = 0;
      for (const Sent& s : sent) {
        cooling = cooling || (with_cooldown && s.key == key && now - s.at <= cooldown);
        within += now - s.at <= span;
      }
      std::string expected = "-";
      if (cooling) {
        ++by_key[key - 'a'];
      } else if (n != 0 && within >= n) {
        ++by_rule;
      } else {
        expected = std::to_string(by_key[key - 'a'] + by_rule);
        by_key[key - 'a'] = 0;
        by_rule = 0;
        sent.push_back({key, now});
      }
      CHECK(offer(limiter, std::string(1, key), now) == expected);
    }
  }
}

}  // namespace
}  // namespace weir::runtime
