// A strptime of our own: the system's depends on the locale, knows no fractions and no offsets, and
// does not say what it left unread.

#include <algorithm>
#include <array>
#include <charconv>

#include "weir/connectors/time_reader.hpp"

namespace weir::connectors {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};
constexpr std::array<std::string_view, 7> kDays = {"monday", "tuesday",  "wednesday", "thursday",
                                                   "friday", "saturday", "sunday"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

class Reader {
 public:
  Reader(std::string_view text, BrokenTime& out) : rest_(text), out_(out) {}

  bool run(std::string_view format) {
    if (!part(format) || !rest_.empty()) return false;
    if (twelve_hours_) {
      if (out_.civil.hour < 1 || out_.civil.hour > 12) return false;
      out_.civil.hour = out_.civil.hour % 12 + (afternoon_ ? 12 : 0);
    }
    return day_of_year_ == 0 || apply_day_of_year();
  }

 private:
  bool part(std::string_view format) {
    for (std::size_t i = 0; i < format.size(); ++i) {
      if (is_space(format[i])) {
        skip_space();
      } else if (format[i] != '%') {
        if (!literal(format[i])) return false;
      } else if (++i == format.size() || !conversion(format[i])) {
        return false;
      }
    }
    return true;
  }

  bool conversion(char c) {
    CivilTime& civil = out_.civil;
    switch (c) {
      case 'Y':
        return year(4, 0);
      case 'y':
        return year(2, 1900);
      case 'm':
        return number(2, civil.month);
      case 'd':
      case 'e':
        skip_space();
        return number(2, civil.day);
      case 'j':
        return number(3, day_of_year_) && day_of_year_ >= 1;
      case 'I':
        twelve_hours_ = true;
        [[fallthrough]];
      case 'H':
      case 'k':
      case 'l':
        skip_space();
        return number(2, civil.hour);
      case 'M':
        return number(2, civil.minute);
      case 'S':
        return number(2, civil.second);
      case 'f':
        return fraction();
      case 'p':
        return meridiem();
      case 'b':
      case 'B':
      case 'h':
        return name(kMonths, civil.month);
      case 'a':
      case 'A': {
        unsigned ignored = 0;
        return name(kDays, ignored);
      }
      case 'z':
        return offset();
      case 'Z':
        return zone_name();
      case 's':
        return epoch();
      case 'T':
        return part("%H:%M:%S");
      case 'R':
        return part("%H:%M");
      case 'D':
        return part("%m/%d/%y");
      case 'F':
        return part("%Y-%m-%d");
      case 'n':
      case 't':
        skip_space();
        return true;
      case '%':
        return literal('%');
      default:
        return false;
    }
  }

  void skip_space() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
  }
  bool literal(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// One to `width` digits.
  bool number(std::size_t width, unsigned& out) {
    std::size_t n = 0;
    out = 0;
    for (; n < width && n < rest_.size() && is_digit(rest_[n]); ++n) {
      out = out * 10 + static_cast<unsigned>(rest_[n] - '0');
    }
    rest_.remove_prefix(n);
    return n > 0;
  }
  bool year(std::size_t width, std::int64_t century) {
    unsigned value = 0;
    if (!number(width, value)) return false;
    // Two digits: 69 to 99 are of the last century (POSIX).
    out_.year = century + value + (century > 0 && value < 69 ? 100 : 0);
    return true;
  }
  bool fraction() {
    std::uint32_t unit = 100'000'000;
    std::size_t n = 0;
    out_.civil.ns = 0;
    for (; n < rest_.size() && is_digit(rest_[n]); ++n, unit /= 10) {
      out_.civil.ns += static_cast<std::uint32_t>(rest_[n] - '0') * unit;
    }
    rest_.remove_prefix(n);
    return n > 0;
  }
  bool word(std::string_view expected) {
    if (rest_.size() < expected.size()) return false;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (lower(rest_[i]) != expected[i]) return false;
    }
    rest_.remove_prefix(expected.size());
    return true;
  }
  bool meridiem() {
    afternoon_ = word("pm");
    return afternoon_ || word("am");
  }
  /// A name in full or its first three letters.
  template <std::size_t N>
  bool name(const std::array<std::string_view, N>& names, unsigned& out) {
    for (std::size_t i = 0; i < N; ++i) {
      if (word(names[i]) || word(names[i].substr(0, 3))) {
        out = static_cast<unsigned>(i + 1);
        return true;
      }
    }
    return false;
  }
  /// "+0100", "+01:00", "+01", "Z".
  bool offset() {
    out_.has_zone = true;
    if (word("z")) return true;
    const bool negative = !rest_.empty() && rest_.front() == '-';
    if (!negative && (rest_.empty() || rest_.front() != '+')) return false;
    rest_.remove_prefix(1);
    unsigned hours = 0;
    unsigned minutes = 0;
    const std::size_t before = rest_.size();
    if (!number(2, hours) || before - rest_.size() != 2) return false;
    const bool colon = literal(':');
    if (!rest_.empty() && is_digit(rest_.front())) {
      const std::size_t left = rest_.size();
      if (!number(2, minutes) || left - rest_.size() != 2) return false;
    } else if (colon) {
      return false;
    }
    if (hours > 23 || minutes > 59) return false;
    const std::int64_t ns = hours * kNsPerHour + minutes * kNsPerMinute;
    out_.offset.ns = negative ? -ns : ns;
    return true;
  }
  bool zone_name() {
    out_.has_zone = true;
    return word("utc") || word("gmt") || word("z");
  }
  bool epoch() {
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), seconds);
    if (error != std::errc()) return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    out_.epoch_seconds = seconds;
    return true;
  }
  bool apply_day_of_year() {
    CivilTime first;
    first.year = out_.year.value_or(1970);
    const auto new_year = to_timestamp(first);
    if (!new_year) return true;  // outside of time: the caller says so
    const CivilTime day = to_civil(*new_year + Duration{(day_of_year_ - 1) * kNsPerDay});
    if (day.year != first.year) return false;
    out_.civil.month = day.month;
    out_.civil.day = day.day;
    return true;
  }

  std::string_view rest_;
  BrokenTime& out_;
  bool twelve_hours_ = false;
  bool afternoon_ = false;
  unsigned day_of_year_ = 0;
};

}  // namespace

bool parse_strptime(std::string_view text, std::string_view format, BrokenTime& out) {
  out = {};
  return Reader(text, out).run(format);
}

}  // namespace weir::connectors
