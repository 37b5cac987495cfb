// The slow, obvious matcher that the engine is held against: section 4 of the language contract,
// run by run, sharing nothing with the engine but the parser and Value.
#pragma once

#include <cstddef>
#include <vector>

#include "log.hpp"
#include "tree.hpp"

namespace weir::reference {

struct MatchResult {
  std::vector<RefMatch> matches;  // in the order in which they are reported
  bool gave_up = false;           // too many runs; `matches` means nothing
};

inline constexpr std::size_t kMaxRuns = 20'000;

/// All matches of all rules over one log, in the contract's order.
MatchResult match_log(const std::vector<const Tree*>& rules, const Log& log,
                      std::size_t max_runs = kMaxRuns);

}  // namespace weir::reference
