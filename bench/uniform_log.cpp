#include "uniform_log.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "random.hpp"

namespace weir::bench {

std::vector<std::uint8_t> draw_types(std::size_t events, std::size_t steps, std::uint64_t seed) {
  std::vector<std::uint8_t> types(events);
  Random random(seed);
  for (std::uint8_t& type : types) {
    type = static_cast<std::uint8_t>(random.below(steps + kNoiseTypes));
  }
  return types;
}

EventLog make_uniform_log(const nfa::ProgramPtr& program, const std::vector<std::uint8_t>& types) {
  EventLog log(program, types.size());
  std::vector<LogType> names;
  for (std::size_t i = 0; i < 256; ++i) names.push_back(log.type(fmt::format("t{}", i)));
  for (std::size_t i = 0; i < types.size(); ++i) {
    log.add(names[types[i]], {static_cast<std::int64_t>(i) * kNsPerMs});
  }
  return log;
}

}  // namespace weir::bench
