// Everything that the benchmarks ask of runtime::Engine. What changes in its interface is followed
// here and nowhere else.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "measure.hpp"
#include "scenario.hpp"
#include "weir/event/event.hpp"
#include "weir/nfa/program.hpp"
#include "weir/nfa/run.hpp"

namespace weir::bench {

/// How matches leave the engine.
enum class Delivery : std::uint8_t {
  kCount,  // their number alone
  kFirst,  // the first `first` that one event completes are listed
  kAll,    // every one is listed, as an alert, in the contract's order
};

struct HarnessOptions {
  Delivery delivery = Delivery::kAll;
  std::uint64_t first = 10;
  /// The places of all events bound are folded into one number, in the order of the alerts.
  bool digest = false;
  // As EngineOptions.
  bool families = true;
  std::size_t few_runs = nfa::kFewRuns;
  /// Called at each alert.
  std::function<void()> on_alert;
};

/// One engine over one log. The time it takes is the caller's to measure.
class EngineHarness {
 public:
  EngineHarness(nfa::ProgramPtr program, HarnessOptions options);
  ~EngineHarness();
  EngineHarness(const EngineHarness&) = delete;
  EngineHarness& operator=(const EngineHarness&) = delete;

  /// Pushes events after those pushed before. False: the deadline passed in between.
  bool push(std::span<const Event> events, const Deadline& deadline);
  /// One event alone: its alerts are out when it returns.
  void push_one(const Event& event);
  /// The end of the log.
  void finish();

  std::uint64_t pushed() const;
  std::uint64_t matches() const;  // complete ones, listed or not
  std::uint64_t matches_of(nfa::RuleId rule) const;
  std::uint64_t delivered() const;  // listed
  std::uint64_t digest() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Folds the place of one more event, or the end of a match, into a digest.
inline std::uint64_t fold(std::uint64_t digest, std::uint64_t place) {
  return (digest ^ (place + 0x9e3779b97f4a7c15ULL)) * 0xff51afd7ed558ccdULL;
}
inline constexpr std::uint64_t kEndOfMatch = ~std::uint64_t{0};

/// What `weir replay` came to.
struct ReplayOutcome {
  int exit_code = 0;
  std::uint64_t alerts = 0;  // lines on standard output
};

/// `weir replay -q` of one NDJSON log with the rules of a folder, from their text to the alerts'
/// records, in this process. Standard output is a file of the data folder from then on.
ReplayOutcome replay_log(const Context& context, const std::string& rules, const std::string& log,
                         std::size_t threads);

}  // namespace weir::bench
