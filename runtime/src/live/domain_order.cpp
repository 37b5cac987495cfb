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
      sequencer_({}, *this, Sequencer::Waiting::kStays) {}

void DomainOrder::take(const LiveBlockPtr& block, std::uint32_t source) {
  const std::span<const Event> events = block->input.events;
  if (events.empty()) return;
  events_ += events.size();
  if (block->input.sorted && mixed_ == nullptr &&
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
    engine_.submit({.events = events.subspan(next, std::min(batch_, events.size() - next)),
                    .routes = &block->input.routes[number_],
                    .first_route = next,
                    .watermark = std::exchange(watermark_, Timestamp::min()),
                    .memory = {block}});
  }
}

void DomainOrder::pass_each(const LiveBlockPtr& block, std::uint32_t source) {
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  slots_[slot] = block;
  // One more than there are, so that the block is not done with before its last event is pushed.
  block->domains[number_].waiting = static_cast<std::uint32_t>(block->input.events.size() + 1);
  if (block->held++ == 0) *block->waiting_bytes += block->input.bytes;
  std::uint64_t place = std::uint64_t{slot} << 32;
  for (Event event : block->input.events) {
    event.seq = place++;
    sequencer_.push(source, event);
  }
  one_less_waits(slot);
}

void DomainOrder::on_event(const Event& event) {
  ++matched_;
  const auto slot = static_cast<std::uint32_t>(event.seq >> 32);
  const LiveBlockPtr& block = slots_[slot];
  if (mixed_ == nullptr) {
    mixed_ = std::make_shared<Mixed>();
    ++mixed_number_;
  }
  if (std::exchange(block->domains[number_].in_batch, mixed_number_) != mixed_number_) {
    mixed_->blocks.push_back(block);
  }
  mixed_->events.push_back(event);
  mixed_->routes.append(block->input.routes[number_], event.seq & 0xffffffff);
  one_less_waits(slot);
  if (full() && engine_.has_room()) flush();
}

void DomainOrder::on_late(const Event& event, Duration lateness) {
  listener_.on_late(event, lateness);
  one_less_waits(static_cast<std::uint32_t>(event.seq >> 32));
}

void DomainOrder::one_less_waits(std::uint32_t slot) {
  LiveBlock& block = *slots_[slot];
  if (--block.domains[number_].waiting > 0) return;
  if (--block.held == 0) *block.waiting_bytes -= block.input.bytes;
  slots_[slot].reset();
  free_slots_.push_back(slot);
}

bool DomainOrder::go_on() {
  if (ended_ || !engine_.has_room()) return false;
  bool worked = flush();
  const std::uint64_t before = matched_;
  const bool more = sequencer_.release();
  worked = worked || matched_ != before;
  if (engine_.has_room()) worked = flush() || worked;
  if (!ending_ || more || mixed_ != nullptr || !engine_.has_room()) return worked;
  engine_.stop();
  ended_ = true;
  return true;
}

void DomainOrder::end() {
  ending_ = true;
  sequencer_.finish();
}

bool DomainOrder::flush() {
  if (mixed_ == nullptr && watermark_ == Timestamp::min()) return false;
  EventBatch batch;
  // Of what went before the watermark all is in the batch.
  batch.watermark = std::exchange(watermark_, Timestamp::min());
  if (mixed_ != nullptr) {
    batch.events = mixed_->events;
    batch.routes = &mixed_->routes;
    batch.memory.push_back(std::exchange(mixed_, nullptr));
  }
  engine_.submit(std::move(batch));
  return true;
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
