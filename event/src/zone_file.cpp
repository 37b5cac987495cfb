// TZif files (RFC 8536) and the POSIX TZ string at their end.
//
// Layout: a header of 44 bytes ("TZif", version, 15 reserved, six counts of 32 bits, big-endian),
// the data block with 32-bit times; from version 2 on a second header and block with 64-bit times,
// then a newline, the TZ string, a newline. Of the counts: [0] isutc, [1] isstd, [2] leap, [3]
// transitions, [4] local time types, [5] bytes of abbreviations.

#include <array>
#include <charconv>

#include "weir/event/zone.hpp"

namespace weir {
namespace {

constexpr std::size_t kHeaderBytes = 44;
/// Offsets further from UTC than this are no offsets (RFC 8536 allows a day and a bit).
constexpr std::int64_t kMaxOffsetSeconds = 26 * 3600;

std::uint64_t read_big_endian(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

struct Header {
  char version = 0;
  std::array<std::size_t, 6> counts{};

  bool read(std::string_view bytes, std::size_t at) {
    if (bytes.size() < at + kHeaderBytes || bytes.substr(at, 4) != "TZif") return false;
    version = bytes[at + 4];
    for (std::size_t i = 0; i < 6; ++i) counts[i] = read_big_endian(bytes, at + 20 + 4 * i, 4);
    return true;
  }
  std::size_t block_bytes(std::size_t time_width) const {
    return counts[3] * (time_width + 1) + counts[4] * 6 + counts[5] + counts[2] * (time_width + 4) +
           counts[1] + counts[0];
  }
};

/// Reads the parts of a POSIX TZ string from the left.
class TzText {
 public:
  explicit TzText(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool literal(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// "CET" or "<+0330>".
  bool abbreviation() {
    if (literal('<')) {
      const std::size_t end = rest_.find('>');
      if (end == rest_.npos) return false;
      rest_.remove_prefix(end + 1);
      return true;
    }
    std::size_t n = 0;
    while (n < rest_.size() && ((rest_[n] | 0x20) >= 'a' && (rest_[n] | 0x20) <= 'z')) ++n;
    rest_.remove_prefix(n);
    return n >= 3;
  }
  bool number(int& out) {
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
    if (error != std::errc() || out < 0) return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return true;
  }
  /// "[+-]h[:mm[:ss]]" as seconds.
  bool clock(std::int64_t& seconds) {
    const bool negative = literal('-');
    if (!negative) literal('+');
    int hours = 0;
    int minutes = 0;
    int secs = 0;
    if (!number(hours) || hours > 167) return false;
    if (literal(':') && (!number(minutes) || minutes > 59)) return false;
    if (literal(':') && (!number(secs) || secs > 59)) return false;
    seconds = hours * 3600 + minutes * 60 + secs;
    if (negative) seconds = -seconds;
    return true;
  }
  bool change(ZoneChange& out) {
    if (literal('M')) {
      out.kind = ZoneChange::Kind::kMonthWeekDay;
      if (!number(out.month) || !literal('.') || !number(out.week) || !literal('.') ||
          !number(out.day))
        return false;
      if (out.month < 1 || out.month > 12 || out.week < 1 || out.week > 5 || out.day > 6)
        return false;
    } else {
      out.kind = literal('J') ? ZoneChange::Kind::kJulian : ZoneChange::Kind::kDayOfYear;
      if (!number(out.day) || out.day > 365) return false;
      if (out.kind == ZoneChange::Kind::kJulian && out.day < 1) return false;
    }
    return !literal('/') || clock(out.seconds);
  }

 private:
  std::string_view rest_;
};

}  // namespace

bool parse_posix_tz(std::string_view text, ZoneRule& rule) {
  TzText in(text);
  // POSIX counts offsets west of Greenwich as positive.
  if (!in.abbreviation() || !in.clock(rule.standard)) return false;
  rule.standard = -rule.standard;
  rule.has_daylight = false;
  if (in.at_end()) return true;
  if (!in.abbreviation()) return false;
  rule.daylight = rule.standard + 3600;
  if (!in.literal(',')) {
    if (!in.clock(rule.daylight)) return false;
    rule.daylight = -rule.daylight;
    if (!in.literal(',')) return false;
  }
  if (!in.change(rule.start) || !in.literal(',') || !in.change(rule.end)) return false;
  rule.has_daylight = true;
  return in.at_end();
}

ZonePtr parse_tzif(std::string_view bytes) {
  Header header;
  if (!header.read(bytes, 0)) return nullptr;
  std::size_t at = kHeaderBytes;
  std::size_t width = 4;
  if (header.version >= '2') {
    const std::size_t second = at + header.block_bytes(4);
    if (!header.read(bytes, second)) return nullptr;
    at = second + kHeaderBytes;
    width = 8;
  }
  const std::size_t transitions = header.counts[3];
  const std::size_t types = header.counts[4];
  const std::size_t block = header.block_bytes(width);
  if (types == 0 || bytes.size() < at || bytes.size() - at < block) return nullptr;

  const std::size_t index_at = at + transitions * width;
  const std::size_t type_at = index_at + transitions;
  const auto offset_of = [&](std::size_t type) {
    return static_cast<std::int64_t>(
        static_cast<std::int32_t>(read_big_endian(bytes, type_at + type * 6, 4)));
  };
  auto zone = std::make_shared<Zone>();
  zone->offsets_ = {offset_of(0)};
  for (std::size_t i = 0; i < transitions; ++i) {
    const std::uint64_t raw = read_big_endian(bytes, at + i * width, width);
    const std::int64_t when = width == 8
                                  ? static_cast<std::int64_t>(raw)
                                  : static_cast<std::int32_t>(static_cast<std::uint32_t>(raw));
    const auto type = static_cast<unsigned char>(bytes[index_at + i]);
    if (type >= types) return nullptr;
    if (!zone->changes_.empty() && when <= zone->changes_.back()) return nullptr;
    zone->changes_.push_back(when);
    zone->offsets_.push_back(offset_of(type));
  }
  for (const std::int64_t offset : zone->offsets_) {
    if (offset > kMaxOffsetSeconds || offset < -kMaxOffsetSeconds) return nullptr;
  }
  std::string_view footer = width == 8 ? bytes.substr(at + block) : std::string_view{};
  if (footer.size() >= 2 && footer.front() == '\n')
    footer = footer.substr(1, footer.find('\n', 1) - 1);
  zone->has_rule_ = parse_posix_tz(footer, zone->rule_);
  return zone;
}

}  // namespace weir
