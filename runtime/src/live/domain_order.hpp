// Decoded blocks into ordered batches of one time domain.
//
// One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "weir/runtime/batch_mixer.hpp"
#include "weir/runtime/live_engine.hpp"
#include "weir/runtime/parallel_engine.hpp"
#include "weir/runtime/sequencer.hpp"

namespace weir::runtime {

/// A block on its way through all domains that its source feeds.
struct LiveBlock {
  InputBlock input;
  std::uint32_t held = 0;  // domains in which events of it wait
  /// Its partition's, which may be closed before the block is done with.
  std::shared_ptr<std::uint64_t> waiting_bytes;
};
using LiveBlockPtr = std::shared_ptr<LiveBlock>;

class DomainOrder final : private EventSink {
 public:
  /// All outlive it. `number`: of the domain.
  DomainOrder(std::uint32_t number, ParallelEngine& engine, std::size_t batch,
              LiveListener& listener);

  Sequencer& sequencer() noexcept { return sequencer_; }
  const Sequencer& sequencer() const noexcept { return sequencer_; }

  /// False: no more blocks are wanted right now.
  bool has_room() const noexcept { return !mixer_.full() && engine_.has_room(); }
  void take(const LiveBlockPtr& block, std::uint32_t source);
  /// Hands on what may go; false where that is nothing.
  bool go_on();
  /// Whatever waits is to go, in its order. ended() when it has.
  void end();
  bool ended() const noexcept { return ended_; }

  DomainStats stats() const;

 private:
  bool full() const override { return mixer_.full(); }
  void pass_whole(const LiveBlockPtr& block);
  void pass_each(const LiveBlockPtr& block, std::uint32_t source);
  static void done_waiting(const LiveBlockPtr& block);

  void on_event(const Event& event) override;
  void on_watermark(Timestamp watermark) override { mixer_.set_watermark(watermark); }
  void on_late(const Event& event, Duration lateness) override;

  const std::uint32_t number_;
  ParallelEngine& engine_;
  const std::size_t batch_;
  LiveListener& listener_;
  Sequencer sequencer_;
  BatchMixer<LiveBlock> mixer_;
  std::uint64_t events_ = 0;
  std::uint64_t matched_ = 0;
  bool ending_ = false;
  bool ended_ = false;
};

}  // namespace weir::runtime
