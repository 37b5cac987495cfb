#include "parallel/match_worker.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace weir::runtime {
namespace {

/// Where Engine::fire_before(ts) ends.
AlertPlace windows_closed_at(Timestamp ts) noexcept {
  return {
      .at = ts.ns, .phase = AlertPlace::kWindow, .rank = std::numeric_limits<std::uint32_t>::max()};
}

}  // namespace

MatchWorker::MatchWorker(nfa::ProgramPtr program, const EnginePart* part,
                         std::vector<nfa::RuleId> only, std::size_t number,
                         const AlertFormat& format)
    : number_(number),
      alone_(part == nullptr),
      format_(format),
      engine_(std::move(program),
              {.only = std::move(only), .tracer = nullptr, .shards = 1, .part = part}, *this) {}

void MatchWorker::on_alert(const Alert& alert) {
  format_.append(chunk_.text, alert);
  chunk_.marks.push_back({engine_.place(), chunk_.text.size()});
}

AlertChunk MatchWorker::take_alerts() {
  return std::exchange(chunk_, {});
}

/// False where alerts have to be taken out first.
bool MatchWorker::fire_before(Timestamp ts) {
  while (!engine_.fire_before(ts, kTimersAtOnce)) {
    if (full()) return false;
  }
  return !full();
}

bool MatchWorker::finish(Timestamp last) {
  while (!engine_.finish(last, kTimersAtOnce)) {
    if (full()) return false;
  }
  return true;
}

MatchWorker::Came MatchWorker::match(const SharedBatch& shared) {
  const EventBatch& batch = shared.batch;
  const auto halfway = [this] {
    reached_ = std::max(reached_, past_cause(engine_.place()));
    return Came::kHalfway;
  };
  for (; next_ < batch.events.size(); ++next_) {
    if (alone_ && next_ % Engine::kAhead == 0) {
      engine_.expect(std::span(batch.events).subspan(next_));
    }
    const OwnerMask mine = batch.routes->mask(number_, batch.first_route + next_);
    if (mine == 0) continue;
    const Event& event = batch.events[next_];
    if (!fire_before(event.ts)) return halfway();
    engine_.push(event, shared.first_number + next_, mine);
  }
  // Deadlines do not wait for an event of one's own.
  Timestamp now = batch.watermark + Duration{1};
  if (!batch.events.empty()) now = std::max(now, batch.events.back().ts);
  if (!fire_before(now)) return halfway();
  if (shared.end == SharedBatch::End::kFinish && !finish(shared.last)) return halfway();

  next_ = 0;
  reached_ = std::max({reached_, past_cause(engine_.place()), windows_closed_at(now)});
  if (!batch.events.empty()) {
    const std::uint64_t past_last = shared.first_number + batch.events.size();
    reached_ = std::max(reached_, {.at = batch.events.back().ts.ns,
                                   .phase = AlertPlace::kEvent,
                                   .seq = (past_last << kNumbersBetween) - 1});
  }
  return Came::kThrough;
}

}  // namespace weir::runtime
