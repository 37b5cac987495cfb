#include "live/domain_order.hpp"

#include <algorithm>
#include <utility>

namespace weir::runtime {

DomainOrder::DomainOrder(std::uint32_t number, ParallelEngine& engine, std::size_t batch,
                         LiveListener& listener)
    : number_(number),
      engine_(engine),
      batch_(batch),
      listener_(listener),
      sequencer_({}, *this, Sequencer::Waiting::kStays),
      mixer_(engine, batch) {}

void DomainOrder::take(const LiveBlockPtr& block, std::uint32_t source) {
  const std::span<const Event> events = block->input.events;
  if (events.empty()) return;
  events_ += events.size();
  if (block->input.sorted && mixer_.empty() &&
      sequencer_.push_run(source, events.front().ts, events.back().ts)) {
    pass_whole(block);
  } else {
    pass_each(block, source);
  }
}

void DomainOrder::pass_whole(const LiveBlockPtr& block) {
  const std::span<const Event> events = block->input.events;
  matched_ += events.size();
  for (std::size_t next = 0; next < events.size(); next += batch_) {
    const auto part = events.subspan(next, std::min(batch_, events.size() - next));
    mixer_.pass(block, block->input.routes[number_], part, next);
  }
}

void DomainOrder::pass_each(const LiveBlockPtr& block, std::uint32_t source) {
  if (block->held++ == 0) *block->waiting_bytes += block->input.bytes;
  const std::span<const Event> events = block->input.events;
  std::uint64_t seq = mixer_.hold(block, block->input.routes[number_], events.size());
  for (Event event : events) {
    event.seq = seq++;
    sequencer_.push(source, event);
  }
}

void DomainOrder::on_event(const Event& event) {
  ++matched_;
  done_waiting(mixer_.add(event));
  if (mixer_.full() && engine_.has_room()) mixer_.flush();
}

void DomainOrder::on_late(const Event& event, Duration lateness) {
  listener_.on_late(event, lateness);
  done_waiting(mixer_.drop(event));
}

/// `block`: none of its events waits here any more; null: nothing of that kind.
void DomainOrder::done_waiting(const LiveBlockPtr& block) {
  if (block != nullptr && --block->held == 0) *block->waiting_bytes -= block->input.bytes;
}

bool DomainOrder::go_on() {
  if (ended_ || !engine_.has_room()) return false;
  bool worked = mixer_.flush();
  const std::uint64_t before = matched_;
  const bool more = sequencer_.release();
  worked = worked || matched_ != before;
  if (engine_.has_room()) worked = mixer_.flush() || worked;
  if (!ending_ || more || !mixer_.empty() || !engine_.has_room()) return worked;
  engine_.stop();
  ended_ = true;
  return true;
}

void DomainOrder::end() {
  ending_ = true;
  sequencer_.finish();
}

DomainStats DomainOrder::stats() const {
  return {.sources = {},
          .events = events_,
          .matched = matched_,
          .late = sequencer_.late(),
          .waiting = sequencer_.buffered(),
          .watermark = sequencer_.watermark()};
}

}  // namespace weir::runtime
