#include "live/live_order.hpp"

#include <algorithm>

namespace weir::runtime {
namespace {

/// Items taken without a look at whether something more urgent has come up.
constexpr std::size_t kItemsAtOnce = 64;
/// While all is idle, time goes on in steps of so much.
constexpr Duration kClockStep{1'000'000'000};
/// Cuts that wait to be complete; while there are so many no other is begun.
constexpr std::size_t kMaxCuts = 4;

}  // namespace

LiveOrder::LiveOrder(const LiveOptions& options, std::span<const TimeDomain> domains,
                     const Engines& engines, LiveListener& listener)
    : options_(options),
      domains_(domains),
      engines_(engines),
      listener_(listener),
      fed_by_(options.sources.size()),
      queues_(options.sources.size()),
      last_arrival_(domains.size()) {
  for (std::uint32_t d = 0; d < domains.size(); ++d) {
    orders_.emplace_back(d, *engines[d], options.batch, listener);
    for (const std::uint32_t source : domains[d].sources) fed_by_[source].push_back(d);
  }
  // Until a source has said what partitions it has, it may have events that come before all
  // others'.
  for (std::uint32_t source = 0; source < options.sources.size(); ++source) {
    open({source, kNoPartition}, std::make_shared<PartitionControl>());
  }
}

void LiveOrder::open(const PartitionKey& key, std::shared_ptr<PartitionControl> control) {
  Partition& partition = partitions_[key];
  partition.control = std::move(control);
  partition.done = partition.next_offset = partition.control->done.load();
  partition.in_domain.resize(domains_.size());
  const std::uint64_t rank = std::uint64_t{key.first} << 32 | key.second;
  for (const std::uint32_t d : fed_by_[key.first]) {
    partition.in_domain[d] =
        orders_[d].sequencer().open(rank, options_.sources[key.first].out_of_order);
  }
}

void LiveOrder::close(const PartitionKey& key) {
  const auto at = partitions_.find(key);
  if (at == partitions_.end()) return;
  for (const std::uint32_t d : fed_by_[key.first]) {
    orders_[d].sequencer().close(at->second.in_domain[d]);
  }
  partitions_.erase(at);
}

void LiveOrder::put(std::uint32_t source, InputItem item) {
  if (const auto* block = std::get_if<InputBlock>(&item)) {
    queues_[source].bytes.fetch_add(block->bytes, std::memory_order_relaxed);
  }
  queues_[source].items.push(std::move(item));
}

bool LiveOrder::run_one(std::size_t) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock() || state_ == State::kEnded) return false;
  bool worked = false;
  for (std::size_t i = 0; i < kItemsAtOnce && take_next(); ++i) worked = true;
  // Nothing is kept back for want of what comes after it.
  for (DomainOrder& order : orders_) worked = order.go_on() || worked;
  return worked || wind_up();
}

/// After drain(), where nothing else is left to do.
bool LiveOrder::wind_up() {
  if (state_ == State::kDraining && domains_have_room()) {
    for (DomainOrder& order : orders_) order.end();
    state_ = State::kEnding;
    return true;
  }
  if (state_ == State::kEnding && std::ranges::all_of(orders_, &DomainOrder::ended)) {
    state_ = State::kEnded;
    return true;
  }
  return false;
}

bool LiveOrder::domains_have_room() const {
  return std::ranges::all_of(orders_, [](const DomainOrder& order) { return order.has_room(); });
}

/// The next item of the next source that has one, in turns.
bool LiveOrder::take_next() {
  if (!domains_have_room() || !listener_.room_for_alerts()) return false;
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    const auto source = static_cast<std::uint32_t>((next_queue_ + i) % queues_.size());
    InputItem item;
    if (!queues_[source].items.pop(item)) continue;
    next_queue_ = source + 1;
    if (const auto* block = std::get_if<InputBlock>(&item)) {
      queues_[source].bytes.fetch_sub(block->bytes, std::memory_order_release);
    }
    take(item);
    return true;
  }
  return false;
}

void LiveOrder::take(InputItem& item) {
  listener_.on_taken(item);
  if (auto* const block = std::get_if<InputBlock>(&item)) {
    take_block(*block);
  } else if (auto* const change = std::get_if<PartitionChange>(&item)) {
    take_change(*change);
  } else {
    const auto& step = std::get<ClockStep>(item);
    orders_[step.domain].sequencer().step(step.watermark);
  }
}

void LiveOrder::take_block(InputBlock& input) {
  const auto at = partitions_.find({input.source, input.partition});
  // Closed: what is left of it is read again by its next owner.
  if (at == partitions_.end()) return;
  Partition& partition = at->second;
  const auto block = std::make_shared<LiveBlock>();
  block->input = std::move(input);
  block->waiting_bytes = partition.waiting_bytes;
  partition.idle = false;
  partition.events += block->input.events.size();
  partition.next_offset = block->input.next_offset;
  for (const std::uint32_t d : fed_by_[block->input.source]) {
    last_arrival_[d] = block->input.arrived;
    orders_[d].take(block, partition.in_domain[d]);
  }
  partition.passed.push_back({partition.next_offset, block});
}

void LiveOrder::take_change(PartitionChange& change) {
  const PartitionKey key{change.source, change.partition};
  if (change.kind == PartitionChange::Kind::kOpened) {
    open(key, std::move(change.control));
    return close({change.source, kNoPartition});
  }
  if (change.kind == PartitionChange::Kind::kClosed) return close(key);
  const auto at = partitions_.find(key);
  if (at == partitions_.end()) return;
  at->second.idle = true;
  for (const std::uint32_t d : fed_by_[change.source]) {
    orders_[d].sequencer().set_idle(at->second.in_domain[d]);
  }
}

void LiveOrder::tick(std::int64_t now) {
  const std::lock_guard lock(mutex_);
  if (state_ == State::kRunning) {
    move_time(now);
    hold_back();
  }
  begin_cut();
}

/// Where all sources of a domain are idle its watermark is that of the newest event, moved on by
/// what has passed since the last arrival.
void LiveOrder::move_time(std::int64_t now) {
  for (std::uint32_t d = 0; d < orders_.size(); ++d) {
    Sequencer& sequencer = orders_[d].sequencer();
    if (!sequencer.all_idle()) continue;
    Timestamp newest = Timestamp::min();
    for (const auto& [key, partition] : partitions_) {
      if (std::ranges::find(fed_by_[key.first], d) == fed_by_[key.first].end()) continue;
      newest = std::max(newest, sequencer.frontier(partition.in_domain[d]));
    }
    if (newest == Timestamp::min()) continue;  // no event yet, and no time
    const Timestamp watermark = newest + Duration{now - last_arrival_[d] - 1};
    if (watermark < sequencer.watermark() + kClockStep) continue;
    InputItem step = ClockStep{d, watermark};
    take(step);
  }
}

/// Says who is to be paused: what is far ahead of the slowest of a domain, where it costs memory.
void LiveOrder::hold_back() {
  std::uint64_t waiting = 0;
  for (const auto& [key, partition] : partitions_) waiting += *partition.waiting_bytes;
  const bool short_of_memory = waiting > options_.max_waiting_bytes;
  for (auto& [key, partition] : partitions_) {
    bool ahead = false;
    for (const std::uint32_t d : fed_by_[key.first]) {
      Sequencer& sequencer = orders_[d].sequencer();
      const Timestamp frontier = sequencer.frontier(partition.in_domain[d]);
      const bool slowest = sequencer.slowest() == partition.in_domain[d];
      if (slowest || sequencer.all_idle() || frontier == Timestamp::min()) continue;
      const bool far = sequencer.watermark() == Timestamp::min() ||
                       frontier - sequencer.watermark() > options_.max_ahead;
      ahead = ahead || short_of_memory || (far && *partition.waiting_bytes > kFreeAheadBytes);
    }
    partition.control->hold.store(ahead && *partition.waiting_bytes > 0, std::memory_order_relaxed);
  }
}

void LiveOrder::begin_cut() {
  if (cuts_.size() >= kMaxCuts) return;
  Cut cut;
  for (auto& [key, partition] : partitions_) {
    const std::uint64_t before = partition.done;
    while (!partition.passed.empty() && partition.passed.front().block.expired()) {
      partition.done = partition.passed.front().next_offset;
      partition.passed.pop_front();
    }
    if (partition.done != before) cut.cut.partitions.push_back({partition.control, partition.done});
  }
  if (cut.cut.partitions.empty()) return;
  for (const auto& engine : engines_) cut.batches.push_back(engine->submitted());
  cuts_.push_back(std::move(cut));
}

std::optional<InputCut> LiveOrder::take_cut() {
  const std::lock_guard lock(mutex_);
  if (cuts_.empty()) return std::nullopt;
  const Cut& first = cuts_.front();
  for (std::size_t d = 0; d < engines_.size(); ++d) {
    // One that is done has handed out everything, and counts no further.
    if (!engines_[d]->done() && engines_[d]->merged() < first.batches[d]) return std::nullopt;
  }
  InputCut cut = std::move(cuts_.front().cut);
  cuts_.pop_front();
  return cut;
}

void LiveOrder::drain() {
  const std::lock_guard lock(mutex_);
  state_ = State::kDraining;
}

LiveStats LiveOrder::stats() const {
  const std::lock_guard lock(mutex_);
  LiveStats stats;
  for (std::size_t d = 0; d < orders_.size(); ++d) {
    stats.domains.push_back(orders_[d].stats());
    stats.domains.back().sources = domains_[d].sources;
  }
  for (const auto& [key, partition] : partitions_) {
    if (key.second == kNoPartition) continue;
    Timestamp frontier = Timestamp::min();
    for (const std::uint32_t d : fed_by_[key.first]) {
      frontier = orders_[d].sequencer().frontier(partition.in_domain[d]);
    }
    stats.partitions.push_back({.source = key.first,
                                .partition = key.second,
                                .events = partition.events,
                                .next_offset = partition.next_offset,
                                .waiting_bytes = *partition.waiting_bytes,
                                .watermark = frontier,
                                .idle = partition.idle,
                                .held = partition.control->hold.load()});
  }
  return stats;
}

}  // namespace weir::runtime
