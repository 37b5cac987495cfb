#include "measure.hpp"

#include <time.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace weir::bench {
namespace {

std::uint64_t status_kilobytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    std::uint64_t kilobytes = 0;
    if (word == name && status >> kilobytes) return kilobytes;
  }
  return 0;
}

}  // namespace

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

Cost median(const std::vector<Cost>& costs) {
  std::vector<double> wall;
  std::vector<double> cpu;
  for (const Cost& cost : costs) {
    wall.push_back(cost.wall);
    cpu.push_back(cost.cpu);
  }
  return {median(std::move(wall)), median(std::move(cpu))};
}

std::uint64_t resident_bytes() {
  return status_kilobytes("VmRSS:") * 1024;
}

PeakMemory::PeakMemory() : before_(resident_bytes()) {
  // 5: the high-water mark alone (proc(5)). Where that is not allowed, the mark since the start.
  std::ofstream("/proc/self/clear_refs") << "5";
}

std::uint64_t PeakMemory::grown() const {
  const std::uint64_t peak = status_kilobytes("VmHWM:") * 1024;
  return peak > before_ ? peak - before_ : 0;
}

}  // namespace weir::bench
