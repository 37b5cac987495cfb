#include "weir/event/time.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace weir {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

// Days from the epoch, and back: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
// Years begin in March there, so that the leap day is the last of its year.
constexpr std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = floor_div(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t month_from_march = (month + 9) % 12;
  const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

constexpr void civil_from_days(std::int64_t days, CivilTime& out) {
  days += 719468;
  const std::int64_t era = floor_div(days, 146097);
  const std::int64_t day_of_era = days - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  out.day = static_cast<unsigned>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  out.month =
      static_cast<unsigned>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  out.year = year_of_era + era * 400 + (out.month <= 2 ? 1 : 0);
}

constexpr unsigned days_in_month(std::int64_t year, unsigned month) {
  constexpr std::array<unsigned, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[month - 1];
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Reads the parts of a timestamp from the left; every function says whether it could.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  void skip() { rest_.remove_prefix(1); }

  bool literal(char c) {
    if (peek() != c) return false;
    skip();
    return true;
  }

  /// Exactly `width` digits.
  bool digits(int width, unsigned& out) {
    out = 0;
    for (int i = 0; i < width; ++i) {
      if (!is_digit(peek())) return false;
      out = out * 10 + static_cast<unsigned>(peek() - '0');
      skip();
    }
    return true;
  }

  /// One digit and more, of which nine count.
  bool fraction(std::uint32_t& ns) {
    if (!is_digit(peek())) return false;
    std::uint32_t unit = 100'000'000;
    ns = 0;
    for (; is_digit(peek()); skip()) {
      ns += static_cast<std::uint32_t>(peek() - '0') * unit;
      unit /= 10;
    }
    return true;
  }

 private:
  std::string_view rest_;
};

/// "Z", "+01:00", "+0100", "+01".
bool read_offset(Cursor& in, Duration& offset) {
  if (in.literal('Z') || in.literal('z')) {
    offset = {};
    return true;
  }
  const bool negative = in.peek() == '-';
  if (!in.literal('-') && !in.literal('+')) return false;
  unsigned hours = 0;
  unsigned minutes = 0;
  if (!in.digits(2, hours)) return false;
  const bool colon = in.literal(':');
  if ((colon || !in.at_end()) && !in.digits(2, minutes)) return false;
  if (hours > 23 || minutes > 59) return false;
  offset.ns = hours * kNsPerHour + minutes * kNsPerMinute;
  if (negative) offset.ns = -offset.ns;
  return true;
}

void append_padded(std::string& out, std::uint64_t value, int width) {
  std::array<char, 20> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  const auto length = static_cast<int>(end - buffer.data());
  if (length < width) out.append(static_cast<std::size_t>(width - length), '0');
  out.append(buffer.data(), end);
}

struct Unit {
  std::string_view name;
  std::int64_t ns;
};
// From the largest on. The last two are written, never read: rules have whole milliseconds.
constexpr std::array<Unit, 8> kUnits = {{{"w", kNsPerWeek},
                                         {"d", kNsPerDay},
                                         {"h", kNsPerHour},
                                         {"m", kNsPerMinute},
                                         {"s", kNsPerSecond},
                                         {"ms", kNsPerMs},
                                         {"us", 1000},
                                         {"ns", 1}}};
constexpr std::size_t kReadableUnits = 6;

}  // namespace

Timestamp operator+(Timestamp t, Duration d) noexcept {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(t.ns, d.ns, &sum)) return {d.ns < 0 ? kMin : kMax};
  return {sum};
}

Timestamp operator-(Timestamp t, Duration d) noexcept {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(t.ns, d.ns, &difference)) return {d.ns < 0 ? kMax : kMin};
  return {difference};
}

Duration operator-(Timestamp a, Timestamp b) noexcept {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(a.ns, b.ns, &difference)) return {a.ns < b.ns ? kMin : kMax};
  return {difference};
}

std::optional<Duration> parse_duration(std::string_view text) noexcept {
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    std::int64_t count = 0;
    // from_chars reads a sign; a duration has none.
    if (!is_digit(text.front())) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto letters = text.substr(0, std::min(text.size(), text.find_first_of("0123456789")));
    std::int64_t unit = 0;
    for (std::size_t i = 0; i < kReadableUnits; ++i) {
      if (kUnits[i].name == letters) unit = kUnits[i].ns;
    }
    if (unit == 0 || __builtin_mul_overflow(count, unit, &count) ||
        __builtin_add_overflow(total, count, &total)) {
      return std::nullopt;
    }
    text.remove_prefix(letters.size());
  }
  return Duration{total};
}

std::string format_duration(Duration d) {
  if (d.ns == 0) return "0s";
  std::string out;
  // Unsigned, because the smallest int64 has no positive counterpart.
  auto rest = static_cast<std::uint64_t>(d.ns);
  if (d.ns < 0) {
    out += '-';
    rest = 0 - rest;
  }
  for (const Unit& unit : kUnits) {
    const auto size = static_cast<std::uint64_t>(unit.ns);
    if (rest < size) continue;
    append_padded(out, rest / size, 1);
    out += unit.name;
    rest %= size;
  }
  return out;
}

std::optional<Timestamp> to_timestamp(const CivilTime& civil) noexcept {
  // The range of years keeps the day count far from overflow; what remains is checked below.
  if (civil.year < 1677 || civil.year > 2262 || civil.month < 1 || civil.month > 12 ||
      civil.day < 1 || civil.day > days_in_month(civil.year, civil.month) || civil.hour > 23 ||
      civil.minute > 59 || civil.second > 60 || civil.ns >= kNsPerSecond) {
    return std::nullopt;
  }
  std::int64_t seconds = days_from_civil(civil.year, civil.month, civil.day) * 86400 +
                         civil.hour * 3600 + civil.minute * 60 + civil.second;
  std::int64_t ns = civil.second == 60 ? 0 : civil.ns;
  if (seconds < 0) {
    // Borrowed, so that the first representable second does not overflow before its fraction is
    // added.
    seconds += 1;
    ns -= kNsPerSecond;
  }
  std::int64_t result = 0;
  if (__builtin_mul_overflow(seconds, kNsPerSecond, &result) ||
      __builtin_add_overflow(result, ns, &result)) {
    return std::nullopt;
  }
  return Timestamp{result};
}

CivilTime to_civil(Timestamp t) noexcept {
  CivilTime out;
  const std::int64_t days = floor_div(t.ns, kNsPerDay);
  civil_from_days(days, out);
  // Modulo first: days * kNsPerDay may lie before the first representable instant.
  const std::int64_t remainder = t.ns % kNsPerDay;
  const std::int64_t of_day = remainder < 0 ? remainder + kNsPerDay : remainder;
  out.hour = static_cast<unsigned>(of_day / kNsPerHour);
  out.minute = static_cast<unsigned>(of_day / kNsPerMinute % 60);
  out.second = static_cast<unsigned>(of_day / kNsPerSecond % 60);
  out.ns = static_cast<std::uint32_t>(of_day % kNsPerSecond);
  return out;
}

std::optional<Timestamp> parse_iso8601(std::string_view text, Duration assumed_offset) noexcept {
  Cursor in(text);
  CivilTime civil;
  unsigned year = 0;
  if (!in.digits(4, year) || !in.literal('-') || !in.digits(2, civil.month) || !in.literal('-') ||
      !in.digits(2, civil.day)) {
    return std::nullopt;
  }
  civil.year = year;
  Duration offset = assumed_offset;
  if (!in.at_end()) {
    if (!in.literal('T') && !in.literal('t') && !in.literal(' ')) return std::nullopt;
    if (!in.digits(2, civil.hour) || !in.literal(':') || !in.digits(2, civil.minute)) {
      return std::nullopt;
    }
    if (in.literal(':')) {
      if (!in.digits(2, civil.second)) return std::nullopt;
      if ((in.literal('.') || in.literal(',')) && !in.fraction(civil.ns)) return std::nullopt;
    }
    if (!in.at_end() && !read_offset(in, offset)) return std::nullopt;
    if (!in.at_end()) return std::nullopt;
  }
  const auto local = to_timestamp(civil);
  std::int64_t ns = 0;
  if (!local || __builtin_sub_overflow(local->ns, offset.ns, &ns)) return std::nullopt;
  return Timestamp{ns};
}

void append_iso8601(std::string& out, Timestamp t) {
  const CivilTime civil = to_civil(t);
  append_padded(out, static_cast<std::uint64_t>(civil.year), 4);
  out += '-';
  append_padded(out, civil.month, 2);
  out += '-';
  append_padded(out, civil.day, 2);
  out += 'T';
  append_padded(out, civil.hour, 2);
  out += ':';
  append_padded(out, civil.minute, 2);
  out += ':';
  append_padded(out, civil.second, 2);
  out += '.';
  if (civil.ns % 1'000'000 == 0) {
    append_padded(out, civil.ns / 1'000'000, 3);
  } else if (civil.ns % 1000 == 0) {
    append_padded(out, civil.ns / 1000, 6);
  } else {
    append_padded(out, civil.ns, 9);
  }
  out += 'Z';
}

std::string format_iso8601(Timestamp t) {
  std::string out;
  out.reserve(30);
  append_iso8601(out, t);
  return out;
}

int weekday(Timestamp t) noexcept {
  // The epoch was a Thursday.
  const std::int64_t from_monday = floor_div(t.ns, kNsPerDay) + 3;
  return static_cast<int>(from_monday - floor_div(from_monday, 7) * 7) + 1;
}

}  // namespace weir
