// The one place where everything that comes into the live engine is put in order.
//
// A stage: it takes items from the queues of the sources, hands blocks to the domains that they
// feed, and keeps account of the partitions. All of it but the queues belongs to whichever thread
// is in it; tick(), stats() and take_cut() wait for that thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "live/domain_order.hpp"
#include "parallel/batch_queue.hpp"
#include "weir/runtime/live_engine.hpp"

namespace weir::runtime {

class LiveOrder final : public Stage {
 public:
  using Engines = std::vector<std::unique_ptr<ParallelEngine>>;

  /// All outlive it. `engines`: by domain.
  LiveOrder(const LiveOptions& options, std::span<const TimeDomain> domains, const Engines& engines,
            LiveListener& listener);

  bool has_room(std::uint32_t source) const noexcept {
    return queues_[source].bytes.load(std::memory_order_acquire) < kMaxQueuedBytes;
  }
  void put(std::uint32_t source, InputItem item);
  void tick(std::int64_t now);
  void drain();
  std::optional<InputCut> take_cut();
  /// Without LiveStats::engine.
  LiveStats stats() const;

  bool run_one(std::size_t thread) override;

 private:
  struct Queue {
    BatchQueue<InputItem> items;
    std::atomic<std::size_t> bytes{0};
  };
  /// A block that is not done with yet, and where its partition goes on behind it.
  struct Passed {
    std::uint64_t next_offset = 0;
    std::weak_ptr<LiveBlock> block;
  };
  struct Partition {
    std::shared_ptr<PartitionControl> control;
    std::vector<std::uint32_t> in_domain;  // its number in each domain's sequencer
    std::deque<Passed> passed;             // in their order
    std::uint64_t done = 0;
    std::uint64_t next_offset = 0;
    std::uint64_t events = 0;
    std::shared_ptr<std::uint64_t> waiting_bytes = std::make_shared<std::uint64_t>(0);
    bool idle = false;
  };
  using PartitionKey = std::pair<std::uint32_t, std::uint32_t>;  // source, partition
  /// Offsets that are done with when the engines have merged so many batches.
  struct Cut {
    InputCut cut;
    std::vector<std::uint64_t> batches;  // by domain
  };

  void open(const PartitionKey& key, std::shared_ptr<PartitionControl> control);
  void close(const PartitionKey& key);
  bool take_next();
  void take(InputItem& item);
  void take_block(InputBlock& block);
  void take_change(PartitionChange& change);
  void move_time(std::int64_t now);
  void hold_back();
  void begin_cut();
  bool wind_up();
  bool domains_have_room() const;

  const LiveOptions& options_;
  std::span<const TimeDomain> domains_;
  const Engines& engines_;
  LiveListener& listener_;
  std::vector<std::vector<std::uint32_t>> fed_by_;  // by source: domains
  std::deque<Queue> queues_;                        // by source

  mutable std::mutex mutex_;                      // of all that follows
  std::deque<DomainOrder> orders_;                // by domain
  std::map<PartitionKey, Partition> partitions_;  // open ones; elements stay where they are
  std::vector<std::int64_t> last_arrival_;        // by domain, of the monotonic clock
  std::size_t next_queue_ = 0;
  std::deque<Cut> cuts_;
  enum class State : std::uint8_t { kRunning, kDraining, kEnding, kEnded } state_ = State::kRunning;
};

}  // namespace weir::runtime
