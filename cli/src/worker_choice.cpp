#include "worker_choice.hpp"

#include <algorithm>
#include <chrono>

#include "weir/runtime/engine.hpp"

namespace weir::cli {
namespace {

using Clock = std::chrono::steady_clock;

// Of one event, in nanoseconds, as measured with rules that cost nothing.
constexpr double kHandOver = 20;   // from the core that decoded to the one that matches
constexpr double kRoute = 40;      // where there are several workers
constexpr double kLookAgain = 50;  // by the workers beyond the first

/// So long is tried; a rule set that needs longer for a block is dear enough.
constexpr std::chrono::milliseconds kTrial{20};

double nanoseconds(Clock::duration d) {
  return std::chrono::duration<double, std::nano>(d).count();
}

class Nowhere final : public runtime::AlertSink {
  void on_alert(const runtime::Alert&) override {}
};

double match_cost(std::vector<Event> events, const nfa::ProgramPtr& program) {
  std::ranges::stable_sort(events, {}, &Event::ts);
  Nowhere nowhere;
  runtime::Engine engine(program, {}, nowhere);
  const Clock::time_point start = Clock::now();
  std::size_t pushed = 0;
  while (pushed < events.size()) {
    engine.push(events[pushed++]);
    if (pushed % 64 == 0 && Clock::now() - start > kTrial) break;
  }
  return nanoseconds(Clock::now() - start) / static_cast<double>(pushed);
}

}  // namespace

std::size_t best_workers(const EventCost& cost, std::size_t threads) noexcept {
  std::size_t best = 1;
  double least = 0;
  for (std::size_t workers = 1; workers <= std::min(threads, runtime::kMaxWorkers); ++workers) {
    const double again = workers == 1 ? 0 : kLookAgain;
    const double all = cost.decode + kHandOver + cost.match + again + (workers == 1 ? 0 : kRoute);
    // All threads are busy, but one worker is one thread's at a time.
    const double time = std::max(all / static_cast<double>(threads),
                                 (kHandOver + cost.match + again) / static_cast<double>(workers));
    if (workers == 1 || time < least) {
      least = time;
      best = workers;
    }
  }
  return best;
}

EventCost measure_cost(connectors::LogSource& log, const nfa::ProgramPtr& program) {
  EventCost cost;
  connectors::Batch batch;
  if (!log.read(batch.block)) return cost;
  const auto decoder = log.make_decoder();
  connectors::LogTotals not_counted;
  // Once for the caches, which are warm in all blocks but the first.
  decoder->decode(batch, not_counted);
  const Clock::time_point start = Clock::now();
  decoder->decode(batch, not_counted);
  if (!batch.events.empty()) {
    cost.decode = nanoseconds(Clock::now() - start) / static_cast<double>(batch.events.size());
    cost.match = match_cost(batch.events, program);
  }
  log.put_back(std::move(batch.block));
  return cost;
}

}  // namespace weir::cli
