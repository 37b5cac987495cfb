// POSIX TZ rules (POSIX.1-2017, 8.3; RFC 8536, 3.3.1 adds hours outside of 0..24).
#include "zones_rule.hpp"

#include <array>
#include <cctype>

namespace weir::nfa {
namespace {

constexpr std::int64_t kDay = 86400;

class RuleParser {
 public:
  explicit RuleParser(std::string_view text) : text_(text) {}

  std::optional<ZoneRule> parse() {
    ZoneRule rule;
    name();
    rule.standard = -clock();
    if (!good_) return std::nullopt;
    if (text_.empty()) return rule;
    rule.has_summer = true;
    name();
    rule.summer = rule.standard + 3600;
    if (!text_.empty() && text_.front() != ',') rule.summer = -clock();
    rule.begin = date();
    rule.end = date();
    return good_ && text_.empty() ? std::optional(rule) : std::nullopt;
  }

 private:
  bool take(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  void name() {
    if (take('<')) {
      const std::size_t end = text_.find('>');
      good_ = good_ && end != std::string_view::npos;
      text_.remove_prefix(good_ ? end + 1 : text_.size());
      return;
    }
    std::size_t n = 0;
    while (n < text_.size() && std::isalpha(static_cast<unsigned char>(text_[n])) != 0) ++n;
    good_ = good_ && n >= 3;
    text_.remove_prefix(n);
  }

  int number() {
    std::size_t n = 0;
    int value = 0;
    while (n < text_.size() && n < 4 && std::isdigit(static_cast<unsigned char>(text_[n])) != 0) {
      value = value * 10 + (text_[n] - '0');
      ++n;
    }
    good_ = good_ && n > 0;
    text_.remove_prefix(n);
    return value;
  }

  /// [+-]hh[:mm[:ss]] in seconds.
  std::int64_t clock() {
    const bool minus = take('-');
    if (!minus) take('+');
    std::int64_t seconds = std::int64_t{3600} * number();
    if (take(':')) seconds += 60 * number();
    if (take(':')) seconds += number();
    return minus ? -seconds : seconds;
  }

  ZoneRule::Date date() {
    ZoneRule::Date d;
    good_ = good_ && take(',');
    if (take('M')) {
      d.month = number();
      good_ = good_ && take('.');
      d.week = number();
      good_ = good_ && take('.');
      d.day = number();
      good_ = good_ && d.month >= 1 && d.month <= 12 && d.week >= 1 && d.week <= 5 && d.day <= 6;
    } else {
      d.kind = take('J') ? ZoneRule::Date::Kind::kJulian : ZoneRule::Date::Kind::kDayOfYear;
      d.day = number();
      good_ = good_ && d.day <= 365;
    }
    if (take('/')) d.time = clock();
    return d;
  }

  std::string_view text_;
  bool good_ = true;
};

bool is_leap(std::int64_t year) noexcept {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/// Days from the epoch to the first of January.
std::int64_t days_to_year(std::int64_t year) noexcept {
  const std::int64_t y = year - 1;
  return y * 365 + y / 4 - y / 100 + y / 400 - 719162;
}

/// Days from the epoch to the day that the rule names in `year`.
std::int64_t day_of(const ZoneRule::Date& d, std::int64_t year) noexcept {
  constexpr std::array<int, 13> kBefore{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
  const std::int64_t january = days_to_year(year);
  if (d.kind == ZoneRule::Date::Kind::kDayOfYear) return january + d.day;
  if (d.kind == ZoneRule::Date::Kind::kJulian) {
    return january + d.day - 1 + (d.day > 59 && is_leap(year) ? 1 : 0);
  }
  const auto month = static_cast<std::size_t>(d.month);
  const std::int64_t leap = d.month > 2 && is_leap(year) ? 1 : 0;
  const std::int64_t first = january + kBefore[month - 1] + leap;
  const int length = kBefore[month] - kBefore[month - 1] + (d.month == 2 && is_leap(year) ? 1 : 0);
  // The epoch was a Thursday (4, with Sunday = 0).
  const std::int64_t weekday = ((first + 4) % 7 + 7) % 7;
  std::int64_t day = (d.day - weekday + 7) % 7 + (d.week - 1) * 7;
  if (day >= length) day -= 7;
  return first + day;
}

/// Good for the years of a 64-bit Timestamp (1677 to 2262).
std::int64_t year_of(std::int64_t seconds) noexcept {
  const std::int64_t days = seconds / kDay - (seconds % kDay < 0 ? 1 : 0);
  std::int64_t year = 1970 + days / 366 - 1;
  while (days_to_year(year + 1) <= days) ++year;
  return year;
}

}  // namespace

std::optional<ZoneRule> parse_zone_rule(std::string_view text) {
  return RuleParser(text).parse();
}

std::int64_t rule_offset(const ZoneRule& rule, std::int64_t seconds) noexcept {
  if (!rule.has_summer) return rule.standard;
  const std::int64_t year = year_of(seconds + rule.standard);
  const std::int64_t begin = day_of(rule.begin, year) * kDay + rule.begin.time - rule.standard;
  const std::int64_t end = day_of(rule.end, year) * kDay + rule.end.time - rule.summer;
  // South of the equator summer time spans the turn of the year.
  const bool summer =
      begin < end ? seconds >= begin && seconds < end : !(seconds >= end && seconds < begin);
  return summer ? rule.summer : rule.standard;
}

}  // namespace weir::nfa
