// Events of several blocks, as a Sequencer releases them, put together into batches for a
// ParallelEngine.
//
// Nothing is copied but the events' heads: a block stays where it is until no event of it waits and
// no batch has one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "weir/runtime/parallel_engine.hpp"

namespace weir::runtime {

/// Used by one thread at a time.
template <typename Block>
class BatchMixer {
 public:
  using BlockPtr = std::shared_ptr<Block>;

  /// `engine` outlives it. `batch`: events of a batch, at most.
  BatchMixer(ParallelEngine& engine, std::size_t batch) : engine_(engine), batch_(batch) {}

  /// So many events of the block, which is not done with before add() or drop() of each of them.
  /// `routes` lie in the block. The first event is to go through the sequencer with what is
  /// returned as its seq, each after it with one more. REQUIRES: events > 0.
  std::uint64_t hold(BlockPtr block, const Routes& routes, std::size_t events) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(held_.size()));
      held_.emplace_back();
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    held_[slot] = {.block = std::move(block), .routes = &routes, .waiting = events};
    return std::uint64_t{slot} << 32;
  }

  /// The event goes into the batch. Its block, where none of its events waits any more; else null.
  BlockPtr add(const Event& event) {
    Held& held = held_[slot(event)];
    if (mixed_ == nullptr) {
      mixed_ = std::make_shared<Mixed>();
      ++number_;
    }
    if (std::exchange(held.in_batch, number_) != number_) mixed_->blocks.push_back(held.block);
    mixed_->events.push_back(event);
    mixed_->routes.append(*held.routes, event.seq & 0xffffffff);
    return drop(event);
  }
  /// The same for an event that goes nowhere.
  BlockPtr drop(const Event& event) {
    const std::uint32_t at = slot(event);
    if (--held_[at].waiting > 0) return nullptr;
    free_.push_back(at);
    return std::exchange(held_[at], {}).block;
  }

  /// Nothing at or before it can still come; goes with the next batch.
  void set_watermark(Timestamp watermark) noexcept { watermark_ = watermark; }

  bool empty() const noexcept { return mixed_ == nullptr; }
  bool full() const noexcept { return mixed_ != nullptr && mixed_->events.size() >= batch_; }

  /// Submits what has been put together; false where that is nothing.
  bool flush() {
    if (mixed_ == nullptr && watermark_ == Timestamp::min()) return false;
    EventBatch batch;
    batch.watermark = std::exchange(watermark_, Timestamp::min());
    if (mixed_ != nullptr) {
      batch.events = mixed_->events;
      batch.routes = &mixed_->routes;
      batch.memory.push_back(std::exchange(mixed_, nullptr));
    }
    engine_.submit(std::move(batch));
    return true;
  }

  /// Submits events of a block as they are, from the one that has the routes' number `first` on.
  /// REQUIRES: empty().
  void pass(const BlockPtr& block, const Routes& routes, std::span<const Event> events,
            std::size_t first) {
    engine_.submit({.events = events,
                    .routes = &routes,
                    .first_route = first,
                    .watermark = std::exchange(watermark_, Timestamp::min()),
                    .memory = {block}});
  }

 private:
  /// A block with events that wait.
  struct Held {
    BlockPtr block;
    const Routes* routes = nullptr;
    std::size_t waiting = 0;
    std::uint64_t in_batch = 0;  // the last batch that has one of them
  };
  struct Mixed {
    std::vector<Event> events;
    Routes routes;
    std::vector<BlockPtr> blocks;
  };

  static std::uint32_t slot(const Event& event) noexcept {
    return static_cast<std::uint32_t>(event.seq >> 32);
  }

  ParallelEngine& engine_;
  const std::size_t batch_;
  std::vector<Held> held_;
  std::vector<std::uint32_t> free_;  // places in held_
  std::shared_ptr<Mixed> mixed_;
  std::uint64_t number_ = 0;                // of the batch under way
  Timestamp watermark_ = Timestamp::min();  // told, but not handed on
};

}  // namespace weir::runtime
