#include "step_counts.hpp"

#include <algorithm>

#include "engine_harness.hpp"

namespace weir::bench {

std::vector<std::uint64_t> count_matches(std::span<const std::uint8_t> types,
                                         std::span<const CountedStep> steps, std::size_t window) {
  std::vector<std::uint64_t> completed(types.size());
  std::vector<std::uint64_t> waiting(steps.size());    // runs that wait for a step's first event
  std::vector<std::uint64_t> iterating(steps.size());  // runs in a loop that wait for one more
  for (std::size_t start = 0; start < types.size(); ++start) {
    if (types[start] != 0) continue;
    std::ranges::fill(waiting, 0);
    std::ranges::fill(iterating, 0);
    waiting[1] = 1;
    const std::size_t end = std::min(types.size() - 1, start + window);
    for (std::size_t i = start + 1; i <= end; ++i) {
      const std::size_t step = types[i];
      if (step == 0 || step >= steps.size()) continue;
      const std::uint64_t moved = waiting[step] + iterating[step];
      if (!steps[step].any) waiting[step] = 0;
      if (steps[step].loop_any) iterating[step] += moved;
      (step + 1 == steps.size() ? completed[i] : waiting[step + 1]) += moved;
    }
  }
  return completed;
}

namespace {

/// Matches that end at one event, the earliest first step first, then the earliest second, ...
class Lister {
 public:
  Lister(std::span<const std::uint8_t> types, std::size_t steps, std::size_t window)
      : types_(types), window_(window), usable_(steps), bound_(steps) {}

  void list(std::size_t last) {
    const std::size_t steps = usable_.size();
    const std::size_t first = last < window_ ? 0 : last - window_;
    for (auto& places : usable_) places.clear();
    usable_[steps - 1] = {last};
    // Backwards: an event can be used for a step if a usable one of the next step comes later.
    for (std::size_t i = last; i-- > first;) {
      const std::size_t step = types_[i];
      if (step + 1 < steps && !usable_[step + 1].empty()) usable_[step].push_back(i);
    }
    for (auto& places : usable_) std::ranges::reverse(places);
    choose(0, 0);
  }

  std::uint64_t digest() const { return digest_; }

 private:
  void choose(std::size_t step, std::size_t from) {
    if (step == usable_.size()) {
      for (const std::size_t place : bound_) digest_ = fold(digest_, place);
      digest_ = fold(digest_, kEndOfMatch);
      return;
    }
    for (const std::size_t place : usable_[step]) {
      if (place < from) continue;
      if (step + 1 < usable_.size() && usable_[step + 1].back() <= place) break;
      bound_[step] = place;
      choose(step + 1, place + 1);
    }
  }

  std::span<const std::uint8_t> types_;
  std::size_t window_;
  std::vector<std::vector<std::size_t>> usable_;  // by step
  std::vector<std::size_t> bound_;
  std::uint64_t digest_ = 0;
};

}  // namespace

std::uint64_t digest_matches(std::span<const std::uint8_t> types, std::size_t steps,
                             std::size_t window) {
  Lister lister(types, steps, window);
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (types[i] + std::size_t{1} == steps) lister.list(i);
  }
  return lister.digest();
}

}  // namespace weir::bench
