// What one rule holds in one partition where it is matched run by run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "weir/nfa/arena.hpp"

namespace weir::nfa {

inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

/// Runs (partial matches: language contract, section 4) in order of preference, a list in the
/// shard's arena; and behind it, one for each leading NOT of the pattern, a LeadingEvents. Made and
/// read by Matcher alone.
struct RunList {
  BlockRef first;     // RunRecord
  BlockRef reported;  // matches reported under KEEP and its like that a run could still find again
};

/// Events that a leading NOT may forbid a match for. Where its conditions read the event alone, the
/// last of them says it all.
struct LeadingEvents {
  std::int64_t last;  // ns; kNoTime: none
  BlockRef oldest;    // of those kept, where conditions compare them with the match
  BlockRef newest;
};

/// When time will do something to a run that began with the event `start_seq`.
struct RunDeadline {
  std::int64_t at = 0;  // ns
  std::uint64_t start_seq = 0;
};

}  // namespace weir::nfa
