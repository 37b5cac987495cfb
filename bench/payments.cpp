#include "payments.hpp"

#include <fmt/core.h>

#include <initializer_list>
#include <utility>

#include "weir/event/time.hpp"

namespace weir::bench {
namespace {

constexpr std::uint64_t kCards = 200'000;
constexpr std::uint64_t kStride = 77'773;  // prime: all cards come before one comes again
constexpr std::int64_t kApart = 50 * kNsPerMs;
constexpr std::int64_t kStart = 1'767'571'200 * kNsPerSecond;  // 2026-01-05

}  // namespace

void PaymentLog::record(std::string& out, std::string_view card, std::uint64_t user,
                        std::uint64_t cents, bool approved) {
  out += R"({"ts":")";
  append_iso8601(out, {kStart + static_cast<std::int64_t>(records_) * kApart});
  fmt::format_to(std::back_inserter(out),
                 R"(","type":"payment","user":"u{:06}","card":"{}","amount":{}.{:02},)"
                 R"("merchant":"m{:04}","status":"{}"}})"
                 "\n",
                 user, card, cents / 100, cents % 100, random_.below(5000),
                 approved ? "approved" : "declined");
  ++records_;
}

void PaymentLog::story(std::string& out) {
  const std::string card = fmt::format("5500-{:06}", stories_);
  const std::uint64_t user = 900'000 + stories_;
  const auto pay = [&](std::initializer_list<std::pair<std::uint64_t, bool>> payments) {
    for (const auto& [cents, approved] : payments) record(out, card, user, cents, approved);
  };
  switch (stories_ % 3) {
    case 0:
      pay({{100, true}, {150, true}, {199, true}, {89'900, true}});
      break;
    case 1:
      pay({{1999, true}, {1999, true}, {1999, true}, {1999, true}, {1999, true}, {1999, true}});
      break;
    default:
      pay({{90'000, false}, {70'000, false}, {50'000, false}, {35'000, true}});
      break;
  }
  ++stories_;
}

void PaymentLog::append(std::string& out) {
  const std::uint64_t card = ordinary_ * kStride % kCards;
  record(out, fmt::format("4111-{:06}", card), card, 600 + random_.below(29'400),
         random_.below(100) >= 3);
  if (++ordinary_ % story_every_ == 0) story(out);
}

}  // namespace weir::bench
