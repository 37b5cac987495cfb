// Random numbers that are the same with every compiler and library: SplitMix64 (Steele, Lea and
// Flood, OOPSLA 2014). The distributions of <random> differ between libraries, so none is used.
#pragma once

#include <cstdint>

namespace weir::bench {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    return mix(state_);
  }
  /// 0 .. n - 1; n is below 2^32. (Multiply and shift: the bias is below 2^-32.)
  std::uint64_t below(std::uint64_t n) { return ((next() >> 32) * n) >> 32; }
  bool percent(unsigned p) { return below(100) < p; }

  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

}  // namespace weir::bench
