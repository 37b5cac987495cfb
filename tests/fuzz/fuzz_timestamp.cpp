// Times: every format on any text, zones from any bytes; what is read and written reads the same.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "weir/connectors/event_line.hpp"
#include "weir/connectors/time_reader.hpp"
#include "weir/event/zone.hpp"

namespace weir::connectors {
namespace {

void run(std::string_view text) {
  static const TimeReader readers[] = {
      TimeReader({TimeFormat::kAuto, {}, {}, 1970}),
      TimeReader({TimeFormat::kIso8601, {}, {}, 1970}),
      TimeReader({TimeFormat::kEpochSeconds, {}, {}, 1970}),
      TimeReader({TimeFormat::kEpochMs, {}, {}, 1970}),
      TimeReader({TimeFormat::kEpochUs, {}, {}, 1970}),
      TimeReader({TimeFormat::kEpochNs, {}, {}, 1970}),
      TimeReader({TimeFormat::kStrptime, "%d/%b/%Y:%H:%M:%S.%f %z", {}, 1970}),
      TimeReader({TimeFormat::kStrptime, "%a %y %j %I %p %Z", {}, 2024}),
  };
  for (const TimeReader& reader : readers) {
    const TimeResult result = reader.read_text(text);
    if (result.fault != RejectReason::kNone) continue;
    const TimeResult again = readers[1].read_text(format_iso8601(result.time));
    if (again.fault != RejectReason::kNone || again.time != result.time) std::abort();
  }
  // A format of the input's own, too.
  const std::size_t bar = text.find('|');
  if (bar != text.npos) {
    BrokenTime broken;
    parse_strptime(text.substr(0, bar), text.substr(bar + 1), broken);
  }
  if (leading_timestamp(text) > text.size()) std::abort();
  parse_time_spec(text);
  ZoneRule rule;
  parse_posix_tz(text, rule);
  if (const ZonePtr zone = parse_tzif(text)) {
    for (const std::int64_t ns : {std::int64_t{0}, Timestamp::min().ns, Timestamp::max().ns}) {
      zone->to_utc({ns});
      zone->offset_at({ns});
    }
  }
}

}  // namespace
}  // namespace weir::connectors

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::connectors::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
