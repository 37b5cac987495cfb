#include "weir/connectors/reject.hpp"

namespace weir::connectors {

std::string_view to_string(RejectReason reason) noexcept {
  static constexpr std::array<std::string_view, kRejectReasonCount> kNames = {
      "",
      "record_too_long",
      "truncated_record",
      "invalid_utf8",
      "json_invalid",
      "json_too_deep",
      "json_no_object",
      "csv_ragged_row",
      "csv_bad_quote",
      "syslog_invalid",
      "access_log_invalid",
      "pattern_no_match",
      "duplicate_key",
      "integer_out_of_range",
      "number_out_of_range",
      "bad_value",
      "missing_type",
      "bad_type",
      "missing_time",
      "bad_time",
      "time_out_of_range",
      "far_future",
      "unexpected_type",
      "no_decoder",
  };
  const auto at = static_cast<std::size_t>(reason);
  return at < kNames.size() ? kNames[at] : std::string_view{};
}

}  // namespace weir::connectors
