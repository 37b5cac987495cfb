// TZif files and what a zone's offset is at an instant.
#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <optional>

#include "weir/nfa/zone.hpp"
#include "zones_rule.hpp"

namespace weir::nfa {
namespace {

constexpr std::string_view kFolder = "/usr/share/zoneinfo/";
/// No real file comes near it.
constexpr std::size_t kMaxZoneFile = 256 * 1024;

/// Big-endian numbers out of bytes; reads past the end give zero and are remembered.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  bool good() const noexcept { return good_; }
  std::string_view take(std::size_t n) {
    if (n > bytes_.size()) {
      good_ = false;
      bytes_ = {};
      return {};
    }
    const std::string_view head = bytes_.substr(0, n);
    bytes_.remove_prefix(n);
    return head;
  }
  std::uint8_t byte() {
    const auto b = take(1);
    return b.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(b[0]);
  }
  std::int64_t big_endian(unsigned width) {
    std::uint64_t v = 0;
    for (unsigned i = 0; i < width; ++i) v = (v << 8) | byte();
    return width == 4 ? static_cast<std::int32_t>(static_cast<std::uint32_t>(v))
                      : static_cast<std::int64_t>(v);
  }
  std::string_view rest() const noexcept { return bytes_; }

 private:
  std::string_view bytes_;
  bool good_ = true;
};

struct Header {
  char version = 0;
  std::size_t ut_indicators = 0, standard_indicators = 0, leaps = 0, times = 0, types = 0,
              chars = 0;

  std::size_t data_size(std::size_t width) const noexcept {
    return times * (width + 1) + types * 6 + chars + leaps * (width + 4) + standard_indicators +
           ut_indicators;
  }
};

std::optional<Header> read_header(Reader& in) {
  if (in.take(4) != "TZif") return std::nullopt;
  Header h;
  h.version = static_cast<char>(in.byte());
  in.take(15);
  for (std::size_t* count :
       {&h.ut_indicators, &h.standard_indicators, &h.leaps, &h.times, &h.types, &h.chars}) {
    const std::int64_t n = in.big_endian(4);
    if (n < 0 || static_cast<std::size_t>(n) > kMaxZoneFile) return std::nullopt;
    *count = static_cast<std::size_t>(n);
  }
  return in.good() ? std::optional(h) : std::nullopt;
}

bool is_zone_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() == '/' || name.back() == '/') return false;
  if (name.find("..") != std::string_view::npos) return false;
  return std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '/' || c == '_' || c == '-' || c == '+';
  });
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) noexcept {
  return a / b - (a % b < 0 ? 1 : 0);
}

std::int64_t seconds_of(Timestamp t) noexcept {
  return floor_div(t.ns, kNsPerSecond);
}

}  // namespace

std::shared_ptr<const Zone> Zone::load(std::string_view name) {
  if (name == "UTC" || name == "Etc/UTC" || name == "Z") {
    auto zone = std::make_shared<Zone>();
    zone->name_ = "UTC";
    zone->offsets_ = {0};
    return zone;
  }
  if (!is_zone_name(name)) return nullptr;
  std::ifstream file(std::string(kFolder) + std::string(name), std::ios::binary);
  if (!file) return nullptr;
  std::string bytes(kMaxZoneFile, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return parse(name, bytes);
}

std::shared_ptr<const Zone> Zone::parse(std::string_view name, std::string_view bytes) {
  Reader in(bytes);
  auto header = read_header(in);
  if (!header) return nullptr;
  unsigned width = 4;
  if (header->version >= '2') {
    // The first block is for readers of 32 bits; all of it comes again.
    in.take(header->data_size(4));
    header = read_header(in);
    if (!header) return nullptr;
    width = 8;
  }
  auto zone = std::make_shared<Zone>();
  zone->name_ = name;
  for (std::size_t i = 0; i < header->times; ++i) zone->changes_.push_back(in.big_endian(width));
  std::vector<std::uint8_t> kinds;
  for (std::size_t i = 0; i < header->times; ++i) kinds.push_back(in.byte());
  std::vector<std::int64_t> type_offsets;
  for (std::size_t i = 0; i < header->types; ++i) {
    type_offsets.push_back(in.big_endian(4));
    in.take(2);
  }
  in.take(header->chars + header->leaps * (width + std::size_t{4}) + header->standard_indicators +
          header->ut_indicators);
  if (!in.good() || type_offsets.empty()) return nullptr;
  if (!std::is_sorted(zone->changes_.begin(), zone->changes_.end())) return nullptr;
  zone->offsets_.push_back(type_offsets[0]);
  for (const std::uint8_t kind : kinds) {
    if (kind >= type_offsets.size()) return nullptr;
    zone->offsets_.push_back(type_offsets[kind]);
  }
  if (width == 8) {
    in.take(1);  // a newline on either side
    const std::string_view rest = in.rest();
    if (const auto rule = parse_zone_rule(rest.substr(0, rest.find('\n')))) {
      zone->rule_ = *rule;
      zone->has_rule_ = true;
    }
  }
  return zone;
}

std::int64_t Zone::offset_at_seconds(std::int64_t seconds) const noexcept {
  const auto after = std::upper_bound(changes_.begin(), changes_.end(), seconds);
  if (after == changes_.end() && has_rule_) return rule_offset(rule_, seconds);
  return offsets_[static_cast<std::size_t>(after - changes_.begin())];
}

std::int64_t Zone::offset_at(Timestamp t) const noexcept {
  return offset_at_seconds(seconds_of(t));
}

Timestamp Zone::from_local(Timestamp local) const noexcept {
  // Offsets a day before and after bracket any change close by; both are tried, the earlier instant
  // (the larger offset) first.
  const std::int64_t seconds = seconds_of(local);
  const std::int64_t before = offset_at_seconds(seconds - 86400);
  const std::int64_t after = offset_at_seconds(seconds + 86400);
  const std::int64_t larger = std::max(before, after);
  const std::int64_t smaller = std::min(before, after);
  for (const std::int64_t offset : {larger, smaller}) {
    if (offset_at_seconds(seconds - offset) == offset) {
      return local - Duration{offset * kNsPerSecond};
    }
  }
  return local - Duration{before * kNsPerSecond};
}

std::vector<std::string> zone_names() {
  // tzdata.zi: lines "Z name ..." define zones, "L target name" gives them other names.
  std::vector<std::string> names;
  std::ifstream file(std::string(kFolder) + "tzdata.zi");
  std::string line;
  while (std::getline(file, line)) {
    if (line.size() < 2 || line[1] != ' ' || (line[0] != 'Z' && line[0] != 'L')) continue;
    std::size_t begin = 2;
    if (line[0] == 'L') begin = line.find(' ', 2) + 1;
    if (begin == 0) continue;
    names.push_back(line.substr(begin, line.find(' ', begin) - begin));
  }
  std::sort(names.begin(), names.end());
  return names;
}

int hour_at(Timestamp t, std::int64_t offset) noexcept {
  const std::int64_t seconds = seconds_of(t) + offset;
  return static_cast<int>((seconds - floor_div(seconds, 86400) * 86400) / 3600);
}

int weekday_at(Timestamp t, std::int64_t offset) noexcept {
  const std::int64_t day = floor_div(seconds_of(t) + offset, 86400);
  // The epoch was a Thursday.
  return static_cast<int>(((day + 3) % 7 + 7) % 7) + 1;
}

}  // namespace weir::nfa
