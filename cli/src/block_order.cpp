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
      mixer_(engine, batch),
      cursors_(logs.size()) {
  for (const auto& log : logs) totals_.push_back(log->totals());
}

bool BlockOrder::run_one(std::size_t) {
  if (busy_.test_and_set(std::memory_order_acquire)) return false;
  bool worked = false;
  while (!ended_ && engine_.has_room() && advance()) worked = true;
  // Nothing is kept back for want of what comes after it.
  if (!ended_ && engine_.has_room() && mixer_.flush()) worked = true;
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
    if (cursor.whole) mixer_.flush();
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
  mixer_.pass(cursor.block, block.routes, std::span(events).subspan(cursor.next, n), cursor.next);
  cursor.next += n;
}

void BlockOrder::pass_one(Cursor& cursor, std::uint32_t log) {
  const std::vector<Event>& events = cursor.block->batch.events;
  if (cursor.next == 0) {
    cursor.seq = mixer_.hold(cursor.block, cursor.block->routes, events.size());
  }
  Event event = events[cursor.next++];
  event.seq = cursor.seq++;
  sequencer_.push(log, event);
}

/// One event can release many: of these all go, whether there is room for so many batches or not.
void BlockOrder::on_event(const Event& event) {
  mixer_.add(event);
  last_ = event.ts;
  listener_.on_matched(1, event.ts, event.ts, event.type_name == connectors::kUnparsedType ? 1 : 0);
  if (mixer_.full()) mixer_.flush();
}

void BlockOrder::on_late(const Event& event, Duration lateness) {
  listener_.on_late(event, lateness);
  mixer_.drop(event);
}

void BlockOrder::end(bool complete) {
  mixer_.flush();
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
