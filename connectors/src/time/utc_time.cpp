// Digits are read eight bytes at a time ("SIMD within a register"): a difference to the form itself
// leaves a digit's value in its byte and zero in a separator's.
#include "time/utc_time.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace weir::connectors {
namespace {

// To the millisecond; others end behind the second or have another fraction.
constexpr std::string_view kForm = "0000-00-00T00:00:00.000Z";
constexpr std::size_t kToSecond = 19;
constexpr std::string_view kEpoch = "1970-01-01T00:00";

// In the years around them a Timestamp begins and ends.
constexpr unsigned kFirstYear = 1678;
constexpr unsigned kLastYear = 2261;

/// From the epoch to the first day of each year, and of the one after the last.
constexpr auto days_before_years() {
  std::array<std::int32_t, kLastYear - kFirstYear + 2> out{};
  std::int32_t days = -106650;  // 1678-01-01
  for (unsigned year = kFirstYear; year <= kLastYear + 1; ++year) {
    out[year - kFirstYear] = days;
    days += year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 366 : 365;
  }
  return out;
}

/// Every other two bytes hold the number that the digits in them and the byte behind them write.
struct Pairs {
  std::uint64_t bytes = 0;
  unsigned at(unsigned byte) const { return static_cast<unsigned>(bytes >> 8 * byte & 0xff); }
};

/// What lifts a byte over 0x7f where it is no digit's value, or a separator's but zero.
template <std::size_t kAt>
constexpr std::uint64_t excess() {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < sizeof(out); ++i) {
    out |= std::uint64_t{kForm[kAt + i] == '0' ? 0x7fU - 9U : 0x7fU} << 8 * i;
  }
  return out;
}

std::uint64_t load(const char* text) {
  std::uint64_t word = 0;
  std::memcpy(&word, text, sizeof(word));
  return word;
}

/// Eight bytes of `text`, from kAt on, if they are as kForm has them.
template <std::size_t kAt>
bool read_pairs(const char* text, Pairs& out) {
  const std::uint64_t digits = load(text + kAt) ^ load(kForm.data() + kAt);
  if (((digits | (digits + excess<kAt>())) & 0x8080808080808080) != 0) return false;
  out.bytes = digits * 10 + (digits >> 8);
  return true;
}

/// The beginning of the day, in nanoseconds.
bool read_midnight(const char* text, std::int64_t& ns) {
  Pairs date;  // YYYY-MM-
  Pairs day;   // MM-DDTHH
  if (!read_pairs<0>(text, date) || !read_pairs<5>(text, day)) return false;
  const unsigned year = date.at(0) * 100 + date.at(2);
  const unsigned month = date.at(5);
  const unsigned of_month = day.at(3);
  if (year < kFirstYear || year > kLastYear || month < 1 || month > 12 || of_month < 1)
    return false;
  static constexpr std::array<unsigned, 14> kBeforeMonth = {0,   0,   31,  59,  90,  120, 151,
                                                            181, 212, 243, 273, 304, 334, 365};
  static constexpr auto kBeforeYear = days_before_years();
  const std::int32_t before_year = kBeforeYear[year - kFirstYear];
  const bool leap = kBeforeYear[year - kFirstYear + 1] - before_year == 366;
  const unsigned length =
      kBeforeMonth[month + 1] - kBeforeMonth[month] + (leap && month == 2 ? 1 : 0);
  if (of_month > length) return false;
  const std::int64_t days =
      std::int64_t{before_year} + kBeforeMonth[month] + (leap && month > 2 ? 1 : 0) + of_month - 1;
  ns = days * kNsPerDay;
  return true;
}

/// ".123Z" or "Z", all of it.
bool read_fraction(std::string_view text, std::int64_t& ns) {
  static constexpr std::array<std::int64_t, 10> kUnits = {
      1'000'000'000, 100'000'000, 10'000'000, 1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
  ns = 0;
  if (text == "Z") return true;
  if (text.size() < 3 || text.size() > 11 || text.front() != '.' || text.back() != 'Z')
    return false;
  const std::string_view digits = text.substr(1, text.size() - 2);
  for (const char c : digits) {
    if (c < '0' || c > '9') return false;
    ns = ns * 10 + (c - '0');
  }
  ns *= kUnits[digits.size()];
  return true;
}

/// HH:MM, in nanoseconds.
bool read_minute(const char* text, std::int64_t& ns) {
  Pairs time;  // HH:MM:SS
  if (!read_pairs<11>(text, time) || time.at(0) > 23 || time.at(3) > 59) return false;
  ns = time.at(0) * kNsPerHour + time.at(3) * kNsPerMinute;
  return true;
}

/// The second and what is behind it, in nanoseconds.
bool read_second(std::string_view text, std::int64_t& ns) {
  Pairs pairs;  // :SS.mmmZ, or HH:MM:SS
  if (text.size() == kForm.size() && read_pairs<16>(text.data(), pairs)) {
    // The last digit's pair is it and a zero.
    ns = pairs.at(1) * kNsPerSecond + pairs.at(4) * 10 * kNsPerMs + pairs.at(6) * (kNsPerMs / 10);
    return pairs.at(1) <= 59;
  }
  std::int64_t fraction = 0;
  if (!read_pairs<11>(text.data(), pairs) || pairs.at(6) > 59 ||
      !read_fraction(text.substr(kToSecond), fraction)) {
    return false;
  }
  ns = pairs.at(6) * kNsPerSecond + fraction;
  return true;
}

// Pairs are counted from the low byte.
bool is_candidate(std::string_view text) {
  return std::endian::native == std::endian::little && text.size() > kToSecond;
}

}  // namespace

bool read_utc_time(std::string_view text, Timestamp& out) noexcept {
  std::int64_t day = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  if (!is_candidate(text) || !read_midnight(text.data(), day) ||
      !read_minute(text.data(), minute) || !read_second(text, second)) {
    return false;
  }
  out.ns = day + minute + second;
  return true;
}

UtcTimeReader::UtcTimeReader() noexcept
    : date_(load(kEpoch.data())), minute_(load(kEpoch.data() + 8)) {}

bool UtcTimeReader::read(std::string_view text, Timestamp& out) noexcept {
  if (!is_candidate(text)) return false;
  const std::uint64_t date = load(text.data());
  const std::uint64_t minute = load(text.data() + 8);
  if (date != date_ || minute != minute_) {
    std::int64_t day = 0;
    std::int64_t of_day = 0;
    if (!read_midnight(text.data(), day) || !read_minute(text.data(), of_day)) return false;
    date_ = date;
    minute_ = minute;
    begin_ = day + of_day;
  }
  std::int64_t second = 0;
  if (!read_second(text, second)) return false;
  out.ns = begin_ + second;
  return true;
}

}  // namespace weir::connectors
