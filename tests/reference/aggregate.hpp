// The aggregates of section 3 over a list of values.
#pragma once

#include <span>
#include <string_view>

#include "weir/event/value.hpp"

namespace weir::reference {

/// `argument` is percentile's rank, 0 to 100. Lists are made in `arena`.
Value aggregate_of(std::string_view function, std::span<const Value> values, const Value& argument,
                   ValueArena& arena);

}  // namespace weir::reference
