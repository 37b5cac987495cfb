// A live source: records as they come, from a system that goes on.
//
// Each source is driven by one thread of its own (SourceDriver in connectors/src/live), which calls
// everything here but what says otherwise. A source splits what it receives into records and gives
// them positions; it decodes nothing, and knows nothing of event time.
//
// Its partitions are the parts that have an order and offsets of their own: a Kafka partition, a
// file of a glob; where there is no such thing, partition 0. Numbers mean the same after a restart.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/connectors/record_reader.hpp"
#include "weir/connectors/reject.hpp"

namespace weir::connectors {

/// About so many bytes, or kMaxPolledRecords, at most, of one poll; a single record may be larger.
inline constexpr std::size_t kMaxPolledBytes = std::size_t{256} << 10;
inline constexpr std::size_t kMaxPolledRecords = 4096;

/// Where a partition goes on: what lies before `offset` is done with.
struct PartitionOffset {
  std::uint32_t partition = 0;
  std::uint64_t offset = 0;
  friend bool operator==(const PartitionOffset&, const PartitionOffset&) = default;
};

/// What one poll gave.
struct Polled {
  enum class Kind : std::uint8_t {
    kNothing,  // the time is over, or what there is belongs to paused partitions
    kRecords,  // `block`, of one partition, in its order
    kDrained,  // the partition was asked and has no more right now; told once, until it has records
    kOpened,   // a partition that may have records from now on; told before its first records
    kClosed,   // it has no more and never will (or is another's now): it holds nothing back
    kAway,     // the far end cannot be reached (`text` says why): nobody was asked, so that nothing
               // is idle. Told once, until kBack
    kBack,     // it can be reached again; who is drained is told anew
    kEnd,      // of the source: all its partitions are closed
    kFailed,   // it cannot go on until somebody does something (`text` says what is wrong); nothing
               // comes after it
  };
  Kind kind = Kind::kNothing;
  std::uint32_t partition = 0;
  /// kOpened: the partition's name, for people ("payments-3", a path). kAway, kFailed: the reason.
  std::string text;
  RecordBlock block;
  /// kRecords: where the partition goes on behind them. kOpened: where it begins.
  std::uint64_t next_offset = 0;
  /// kRecords: of a source whose far end waits for an answer (HTTP), to be given to settled().
  std::uint64_t ticket = 0;
};

/// A record of a block that was refused, by its place among the block's records.
struct RefusedRecord {
  std::size_t index = 0;
  RejectReason reason = RejectReason::kNone;
  std::string detail;
};

/// Takes what a source or sink has to tell the people who run it. Any thread.
class Notices {
 public:
  enum class Level : std::uint8_t { kInfo, kWarning, kError };
  virtual ~Notices() = default;
  /// `reason`: a stable word for the kind of notice ("rotated", "broker_down"), by which they are
  /// rate-limited; `text`: a sentence without secrets, and without an event's payload.
  virtual void note(Level level, std::string_view reason, std::string_view text) = 0;
};

class Source {
 public:
  virtual ~Source() = default;

  /// Waits for at most `timeout` for something to happen, and says what. `into` is used again.
  virtual void poll(Polled& into, std::chrono::milliseconds timeout) = 0;

  /// A paused partition gives no records until it is resumed; the source is polled all the same, so
  /// that it stays alive at the far end. Where everything is paused, a source that is pushed to
  /// answers that it is busy (HTTP 429) or stops reading.
  virtual void pause(std::uint32_t partition, bool paused) = 0;

  /// The block of this ticket has been decoded and taken in, but for `refused`, in order of index:
  /// whoever sent it may forget it. Called for each block, in order.
  virtual void settled(std::uint64_t ticket, std::span<const RefusedRecord> refused) {
    (void)ticket;
    (void)refused;
  }

  /// What lies before these offsets has been matched, and its alerts are where they belong: the far
  /// end need not give it again.
  virtual void commit(std::span<const PartitionOffset> done) { (void)done; }

  /// A call under way returns soon. Any thread, also a signal's watcher.
  virtual void wake() {}
};

/// Where each partition is to begin: none named, where the source's options say.
using StartOffsets = std::vector<PartitionOffset>;

}  // namespace weir::connectors
