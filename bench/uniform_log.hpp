// The log of seq-n and kleene-n: types drawn evenly from those of n steps and six that no step asks
// for, no fields, one millisecond apart.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "event_log.hpp"

namespace weir::bench {

inline constexpr std::size_t kNoiseTypes = 6;

/// Types of the events: 0 .. steps - 1 are those of the steps, six more are noise.
std::vector<std::uint8_t> draw_types(std::size_t events, std::size_t steps, std::uint64_t seed);

/// Type i is named "t<i>".
EventLog make_uniform_log(const nfa::ProgramPtr& program, const std::vector<std::uint8_t>& types);

}  // namespace weir::bench
