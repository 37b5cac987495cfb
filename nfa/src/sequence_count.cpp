// How many matches a completion has, without listing them: for each node the number of paths that
// end there, from sums over the nodes that it links to. O(nodes that are kept).
#include <algorithm>

#include "sequence_listing.hpp"

namespace weir::nfa {

/// The common case: a step of one event that no pause comes before. Fills next_sums_.
void SequenceListing::count_single(std::uint32_t s) {
  const SequenceRing& ring = state_.rings[s];
  const SequenceRing& previous = state_.rings[s - 1];
  const SequenceMatcher::Nodes nodes = matcher_.nodes(ring);
  const SequenceMatcher::Nodes nodes_before = matcher_.nodes(previous);
  const std::uint64_t* const before = sums_.data();
  std::uint64_t* const sums = next_sums_.data();
  std::uint64_t sum = 0;
  std::uint32_t came = 0;
  for (std::uint32_t i = 0; i < ring.count; ++i) {
    const std::uint32_t index = ring.begin + i;
    const SequenceNode& n = nodes[index];
    while (came < previous.count &&
           !index_before(index, nodes_before[previous.begin + came].after)) {
      ++came;
    }
    const auto lo = static_cast<std::int32_t>(n.lo - previous.begin);
    const std::uint32_t from = lo > 0 ? static_cast<std::uint32_t>(lo) : 0;
    if (n.event != 0 && from < came) sum += before[came] - before[from];
    sums[i + 1] = sum;
  }
}

std::uint64_t SequenceListing::count_all() {
  // sums_[i]: paths that end at one of the first i nodes of the step before, and may leave it.
  for (std::uint32_t s = 0; s <= end_step_; ++s) {
    const SequenceRing& ring = state_.rings[s];
    const SequenceStep& step = plan_->steps[s];
    const SequenceMatcher::Nodes nodes = matcher_.nodes(ring);
    const SequenceRing& previous = state_.rings[s == 0 ? 0 : s - 1];
    const SequenceMatcher::Nodes nodes_before = matcher_.nodes(previous);
    next_sums_.resize(ring.count + 1);
    next_sums_[0] = 0;
    if (s > 0 && !step.loop() && step.pauses.empty()) {
      count_single(s);
      sums_.swap(next_sums_);
      continue;
    }
    if (step.loop()) entered_.assign(ring.count + 1, 0);
    const bool at_once = step.pauses.empty();
    std::uint32_t came = 0;        // nodes of the step before that waited when this one came
    std::uint32_t alive_from = 0;  // of a loop: behind the last node that a match used
    for (std::uint32_t i = 0; i < ring.count; ++i) {
      const std::uint32_t index = ring.begin + i;
      const SequenceNode& n = nodes[index];
      std::uint64_t paths = 0;
      if (n.event == 0) {
        alive_from = i + 1;
      } else if (s == 0) {
        paths = 1;
      } else {
        while (came < previous.count) {
          const SequenceNode& p = nodes_before[previous.begin + came];
          if (at_once ? index_before(index, p.after) : !too_late(p.ts, step.pause, n.ts)) break;
          ++came;
        }
        const auto lo = static_cast<std::int32_t>(n.lo - previous.begin);
        const std::uint32_t from = lo > 0 ? static_cast<std::uint32_t>(lo) : 0;
        if (from < came) paths = sums_[came] - sums_[from];
      }
      if (step.loop()) {
        entered_[i + 1] = entered_[i] + paths;
        if (n.event == 0) {
          paths = 0;
        } else if (step.any_loop()) {
          paths += next_sums_[i];
        } else {
          // Rows that end here: by where they began.
          const auto row = static_cast<std::int32_t>(n.row - ring.begin);
          std::uint32_t from = std::max(row > 0 ? static_cast<std::uint32_t>(row) : 0, alive_from);
          if (step.max != kNoLimit && i + 1 > step.max) from = std::max(from, i + 1 - step.max);
          const std::uint32_t to = i + 2 > step.min ? i + 2 - step.min : 0;
          paths = from < to ? entered_[to] - entered_[from] : 0;
        }
      }
      next_sums_[i + 1] = next_sums_[i] + paths;
    }
    sums_.swap(next_sums_);
  }
  const SequenceRing& last = state_.rings[end_step_];
  const auto lo = static_cast<std::int32_t>(completion_.lo - last.begin);
  const auto hi = static_cast<std::int32_t>(completion_.hi - last.begin);
  if (hi <= 0) return 0;
  return sums_[static_cast<std::size_t>(hi)] - sums_[lo > 0 ? static_cast<std::size_t>(lo) : 0];
}

}  // namespace weir::nfa
