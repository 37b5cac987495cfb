// Logs read in blocks that any thread decodes: blocks of one log come out in their order.
//
// Blocks of a log are cut by one thread at a time and decoded side by side, each thread with codecs
// of its own; a log whose codec says in_order() is decoded block by block. Events get their routes
// there, too, while they are in the cache.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "weir/connectors/log_source.hpp"
#include "weir/runtime/crew.hpp"
#include "weir/runtime/parallel_engine.hpp"

namespace weir::cli {

/// About 1 MiB of a log.
struct Block {
  connectors::Batch batch;
  runtime::Routes routes;         // of batch.events
  connectors::LogTotals decoded;  // counts of this block alone
  connectors::LogTotals read;     // of the log when it had been cut: bytes
  bool end = false;               // no block, but the end of its log
  bool sorted = true;             // by time
  std::uint64_t unparsed = 0;     // events of the type kUnparsedType
};
using BlockPtr = std::shared_ptr<Block>;

class BlockInput {
 public:
  using Logs = std::vector<std::unique_ptr<connectors::LogSource>>;

  /// All outlive it. It outlives every event that is looked at: they name its codecs' formats.
  BlockInput(const Logs& logs, const runtime::ParallelEngine& engine, std::size_t threads);
  BlockInput(const BlockInput&) = delete;
  BlockInput& operator=(const BlockInput&) = delete;

  runtime::Stage& reading() noexcept { return reading_; }
  runtime::Stage& decoding() noexcept { return decoding_; }

  // For one thread at a time.

  /// The log's next block, decoded, or its end; null where it is not there yet. Asked of one log
  /// after the other, it is the log that is read first from now on.
  BlockPtr take(std::size_t log);
  /// Nothing more is read.
  void stop();

 private:
  enum class State : std::uint8_t { kCut, kUnderWay, kDecoded };
  struct Entry {
    BlockPtr block;
    State state = State::kCut;
  };
  struct Log {
    connectors::LogSource* source = nullptr;
    bool in_order = false;
    bool may_wait = false;  // a pipe, a terminal
    bool ended = false;
    std::deque<Entry> entries;  // in order; elements stay where they are
  };
  class Reading final : public runtime::Stage {
   public:
    explicit Reading(BlockInput& input) : input_(input) {}
    bool run_one(std::size_t thread) override { return input_.read(thread); }

   private:
    BlockInput& input_;
  };
  class Decoding final : public runtime::Stage {
   public:
    explicit Decoding(BlockInput& input) : input_(input) {}
    bool run_one(std::size_t thread) override { return input_.decode(thread); }

   private:
    BlockInput& input_;
  };

  bool read(std::size_t thread);
  bool decode(std::size_t thread);
  Log* log_to_read(std::size_t thread);
  Entry* entry_to_decode(Log& log);
  connectors::LogDecoder& decoder(std::size_t thread, std::size_t log);
  BlockPtr new_block();

  /// Blocks done with, to be used again.
  struct Pool {
    std::mutex mutex;
    std::vector<std::unique_ptr<Block>> blocks;  // under mutex
  };

  const runtime::ParallelEngine& engine_;
  const std::size_t read_ahead_;  // blocks of the log that is waited for
  Reading reading_{*this};
  Decoding decoding_{*this};

  const std::shared_ptr<Pool> pool_ = std::make_shared<Pool>();

  std::mutex mutex_;  // of all that follows, but the codecs
  std::vector<Log> logs_;
  std::size_t wanted_ = 0;
  bool under_read_ = false;
  bool stopped_ = false;
  std::vector<std::vector<std::unique_ptr<connectors::LogDecoder>>> decoders_;  // by thread and log
};

}  // namespace weir::cli
