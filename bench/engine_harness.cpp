#include "engine_harness.hpp"

#include <fmt/core.h>

#include <optional>

#include "watchdog.hpp"
#include "weir/runtime/engine.hpp"

namespace weir::bench {
namespace {

// Events between two looks at the clock.
constexpr std::size_t kEventsPerLook = 256;

class Consumer final : public runtime::MatchConsumer {
 public:
  explicit Consumer(const HarnessOptions& options) : options_(options) {}

  void on_match(nfa::RuleId, Timestamp, std::span<const nfa::BoundEvent> bound) override {
    ++delivered_;
    if (!options_.digest) return;
    for (const nfa::BoundEvent& b : bound) digest_ = fold(digest_, b.event->position.offset);
    digest_ = fold(digest_, kEndOfMatch);
  }
  std::uint64_t wanted() const override {
    switch (options_.delivery) {
      case Delivery::kCount:
        return 0;
      case Delivery::kFirst:
        return options_.first;
      case Delivery::kAll:
        break;
    }
    return kAll;
  }
  void on_more(nfa::RuleId, std::uint64_t) override {}

  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t digest() const { return digest_; }

 private:
  const HarnessOptions options_;
  std::uint64_t delivered_ = 0;
  std::uint64_t digest_ = 0;
};

class NoAlerts final : public runtime::AlertSink {
 public:
  void on_alert(const runtime::Alert&) override {}
};

}  // namespace

class EngineHarness::Impl {
 public:
  Impl(nfa::ProgramPtr program, HarnessOptions options)
      : consumer_(options), engine_(std::move(program), {.matches = &consumer_}, no_alerts_) {}

  bool push(std::span<const Event> events, const Deadline& deadline) {
    while (!events.empty()) {
      if (deadline.passed()) return false;
      const std::size_t n = std::min(events.size(), kEventsPerLook);
      engine_.push(events.first(n));
      pushed_ += n;
      events = events.subspan(n);
    }
    return true;
  }
  void finish() { engine_.finish(); }

  std::uint64_t pushed() const { return pushed_; }
  std::uint64_t matches() const {
    std::uint64_t sum = 0;
    for (const runtime::RuleStats& rule : engine_.stats().rules) sum += rule.matches;
    return sum;
  }
  std::uint64_t delivered() const { return consumer_.delivered(); }
  std::uint64_t digest() const { return consumer_.digest(); }

 private:
  NoAlerts no_alerts_;
  Consumer consumer_;
  runtime::Engine engine_;
  std::uint64_t pushed_ = 0;
};

EngineHarness::EngineHarness(nfa::ProgramPtr program, HarnessOptions options)
    : impl_(std::make_unique<Impl>(std::move(program), options)) {}
EngineHarness::~EngineHarness() = default;
bool EngineHarness::push(std::span<const Event> events, const Deadline& deadline) {
  return impl_->push(events, deadline);
}
void EngineHarness::finish() {
  impl_->finish();
}
std::uint64_t EngineHarness::pushed() const {
  return impl_->pushed();
}
std::uint64_t EngineHarness::matches() const {
  return impl_->matches();
}
std::uint64_t EngineHarness::delivered() const {
  return impl_->delivered();
}
std::uint64_t EngineHarness::digest() const {
  return impl_->digest();
}

EngineRuns run_engine(const Context& context, const nfa::ProgramPtr& program,
                      std::span<const Event> events, HarnessOptions options, Result& result,
                      const std::function<void()>& before_each) {
  EngineRuns runs;
  std::vector<Cost> costs;
  for (int run = 0; run < context.runs; ++run) {
    before_each();
    EngineHarness engine(program, options);
    const Deadline deadline(context.run_seconds);
    const Watchdog watchdog(2 * context.run_seconds);
    costs.push_back(measure([&] {
      runs.complete = engine.push(events, deadline);
      if (runs.complete) engine.finish();
    }));
    runs.pushed = engine.pushed();
    runs.matches = engine.matches();
    runs.delivered = engine.delivered();
    runs.digest = engine.digest();
    if (!runs.complete) {
      result.give_up(fmt::format("{} of {} events in {:.0f} s, the bound of a run", runs.pushed,
                                 events.size(), context.run_seconds));
      costs = {costs.back()};
      break;
    }
  }
  runs.cost = median(costs);
  result.runs = static_cast<int>(costs.size());
  result.wall_seconds = runs.cost.wall;
  result.cpu_seconds = runs.cost.cpu;
  return runs;
}

}  // namespace weir::bench
