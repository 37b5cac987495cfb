#include "weir/connectors/time_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "time/utc_time.hpp"

namespace weir::connectors {
namespace {

constexpr std::string_view kAccessLogFormat = "%d/%b/%Y:%H:%M:%S %z";
constexpr std::string_view kSyslogFormat = "%b %e %H:%M:%S";
/// Longest text that is tried; no format of a time is near it.
constexpr std::size_t kMaxTimeText = 128;

TimeResult fault(RejectReason reason) {
  return {{}, reason};
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// A decimal number without an exponent.
bool is_decimal(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t dot = text.find('.');
  return is_digits(text.substr(0, dot)) && (dot == text.npos || is_digits(text.substr(dot + 1)));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Whether an ISO 8601 text that is well-formed says its offset.
bool has_offset(std::string_view iso) {
  constexpr std::size_t kDate = 10;
  return iso.size() > kDate && iso.find_first_of("Zz+-", kDate) != iso.npos;
}

/// The same text in a year that is always representable and leap where its own is: what is wrong
/// with a text that reads then is only how far off it lies.
bool reads_in_another_year(std::string_view iso) {
  int year = 0;
  if (iso.size() < 10 || !is_digits(iso.substr(0, 4))) return false;
  std::from_chars(iso.data(), iso.data() + 4, year);
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  std::string other(iso);
  other.replace(0, 4, leap ? "2000" : "2001");
  return weir::parse_iso8601(other).has_value();
}

/// Nanoseconds in one unit of a decimal number, told by the digits of its whole part.
std::int64_t unit_by_size(std::size_t digits) {
  if (digits <= 11) return kNsPerSecond;
  if (digits <= 14) return kNsPerMs;
  return digits <= 17 ? 1000 : 1;
}

/// `text` units of `unit` nanoseconds (0: told by the size), exact to the nanosecond.
TimeResult scale(std::string_view text, std::int64_t unit) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t dot = text.find('.');
  const std::string_view whole = text.substr(0, dot);
  if (unit == 0) {
    unit = unit_by_size(whole.size() - std::min(whole.find_first_not_of('0'), whole.size()));
  }
  std::uint64_t units = 0;
  const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), units);
  if (error == std::errc::result_out_of_range) return fault(RejectReason::kTimeOutOfRange);
  if (error != std::errc() || end != whole.data() + whole.size())
    return fault(RejectReason::kBadTime);
  std::int64_t part = 0;
  if (dot != text.npos) {
    std::int64_t weight = unit / 10;
    for (const char c : text.substr(dot + 1)) {
      part += (c - '0') * weight;
      weight /= 10;
    }
  }
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(units, unit, &ns) || __builtin_add_overflow(ns, part, &ns)) {
    return fault(RejectReason::kTimeOutOfRange);
  }
  return {{negative ? -ns : ns}, RejectReason::kNone};
}

/// The same of a whole number.
TimeResult scale(std::int64_t units, std::int64_t unit) {
  if (unit == 0) {
    std::size_t digits = 0;
    for (std::int64_t rest = units; rest != 0; rest /= 10) ++digits;
    unit = unit_by_size(digits);
  }
  std::int64_t ns = 0;
  // The least of 64 bits has no counterpart above zero; as a text it is out of range, too.
  if (units == std::numeric_limits<std::int64_t>::min() ||
      __builtin_mul_overflow(units, unit, &ns)) {
    return fault(RejectReason::kTimeOutOfRange);
  }
  return {{ns}, RejectReason::kNone};
}

std::int64_t unit_of(TimeFormat format) {
  switch (format) {
    case TimeFormat::kEpochSeconds:
      return kNsPerSecond;
    case TimeFormat::kEpochMs:
      return kNsPerMs;
    case TimeFormat::kEpochUs:
      return 1000;
    case TimeFormat::kEpochNs:
      return 1;
    case TimeFormat::kAuto:
    case TimeFormat::kIso8601:
    case TimeFormat::kStrptime:
      break;
  }
  return 0;
}

}  // namespace

bool parse_time_format(std::string_view text, TimeOptions& options, std::string& error) {
  static constexpr std::array<std::pair<std::string_view, TimeFormat>, 6> kNames = {{
      {"auto", TimeFormat::kAuto},
      {"iso8601", TimeFormat::kIso8601},
      {"epoch_s", TimeFormat::kEpochSeconds},
      {"epoch_ms", TimeFormat::kEpochMs},
      {"epoch_us", TimeFormat::kEpochUs},
      {"epoch_ns", TimeFormat::kEpochNs},
  }};
  constexpr std::string_view kPrefix = "strptime:";
  for (const auto& [name, format] : kNames) {
    if (text == name) {
      options.format = format;
      return true;
    }
  }
  if (text.starts_with(kPrefix) && text.size() > kPrefix.size()) {
    options.format = TimeFormat::kStrptime;
    options.strptime = text.substr(kPrefix.size());
    return true;
  }
  error = "\"" + std::string(text) +
          "\" is no time format: write auto, iso8601, epoch_s, epoch_ms, epoch_us, epoch_ns, or "
          "strptime: and a format such as strptime:%d/%b/%Y %H:%M:%S";
  return false;
}

TimeReader::TimeReader(TimeOptions options) : options_(std::move(options)) {
  if (options_.zone == nullptr) options_.zone = Zone::utc();
}

TimeResult TimeReader::read(const Value& value) const {
  switch (value.type()) {
    case ValueType::kNull:
      return fault(RejectReason::kMissingTime);
    case ValueType::kTimestamp:
      return {value.as_timestamp(), RejectReason::kNone};
    case ValueType::kString:
      return read_text(value.as_string());
    case ValueType::kInt:
      if (options_.format == TimeFormat::kIso8601 || options_.format == TimeFormat::kStrptime) {
        return read_number(std::to_string(value.as_int()));
      }
      return scale(value.as_int(), unit_of(options_.format));
    case ValueType::kFloat: {
      // The shortest text that reads back is what the log wrote, up to 15 digits and mostly 17.
      std::array<char, 512> buffer{};
      const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value.as_float(),
                                     std::chars_format::fixed)
                           .ptr;
      return read_number({buffer.data(), static_cast<std::size_t>(end - buffer.data())});
    }
    case ValueType::kBool:
    case ValueType::kDuration:
    case ValueType::kList:
      break;
  }
  return fault(RejectReason::kBadTime);
}

TimeResult TimeReader::read_number(std::string_view digits) const {
  if (options_.format == TimeFormat::kStrptime) return read_strptime(digits, options_.strptime);
  if (options_.format == TimeFormat::kIso8601 || !is_decimal(digits)) {
    return fault(RejectReason::kBadTime);
  }
  return scale(digits, unit_of(options_.format));
}

TimeResult TimeReader::read_text(std::string_view text) const {
  if (options_.format == TimeFormat::kAuto || options_.format == TimeFormat::kIso8601) {
    Timestamp utc;
    if (read_utc_time(text, utc)) return {utc, RejectReason::kNone};
  }
  text = trimmed(text);
  if (text.empty()) return fault(RejectReason::kMissingTime);
  if (text.size() > kMaxTimeText) return fault(RejectReason::kBadTime);
  switch (options_.format) {
    case TimeFormat::kStrptime:
      return read_strptime(text, options_.strptime);
    case TimeFormat::kIso8601:
      return read_iso8601(text);
    case TimeFormat::kEpochSeconds:
    case TimeFormat::kEpochMs:
    case TimeFormat::kEpochUs:
    case TimeFormat::kEpochNs:
      return read_number(text);
    case TimeFormat::kAuto:
      break;
  }
  if (is_decimal(text)) return read_number(text);
  const TimeResult iso = read_iso8601(text);
  if (iso.fault != RejectReason::kBadTime) return iso;
  const TimeResult access = read_strptime(text, kAccessLogFormat);
  return access.fault != RejectReason::kBadTime ? access : read_strptime(text, kSyslogFormat);
}

TimeResult TimeReader::read_iso8601(std::string_view text) const {
  const auto time = weir::parse_iso8601(text);
  if (!time) {
    return fault(reads_in_another_year(text) ? RejectReason::kTimeOutOfRange
                                             : RejectReason::kBadTime);
  }
  return has_offset(text) ? TimeResult{*time, RejectReason::kNone} : local(*time);
}

TimeResult TimeReader::read_strptime(std::string_view text, std::string_view format) const {
  BrokenTime broken;
  if (!parse_strptime(text, format, broken)) return fault(RejectReason::kBadTime);
  if (broken.epoch_seconds) {
    std::int64_t ns = 0;
    if (__builtin_mul_overflow(*broken.epoch_seconds, kNsPerSecond, &ns) ||
        __builtin_add_overflow(ns, broken.civil.ns, &ns)) {
      return fault(RejectReason::kTimeOutOfRange);
    }
    return {{ns}, RejectReason::kNone};
  }
  broken.civil.year = broken.year.value_or(options_.default_year);
  const auto time = to_timestamp(broken.civil);
  if (!time) {
    const std::int64_t year = broken.civil.year;
    broken.civil.year = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 2000 : 2001;
    return fault(to_timestamp(broken.civil) ? RejectReason::kTimeOutOfRange
                                            : RejectReason::kBadTime);
  }
  if (!broken.has_zone) return local(*time);
  std::int64_t ns = 0;
  if (__builtin_sub_overflow(time->ns, broken.offset.ns, &ns)) {
    return fault(RejectReason::kTimeOutOfRange);
  }
  return {{ns}, RejectReason::kNone};
}

TimeResult TimeReader::local(Timestamp time) const {
  if (options_.zone->is_utc()) return {time, RejectReason::kNone};
  const Timestamp utc = options_.zone->to_utc(time);
  if (utc == Timestamp::min() || utc == Timestamp::max()) {
    return fault(RejectReason::kTimeOutOfRange);
  }
  return {utc, RejectReason::kNone};
}

std::size_t leading_timestamp(std::string_view line) noexcept {
  // Longest first: "2026-01-01 00:00:05.123456789 +01:00" is no ISO 8601, its first two words are.
  if (line.size() < 10 || !is_digit(line.front())) return 0;
  const std::string_view head = line.substr(0, kMaxTimeText);
  const std::size_t first = std::min(head.find_first_of(" \t"), head.size());
  const std::size_t second =
      first == head.size() ? first : std::min(head.find_first_of(" \t", first + 1), head.size());
  for (const std::size_t size : {second, first}) {
    const std::string_view text = head.substr(0, size);
    if (weir::parse_iso8601(text) || reads_in_another_year(text)) return size;
  }
  return 0;
}

}  // namespace weir::connectors
