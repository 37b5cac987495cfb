// How long to wait before trying again.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace weir::connectors {

/// Doubled from attempt to attempt up to a limit; of each the second half is left to chance, so
/// that many who lost the same server do not come back all at once.
class BackOff {
 public:
  using Milliseconds = std::chrono::milliseconds;

  BackOff(Milliseconds first, Milliseconds most, std::uint32_t seed)
      : first_(std::max(first, Milliseconds{1})), most_(std::max(most, first_)), random_(seed) {}

  Milliseconds next() {
    next_ = next_.count() == 0 ? first_ : std::min(2 * next_, most_);
    return std::uniform_int_distribution<Milliseconds::rep>(next_.count() / 2,
                                                            next_.count())(random_) *
           Milliseconds{1};
  }
  void reset() noexcept { next_ = Milliseconds{0}; }

 private:
  Milliseconds first_;
  Milliseconds most_;
  Milliseconds next_{0};
  std::minstd_rand random_;
};

}  // namespace weir::connectors
