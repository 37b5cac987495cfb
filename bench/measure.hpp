// Time and memory of this process.
#pragma once

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

namespace weir::bench {

struct Cost {
  double wall = 0;  // seconds
  double cpu = 0;   // seconds of all threads, in the program and in the system for it
};

double cpu_seconds();

template <typename F>
Cost measure(F&& work) {
  const double cpu = cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  std::forward<F>(work)();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  return {wall.count(), cpu_seconds() - cpu};
}

/// The middle one, by CPU and by wall time each on its own. REQUIRES: not empty.
Cost median(const std::vector<Cost>& costs);
double median(std::vector<double> values);

/// Bytes of memory that the process holds now.
std::uint64_t resident_bytes();

/// By how much the process' memory has grown at most since this was made.
class PeakMemory {
 public:
  PeakMemory();
  std::uint64_t grown() const;

 private:
  std::uint64_t before_;
};

/// When a run has to be over: after so many seconds of CPU time, or, on a machine that has much
/// else to do, four times as many by the clock. Whoever works on asks now and then.
class Deadline {
 public:
  explicit Deadline(double seconds)
      : cpu_(cpu_seconds() + seconds),
        wall_(std::chrono::steady_clock::now() +
              std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                  std::chrono::duration<double>(kWallPerCpu * seconds))) {}
  bool passed() const { return cpu_seconds() >= cpu_ || std::chrono::steady_clock::now() >= wall_; }
  static constexpr double kWallPerCpu = 4;

 private:
  double cpu_;
  std::chrono::steady_clock::time_point wall_;
};

}  // namespace weir::bench
