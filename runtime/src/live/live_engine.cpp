#include "weir/runtime/live_engine.hpp"

#include <algorithm>
#include <utility>

#include "live/live_order.hpp"

namespace weir::runtime {
namespace {

/// Merging waits for room in whatever takes the alerts.
class Merging final : public Stage {
 public:
  Merging(Stage& merger, LiveListener& listener) : merger_(merger), listener_(listener) {}
  bool run_one(std::size_t thread) override {
    return listener_.room_for_alerts() && merger_.run_one(thread);
  }

 private:
  Stage& merger_;
  LiveListener& listener_;
};

std::vector<TimeDomain> fed_domains(const nfa::Program& program,
                                    const std::vector<LiveSource>& sources) {
  std::vector<SourceTypes> types;
  for (const LiveSource& source : sources) types.push_back(source.types);
  std::vector<TimeDomain> domains = time_domains(program, types);
  std::erase_if(domains, [](const TimeDomain& d) { return d.sources.empty(); });
  return domains;
}

}  // namespace

class LiveEngine::Impl {
 public:
  Impl(nfa::ProgramPtr program, LiveOptions options, const AlertFormat& format, AlertTextSink& sink,
       LiveListener& listener)
      : program_(std::move(program)),
        options_(std::move(options)),
        domains_(fed_domains(*program_, options_.sources)) {
    for (const TimeDomain& domain : domains_) {
      engines_.push_back(std::make_unique<ParallelEngine>(
          program_,
          ParallelOptions{.workers = options_.workers, .only = {}, .members = domain.members},
          format, sink));
      merging_.push_back(std::make_unique<Merging>(engines_.back()->merging(), listener));
    }
    order_ = std::make_unique<LiveOrder>(options_, domains_, engines_, listener);
    for (const auto& merging : merging_) stages_.push_back(merging.get());
    for (const auto& engine : engines_) stages_.push_back(&engine->matching());
    stages_.push_back(order_.get());
  }

  std::span<const TimeDomain> domains() const noexcept { return domains_; }
  LiveOrder& order() noexcept { return *order_; }
  std::span<Stage* const> stages() noexcept { return stages_; }

  void route(std::uint32_t source, std::span<const Event> events,
             std::vector<Routes>& routes) const {
    routes.resize(domains_.size());
    for (std::size_t d = 0; d < domains_.size(); ++d) {
      if (std::ranges::binary_search(domains_[d].sources, source)) {
        engines_[d]->route(events, routes[d]);
      }
    }
  }

  bool done() const noexcept {
    return std::ranges::all_of(engines_, [](const auto& engine) { return engine->done(); });
  }

  LiveStats stats() const {
    LiveStats stats = order_->stats();
    stats.engine.rules.resize(program_->rules.size());
    for (const auto& engine : engines_) stats.engine.add(engine->recent_stats());
    return stats;
  }

 private:
  nfa::ProgramPtr program_;
  LiveOptions options_;
  std::vector<TimeDomain> domains_;  // those that some source feeds
  LiveOrder::Engines engines_;       // by domain
  std::vector<std::unique_ptr<Merging>> merging_;
  std::unique_ptr<LiveOrder> order_;
  std::vector<Stage*> stages_;
};

DomainStats LiveStats::total() const {
  DomainStats sum;
  for (const DomainStats& domain : domains) {
    sum.events += domain.events;
    sum.matched += domain.matched;
    sum.late += domain.late;
    sum.waiting += domain.waiting;
  }
  return sum;
}

LiveEngine::LiveEngine(nfa::ProgramPtr program, LiveOptions options, const AlertFormat& format,
                       AlertTextSink& sink, LiveListener& listener)
    : impl_(
          std::make_unique<Impl>(std::move(program), std::move(options), format, sink, listener)) {}
LiveEngine::~LiveEngine() = default;

std::span<const TimeDomain> LiveEngine::domains() const noexcept {
  return impl_->domains();
}
bool LiveEngine::has_room(std::uint32_t source) const noexcept {
  return impl_->order().has_room(source);
}
void LiveEngine::put(std::uint32_t source, InputItem item) {
  impl_->order().put(source, std::move(item));
}
void LiveEngine::route(std::uint32_t source, std::span<const Event> events,
                       std::vector<Routes>& routes) const {
  impl_->route(source, events, routes);
}
void LiveEngine::tick(std::int64_t now) {
  impl_->order().tick(now);
}
std::optional<InputCut> LiveEngine::take_cut() {
  return impl_->order().take_cut();
}
LiveStats LiveEngine::stats() const {
  return impl_->stats();
}
void LiveEngine::drain() {
  impl_->order().drain();
}
std::span<Stage* const> LiveEngine::stages() noexcept {
  return impl_->stages();
}
bool LiveEngine::done() const noexcept {
  return impl_->done();
}

}  // namespace weir::runtime
