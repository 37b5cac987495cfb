#include "block_input.hpp"

#include <algorithm>
#include <utility>

namespace weir::cli {
namespace {

/// Blocks of a log that others are waited for: what is needed to know its first time.
constexpr std::size_t kReadAheadOfOthers = 1;
/// Blocks of the log that is waited for, at most; on few threads fewer.
constexpr std::size_t kMaxReadAhead = 64;

void look_over(Block& block) {
  const std::vector<Event>& events = block.batch.events;
  block.sorted = std::ranges::is_sorted(events, {}, &Event::ts);
  block.unparsed = static_cast<std::uint64_t>(std::ranges::count_if(
      events, [](const Event& e) { return e.type_name == connectors::kUnparsedType; }));
}

}  // namespace

BlockInput::BlockInput(const Logs& logs, const runtime::ParallelEngine& engine, std::size_t threads)
    : engine_(engine), read_ahead_(std::min(2 * threads + 2, kMaxReadAhead)), decoders_(threads) {
  for (const auto& source : logs) {
    logs_.push_back({.source = source.get(),
                     .in_order = source->decoder().codec().in_order(),
                     .may_wait = source->totals().stored_bytes_total == 0,
                     .ended = false,
                     .entries = {}});
  }
  for (auto& own : decoders_) own.resize(logs.size());
}

BlockPtr BlockInput::new_block() {
  std::unique_ptr<Block> block;
  {
    const std::lock_guard lock(pool_->mutex);
    if (!pool_->blocks.empty()) {
      block = std::move(pool_->blocks.back());
      pool_->blocks.pop_back();
    }
  }
  if (block == nullptr) block = std::make_unique<Block>();
  block->decoded = {};
  block->end = false;
  return BlockPtr(block.release(), [pool = pool_, most = read_ahead_](Block* done) {
    std::unique_ptr<Block> owned(done);
    const std::lock_guard lock(pool->mutex);
    if (pool->blocks.size() < most) pool->blocks.push_back(std::move(owned));
  });
}

/// The log that the order waits for, and a little of the others. What may wait is read by the first
/// thread alone, which signals go to, and only when it is needed.
BlockInput::Log* BlockInput::log_to_read(std::size_t thread) {
  if (stopped_ || under_read_) return nullptr;
  Log& wanted = logs_[wanted_];
  if (!wanted.ended && wanted.entries.size() < read_ahead_ && (!wanted.may_wait || thread == 0)) {
    return &wanted;
  }
  for (Log& log : logs_) {
    if (!log.ended && !log.may_wait && log.entries.size() < kReadAheadOfOthers) return &log;
  }
  return nullptr;
}

bool BlockInput::read(std::size_t thread) {
  std::unique_lock lock(mutex_);
  Log* const log = log_to_read(thread);
  if (log == nullptr) return false;
  under_read_ = true;
  lock.unlock();

  BlockPtr block = new_block();
  block->end = !log->source->read(block->batch.block);
  block->read = log->source->totals();

  lock.lock();
  under_read_ = false;
  log->ended = block->end;
  const State state = block->end ? State::kDecoded : State::kCut;
  log->entries.push_back({std::move(block), state});
  return true;
}

BlockInput::Entry* BlockInput::entry_to_decode(Log& log) {
  for (Entry& entry : log.entries) {
    if (entry.state == State::kCut) return &entry;
    if (entry.state == State::kUnderWay && log.in_order) return nullptr;
  }
  return nullptr;
}

connectors::LogDecoder& BlockInput::decoder(std::size_t thread, std::size_t log) {
  if (logs_[log].in_order) return logs_[log].source->decoder();
  std::unique_ptr<connectors::LogDecoder>& own = decoders_[thread][log];
  if (own == nullptr) own = logs_[log].source->make_decoder();
  return *own;
}

bool BlockInput::decode(std::size_t thread) {
  std::unique_lock lock(mutex_);
  Entry* entry = nullptr;
  std::size_t log = wanted_;
  for (std::size_t i = 0; i < logs_.size() && entry == nullptr; ++i) {
    log = (wanted_ + i) % logs_.size();
    entry = entry_to_decode(logs_[log]);
  }
  if (entry == nullptr) return false;
  entry->state = State::kUnderWay;
  lock.unlock();

  Block& block = *entry->block;
  decoder(thread, log).decode(block.batch, block.decoded);
  look_over(block);
  engine_.route(block.batch.events, block.routes);

  lock.lock();
  entry->state = State::kDecoded;
  return true;
}

BlockPtr BlockInput::take(std::size_t log) {
  const std::lock_guard lock(mutex_);
  wanted_ = log;
  std::deque<Entry>& entries = logs_[log].entries;
  if (entries.empty() || entries.front().state != State::kDecoded) return nullptr;
  BlockPtr block = std::move(entries.front().block);
  entries.pop_front();
  return block;
}

void BlockInput::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
}

}  // namespace weir::cli
