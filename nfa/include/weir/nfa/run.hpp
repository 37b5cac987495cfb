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
  std::uint32_t index;  // of the matcher's, which follows from the list; 0: it has none
  std::uint32_t unused;
};

/// Events that a leading NOT may forbid a match for. Where its conditions read the event alone, the
/// last of them says it all.
struct LeadingEvents {
  std::int64_t last;  // ns; kNoTime: none
  BlockRef oldest;    // of those kept, where conditions compare them with the match
  BlockRef newest;
};

/// A longer list has an index, so that an event goes to those runs alone that it can do something
/// to. It costs some 150 bytes a run.
inline constexpr std::size_t kFewRuns = 64;
inline constexpr std::size_t kNoRunIndex = std::numeric_limits<std::size_t>::max();

/// When time will do something to a run that began with the event `start_seq`.
struct RunDeadline {
  std::int64_t at = 0;  // ns
  std::uint64_t start_seq = 0;
};

}  // namespace weir::nfa
