// The rule at the end of a TZif file: "CET-1CEST,M3.5.0,M10.5.0/3".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "weir/nfa/zone.hpp"

namespace weir::nfa {

std::optional<ZoneRule> parse_zone_rule(std::string_view text);

/// Seconds east of UTC at `seconds` since the epoch.
std::int64_t rule_offset(const ZoneRule& rule, std::int64_t seconds) noexcept;

}  // namespace weir::nfa
