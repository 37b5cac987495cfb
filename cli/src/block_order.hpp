// Decoded blocks into batches of ordered events: what LogInput::run does, for many threads.
//
// One thread at a time. Where a block's events may go as they are (one log, or others that are all
// later), they go without a look at each; otherwise they go through the Sequencer one by one and
// are put together anew. Nothing is copied but the events' heads: a block stays where it is until
// no event of it waits and no batch has one.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "block_input.hpp"
#include "weir/runtime/batch_mixer.hpp"
#include "weir/runtime/parallel_engine.hpp"
#include "weir/runtime/sequencer.hpp"

namespace weir::cli {

/// Hears of what comes out, in the order in which one thread would tell it.
class BlockListener {
 public:
  virtual ~BlockListener() = default;
  /// A block has been read; `totals` has been added to. False: nothing more is to be matched.
  virtual bool on_block(const connectors::LogSource& log, const Block& block) = 0;
  virtual void on_late(const Event& event, Duration lateness) = 0;
  /// All logs have been read. False: their end is none, deadlines stay open.
  virtual bool on_end() = 0;
  /// So many events are matched, from `first` to `last`, `unparsed` of them of the type
  /// kUnparsedType.
  virtual void on_matched(std::uint64_t events, Timestamp first, Timestamp last,
                          std::uint64_t unparsed) = 0;
};

class BlockOrder final : public runtime::Stage, private runtime::EventSink {
 public:
  /// All references outlive it. `batch`: events handed on at a time, at most.
  BlockOrder(const BlockInput::Logs& logs, BlockInput& input, runtime::ParallelEngine& engine,
             Duration out_of_order, std::size_t batch, BlockListener& listener);

  bool run_one(std::size_t thread) override;

  // When the engine is done.

  /// Sums over all logs, of what was read in the order of one thread.
  connectors::LogTotals totals() const;
  std::uint64_t late() const noexcept { return sequencer_.late(); }

 private:
  /// A log's block under way, and how far it has been handed on.
  struct Cursor {
    BlockPtr block;
    std::size_t next = 0;
    bool whole = false;     // it goes on as it is
    std::uint64_t seq = 0;  // of a block whose events go one by one: of the next one
  };

  bool advance();
  bool begin_block(std::size_t log);
  void pass_whole(Cursor& cursor);
  void pass_one(Cursor& cursor, std::uint32_t log);
  void end(bool complete);

  void on_event(const Event& event) override;
  void on_watermark(Timestamp watermark) override { mixer_.set_watermark(watermark); }
  void on_late(const Event& event, Duration lateness) override;

  const BlockInput::Logs& logs_;
  BlockInput& input_;
  runtime::ParallelEngine& engine_;
  BlockListener& listener_;
  const std::size_t batch_;
  std::atomic_flag busy_;

  runtime::Sequencer sequencer_;
  runtime::BatchMixer<Block> mixer_;
  std::vector<Cursor> cursors_;                // by log
  std::vector<connectors::LogTotals> totals_;  // by log
  Timestamp last_ = Timestamp::min();          // event time reached
  bool ended_ = false;
};

}  // namespace weir::cli
