#include "test_time.hpp"

namespace weir::cli {

std::optional<Timestamp> parse_test_time(std::string_view text) {
  if (const auto span = parse_duration(text)) return Timestamp{} + *span;
  if (text.size() < 10) return std::nullopt;  // shorter than a date
  return parse_iso8601(text);
}

std::string show_test_time(Timestamp time) {
  constexpr Timestamp kYear{365 * kNsPerDay};
  if (time < Timestamp{} || time >= kYear) return format_iso8601(time);
  return format_duration(time - Timestamp{});
}

}  // namespace weir::cli
