#include "block_order.hpp"

#include <algorithm>
#include <utility>

namespace weir::cli {

BlockOrder::BlockOrder(const BlockInput::Logs& logs, BlockInput& input,
                       runtime::ParallelEngine& engine, Duration out_of_order, std::size_t batch,
                       BlockListener& listener)
    : logs_(logs),
      input_(input),
      engine_(engine),
      listener_(listener),
      batch_(batch),
      sequencer_(std::vector<Duration>(logs.size(), out_of_order), *this,
                 runtime::Sequencer::Waiting::kStays),
      cursors_(logs.size()) {
  for (const auto& log : logs) totals_.push_back(log->totals());
}

bool BlockOrder::run_one(std::size_t) {
  if (busy_.test_and_set(std::memory_order_acquire)) return false;
  bool worked = false;
  while (!ended_ && engine_.has_room() && advance()) worked = true;
  // Nothing is kept back for want of what comes after it.
  if (!ended_ && engine_.has_room() && flush()) worked = true;
  busy_.clear(std::memory_order_release);
  return worked;
}

/// One step of the order; false where it has to wait for a block.
bool BlockOrder::advance() {
  const auto slowest = sequencer_.slowest();
  if (!slowest) {
    sequencer_.finish();
    end(listener_.on_end());
    return true;
  }
  Cursor& cursor = cursors_[*slowest];
  if (cursor.block == nullptr || cursor.next == cursor.block->batch.events.size()) {
    return begin_block(*slowest);
  }
  const std::vector<Event>& events = cursor.block->batch.events;
  if (cursor.next == 0 && cursor.block->sorted) {
    cursor.whole = sequencer_.push_run(*slowest, events.front().ts, events.back().ts);
    if (cursor.whole) flush();
  }
  if (cursor.whole) {
    pass_whole(cursor);
  } else {
    pass_one(cursor, *slowest);
  }
  return true;
}

bool BlockOrder::begin_block(std::size_t log) {
  BlockPtr block = input_.take(log);
  if (block == nullptr) return false;
  Cursor& cursor = cursors_[log];
  cursor = {};
  connectors::LogTotals& totals = totals_[log];
  totals.bytes = block->read.bytes;
  totals.stored_bytes_read = block->read.stored_bytes_read;
  if (block->end) {
    sequencer_.close(static_cast<std::uint32_t>(log));
    return true;
  }
  totals.add(block->decoded);
  if (!listener_.on_block(*logs_[log], *block)) {
    end(false);
    return true;
  }
  cursor.block = std::move(block);
  return true;
}

/// The next events of a block that goes on as it is.
void BlockOrder::pass_whole(Cursor& cursor) {
  const Block& block = *cursor.block;
  const std::vector<Event>& events = block.batch.events;
  if (cursor.next == 0) {
    last_ = events.back().ts;
    listener_.on_matched(events.size(), events.front().ts, events.back().ts, block.unparsed);
  }
  const std::size_t n = std::min(batch_, events.size() - cursor.next);
  engine_.submit({.events = std::span(events).subspan(cursor.next, n),
                  .routes = &block.routes,
                  .first_route = cursor.next,
                  .watermark = Timestamp::min(),
                  .memory = {cursor.block}});
  cursor.next += n;
}

void BlockOrder::pass_one(Cursor& cursor, std::uint32_t log) {
  const std::vector<Event>& events = cursor.block->batch.events;
  if (cursor.next == 0) {
    cursor.block->waiting = events.size();
    if (free_slots_.empty()) {
      free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
      slots_.emplace_back();
    }
    cursor.slot = free_slots_.back();
    free_slots_.pop_back();
    slots_[cursor.slot] = cursor.block;
  }
  Event event = events[cursor.next];
  event.seq = std::uint64_t{cursor.slot} << 32 | cursor.next;
  ++cursor.next;
  sequencer_.push(log, event);
}

void BlockOrder::on_event(const Event& event) {
  const auto slot = static_cast<std::uint32_t>(event.seq >> 32);
  Block& block = *slots_[slot];
  if (mixed_ == nullptr) {
    mixed_ = std::make_shared<Mixed>();
    ++mixed_number_;
  }
  if (block.in_batch != mixed_number_) {
    block.in_batch = mixed_number_;
    mixed_->blocks.push_back(slots_[slot]);
  }
  mixed_->events.push_back(event);
  mixed_->routes.append(block.routes, event.seq & 0xffffffff);
  last_ = event.ts;
  listener_.on_matched(1, event.ts, event.ts, event.type_name == connectors::kUnparsedType ? 1 : 0);
  one_less_waits(slot);
  if (mixed_->events.size() >= batch_) flush();
}

void BlockOrder::on_late(const Event& event, Duration lateness) {
  listener_.on_late(event, lateness);
  one_less_waits(static_cast<std::uint32_t>(event.seq >> 32));
}

void BlockOrder::one_less_waits(std::uint32_t slot) {
  if (--slots_[slot]->waiting > 0) return;
  slots_[slot].reset();
  free_slots_.push_back(slot);
}

void BlockOrder::on_watermark(Timestamp watermark) {
  watermark_ = watermark;
}

/// Hands on what has been put together; false where that is nothing. One event can release many: of
/// these all go, whether there is room for so many batches or not.
bool BlockOrder::flush() {
  if (mixed_ == nullptr && watermark_ == Timestamp::min()) return false;
  runtime::EventBatch batch;
  batch.watermark = std::exchange(watermark_, Timestamp::min());
  if (mixed_ != nullptr) {
    batch.events = mixed_->events;
    batch.routes = &mixed_->routes;
    batch.memory.push_back(std::exchange(mixed_, nullptr));
  }
  engine_.submit(std::move(batch));
  return true;
}

void BlockOrder::end(bool complete) {
  flush();
  if (complete) {
    engine_.finish(last_);
  } else {
    engine_.stop();
    input_.stop();
  }
  ended_ = true;
}

connectors::LogTotals BlockOrder::totals() const {
  connectors::LogTotals sum;
  for (const connectors::LogTotals& log : totals_) sum.add(log);
  return sum;
}

}  // namespace weir::cli
