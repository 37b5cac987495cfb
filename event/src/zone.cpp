#include "weir/event/zone.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <limits>

namespace weir {
namespace {

constexpr std::int64_t kSecondsPerDay = 86400;
/// The largest zone file is below 4 KiB; nothing that claims to be one is read past this.
constexpr std::size_t kMaxZoneFileBytes = 1 << 20;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// "+02:00", "-0530", "+1". False where `text` is no offset.
bool parse_offset(std::string_view text, std::int64_t& seconds) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return false;
  std::string digits;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (is_digit(text[i])) {
      digits += text[i];
    } else if (text[i] != ':' || i + 3 != text.size()) {
      return false;
    }
  }
  if (digits.size() > 4 || digits.size() == 3) return false;
  if (digits.size() <= 2 && digits.size() + 1 != text.size()) return false;
  const int value = std::stoi(digits);
  const int hours = digits.size() <= 2 ? value : value / 100;
  const int minutes = digits.size() <= 2 ? 0 : value % 100;
  if (hours > 23 || minutes > 59) return false;
  seconds = hours * 3600 + minutes * 60;
  if (text[0] == '-') seconds = -seconds;
  return true;
}

/// A name that stays inside the zone folder.
bool is_zone_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() == '/' || name.find("..") != name.npos) {
    return false;
  }
  return std::all_of(name.begin(), name.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/' ||
           c == '_' || c == '-' || c == '+';
  });
}

Timestamp day_start(std::int64_t year, int month, int day) {
  CivilTime civil;
  civil.year = year;
  civil.month = static_cast<unsigned>(month);
  civil.day = static_cast<unsigned>(day);
  return to_timestamp(civil).value_or(Timestamp{});
}

/// Seconds of local time at which a change falls in `year`.
std::int64_t change_seconds(const ZoneChange& change, std::int64_t year) {
  const std::int64_t new_year = day_start(year, 1, 1).ns / kNsPerSecond;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  switch (change.kind) {
    case ZoneChange::Kind::kDayOfYear:
      return new_year + change.day * kSecondsPerDay + change.seconds;
    case ZoneChange::Kind::kJulian: {
      const int skipped = leap && change.day >= 60 ? 1 : 0;
      return new_year + (change.day - 1 + skipped) * kSecondsPerDay + change.seconds;
    }
    case ZoneChange::Kind::kMonthWeekDay:
      break;
  }
  const Timestamp first = day_start(year, change.month, 1);
  const int first_day = weekday(first) % 7;  // Sunday = 0
  int day = 1 + (change.day - first_day + 7) % 7 + (change.week - 1) * 7;
  const Timestamp next =
      change.month == 12 ? day_start(year + 1, 1, 1) : day_start(year, change.month + 1, 1);
  const auto length = static_cast<int>((next.ns - first.ns) / kNsPerDay);
  if (day > length) day -= 7;
  return first.ns / kNsPerSecond + (day - 1) * kSecondsPerDay + change.seconds;
}

std::int64_t rule_offset(const ZoneRule& rule, std::int64_t utc_seconds) {
  if (!rule.has_daylight) return rule.standard;
  const std::int64_t local = utc_seconds + rule.standard;
  // In 64-bit nanoseconds years run from 1677 to 2262; at the rims no rule is asked.
  constexpr std::int64_t kRim =
      std::numeric_limits<std::int64_t>::max() / kNsPerSecond - 366 * kSecondsPerDay;
  if (local > kRim || local < -kRim) return rule.standard;
  const std::int64_t year = to_civil({local * kNsPerSecond}).year;
  const std::int64_t start = change_seconds(rule.start, year) - rule.standard;
  const std::int64_t end = change_seconds(rule.end, year) - rule.daylight;
  const bool daylight = start < end ? utc_seconds >= start && utc_seconds < end
                                    : utc_seconds >= start || utc_seconds < end;
  return daylight ? rule.daylight : rule.standard;
}

}  // namespace

ZonePtr Zone::utc() {
  static const ZonePtr zone = std::make_shared<Zone>();
  return zone;
}

ZonePtr Zone::find(std::string_view name, std::string& error) {
  if (name == "UTC" || name == "Z") return utc();
  if (std::int64_t seconds = 0; parse_offset(name, seconds)) {
    auto zone = std::make_shared<Zone>();
    zone->offsets_ = {seconds};
    zone->rule_.standard = seconds;
    return zone;
  }
  if (!is_zone_name(name)) {
    error = "\"" + std::string(name) +
            "\" is no time zone: write a name such as Europe/Berlin, or an offset such as +02:00";
    return nullptr;
  }
  const char* folder = std::getenv("TZDIR");
  const std::string path =
      std::string(folder != nullptr ? folder : "/usr/share/zoneinfo") + "/" + std::string(name);
  std::ifstream file(path, std::ios::binary);
  std::string bytes;
  if (file) {
    bytes.resize(kMaxZoneFileBytes);
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  }
  ZonePtr zone = parse_tzif(bytes);
  if (zone == nullptr) error = "there is no time zone \"" + std::string(name) + "\"";
  return zone;
}

std::int64_t Zone::offset_seconds(std::int64_t utc_seconds) const noexcept {
  const auto after = std::upper_bound(changes_.begin(), changes_.end(), utc_seconds);
  if (after == changes_.end() && has_rule_) return rule_offset(rule_, utc_seconds);
  return offsets_[static_cast<std::size_t>(after - changes_.begin())];
}

Duration Zone::offset_at(Timestamp t) const noexcept {
  return {offset_seconds(floor_div(t.ns, kNsPerSecond)) * kNsPerSecond};
}

Timestamp Zone::to_utc(Timestamp local) const noexcept {
  // Two changes are never within a day of each other, so the offsets a day before and a day after
  // are the only two that can hold.
  const Duration before = offset_at(local - Duration{kNsPerDay});
  const Duration after = offset_at(local + Duration{kNsPerDay});
  const Timestamp first = local - before;
  if (offset_at(first) == before) return first;
  const Timestamp second = local - after;
  return offset_at(second) == after ? second : first;
}

}  // namespace weir
