// How many matches a SEQ of unconditioned steps has under AFTER MATCH KEEP, without listing them:
// dynamic programming over the events after each start. What seq-n and kleene-n are held against.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weir::bench {

/// Step i takes events of type i.
struct CountedStep {
  bool any = false;       // ANY before it: the run stays as well
  bool loop_any = false;  // a loop `t+ ANY`: any combination of later events
};

/// By event: the matches that it completes. `types` are the events' types, one unit of time apart;
/// a match lies within `window` units. O(starts * window).
std::vector<std::uint64_t> count_matches(std::span<const std::uint8_t> types,
                                         std::span<const CountedStep> steps, std::size_t window);

/// The same matches one by one, in the contract's order, for steps that are all ANY and no loops:
/// folded as EngineHarness::digest() folds them.
std::uint64_t digest_matches(std::span<const std::uint8_t> types, std::size_t steps,
                             std::size_t window);

}  // namespace weir::bench
