#include "engine_harness.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "commands.hpp"
#include "output.hpp"
#include "weir/runtime/engine.hpp"

namespace weir::bench {
namespace {

// Events between two looks at the clock.
constexpr std::size_t kEventsPerLook = 256;

/// Counts matches without a record of them.
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

/// Whole alerts, where somebody waits for them.
class Alerts final : public runtime::AlertSink {
 public:
  explicit Alerts(std::function<void()> on_alert) : on_alert_(std::move(on_alert)) {}
  void on_alert(const runtime::Alert&) override {
    ++count_;
    on_alert_();
  }
  std::uint64_t count() const { return count_; }

 private:
  std::function<void()> on_alert_;
  std::uint64_t count_ = 0;
};

}  // namespace

class EngineHarness::Impl {
 public:
  Impl(nfa::ProgramPtr program, HarnessOptions options)
      : consumer_(options),
        alerts_(options.on_alert),
        engine_(std::move(program),
                {.families = options.families,
                 .few_runs = options.few_runs,
                 .matches = options.on_alert ? nullptr : &consumer_},
                alerts_) {}

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
  void push_one(const Event& event) {
    engine_.push(event);
    ++pushed_;
  }
  void finish() { engine_.finish(); }

  std::uint64_t pushed() const { return pushed_; }
  std::uint64_t matches() const {
    std::uint64_t sum = 0;
    for (const runtime::RuleStats& rule : engine_.stats().rules) sum += rule.matches;
    return sum;
  }
  std::uint64_t matches_of(nfa::RuleId rule) const { return engine_.stats().rules[rule].matches; }
  std::uint64_t delivered() const { return consumer_.delivered() + alerts_.count(); }
  std::uint64_t digest() const { return consumer_.digest(); }

 private:
  Consumer consumer_;
  Alerts alerts_;
  runtime::Engine engine_;
  std::uint64_t pushed_ = 0;
};

EngineHarness::EngineHarness(nfa::ProgramPtr program, HarnessOptions options)
    : impl_(std::make_unique<Impl>(std::move(program), std::move(options))) {}
EngineHarness::~EngineHarness() = default;
bool EngineHarness::push(std::span<const Event> events, const Deadline& deadline) {
  return impl_->push(events, deadline);
}
void EngineHarness::push_one(const Event& event) {
  impl_->push_one(event);
}
std::uint64_t EngineHarness::matches_of(nfa::RuleId rule) const {
  return impl_->matches_of(rule);
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

ReplayOutcome replay_log(const Context& context, const std::string& rules, const std::string& log,
                         std::size_t threads) {
  const std::string path =
      fmt::format("{}/weir-bench-alerts-{}.ndjson", context.data_dir, getpid());
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  ReplayOutcome outcome;
  if (file < 0 || dup2(file, STDOUT_FILENO) < 0) {
    outcome.exit_code = -1;
    return outcome;
  }
  cli::ReplayOptions options;
  options.rules = {rules};
  options.log.logs = {log};
  options.log.format = "ndjson";
  options.output = "ndjson";
  options.quiet = true;
  options.threads = threads;
  {
    cli::Io io(cli::ColorMode::kNever);
    outcome.exit_code = cli::replay(options, io);
  }
  close(file);
  std::ifstream alerts(path);
  outcome.alerts = static_cast<std::uint64_t>(
      std::count(std::istreambuf_iterator<char>(alerts), std::istreambuf_iterator<char>(), '\n'));
  unlink(path.c_str());
  return outcome;
}

}  // namespace weir::bench
