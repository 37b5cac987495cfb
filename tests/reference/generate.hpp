// Samples for the differential test: random ones, and all of small size.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "draft.hpp"

namespace weir::reference {

/// The same sample for the same seed, on every platform.
Sample random_sample(std::uint64_t seed);

/// All patterns of a small grammar (every construct, small constants), each AFTER MATCH form that
/// can make a difference.
std::vector<DraftRule> small_rules();

/// All logs over {a, b, c} of at most `length` events, one second or no time apart.
std::vector<Log> small_logs(std::size_t length);

}  // namespace weir::reference
