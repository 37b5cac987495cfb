// The engine of `weir run`: events of many sources as they come in, alerts out, for months.
//
//   source drivers -> put() -> order -> time domains -> workers -> merged alerts -> AlertTextSink
//
// Every time domain (time_domain.hpp) has a Sequencer of its own, which puts the events of its
// sources in order, and a ParallelEngine that matches them. What the drivers put is taken by one
// thread at a time, in the order in which LiveListener hears of it; from there on nothing depends
// on clocks or threads: the same items in the same order give the same alerts.
//
// Nothing here has a thread: a Crew runs the stages.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "weir/event/event.hpp"
#include "weir/nfa/program.hpp"
#include "weir/runtime/alert.hpp"
#include "weir/runtime/crew.hpp"
#include "weir/runtime/parallel_engine.hpp"
#include "weir/runtime/time_domain.hpp"

namespace weir::runtime {

/// Bytes of decoded blocks that wait in the queue of one source. With more, put() is not allowed.
inline constexpr std::size_t kMaxQueuedBytes = std::size_t{4} << 20;
/// A partition that runs ahead of the slowest is paused only when so much of it waits: a catch-up,
/// where hours of event time go by in a second, is not slowed down by it.
inline constexpr std::size_t kFreeAheadBytes = std::size_t{16} << 20;

struct LiveSource {
  std::string name;
  SourceTypes types;
  Duration out_of_order;
};

struct LiveOptions {
  std::vector<LiveSource> sources;
  std::size_t workers = 2;
  std::size_t batch = 256;  // events handed to the workers at a time, at most
  /// How far, in event time, a partition may run ahead of the slowest before it is paused.
  Duration max_ahead{60'000'000'000};
  /// Bytes of events that may wait for slower sources; then all but these are paused.
  std::size_t max_waiting_bytes = std::size_t{256} << 20;
};

/// What the engine tells the driver of one partition. Shared by the two.
struct PartitionControl {
  /// It runs ahead of others: to be paused.
  std::atomic<bool> hold{false};
  /// Everything before this offset is done with; see LiveEngine::take_cut().
  std::atomic<std::uint64_t> done{0};
};

/// What the events of a block point to.
class InputMemory {
 public:
  virtual ~InputMemory() = default;
};

/// Decoded records of one partition, in its order.
struct InputBlock {
  std::uint32_t source = 0;
  std::uint32_t partition = 0;
  std::uint64_t next_offset = 0;  // where the partition goes on
  std::span<const Event> events;
  bool sorted = false;         // by time
  std::vector<Routes> routes;  // by domain; LiveEngine::route()
  std::size_t bytes = 0;       // about, that it takes
  std::int64_t arrived = 0;    // by the monotonic clock, ns
  std::shared_ptr<const InputMemory> memory;
};

/// Stands for a source that has not said yet what partitions it has: until its first one is opened
/// (or this is closed, or idle) it may have events that come before all others'.
inline constexpr std::uint32_t kNoPartition = 0xffff'ffff;

/// A partition that comes, goes, or has nothing.
struct PartitionChange {
  enum class Kind : std::uint8_t { kOpened, kClosed, kIdle };
  Kind kind = Kind::kOpened;
  std::uint32_t source = 0;
  std::uint32_t partition = 0;
  std::shared_ptr<PartitionControl> control;  // kOpened
};

/// Recorded input: while all sources of a domain are idle, time goes on.
struct ClockStep {
  std::uint32_t domain = 0;
  Timestamp watermark;
};

using InputItem = std::variant<InputBlock, PartitionChange, ClockStep>;

/// Hears of what the engine takes. One thread at a time, not always the same.
class LiveListener {
 public:
  virtual ~LiveListener() = default;
  /// Takes effect now. For a recording: the same items put in this order have the same effect.
  virtual void on_taken(const InputItem& item) = 0;
  /// Where several domains read the event, each for which it is late says so.
  virtual void on_late(const Event& event, Duration lateness) = 0;
  /// The alerts and late events handed out so far have found room. While it says no, no more are.
  virtual bool room_for_alerts() = 0;
};

struct DomainStats {
  std::vector<std::uint32_t> sources;
  /// events = matched + late + waiting, at any time.
  std::uint64_t events = 0;   // of its sources, taken
  std::uint64_t matched = 0;  // handed to the matcher
  std::uint64_t late = 0;
  std::uint64_t waiting = 0;  // in the reorder buffer
  Timestamp watermark = Timestamp::min();
};

struct PartitionStats {
  std::uint32_t source = 0;
  std::uint32_t partition = 0;
  std::uint64_t events = 0;
  std::uint64_t next_offset = 0;
  std::uint64_t waiting_bytes = 0;
  Timestamp watermark = Timestamp::min();
  bool idle = false;
  bool held = false;
};

struct LiveStats {
  std::vector<DomainStats> domains;
  std::vector<PartitionStats> partitions;  // open ones
  EngineStats engine;                      // sums over domains; events as of `domains`

  /// Sums over domains, of which several may have the same events.
  DomainStats total() const;
};

/// Up to these offsets everything is matched, and the alerts of it were handed to the sink.
struct InputCut {
  struct Partition {
    std::shared_ptr<PartitionControl> control;
    std::uint64_t offset = 0;
  };
  std::vector<Partition> partitions;
};

class LiveEngine {
 public:
  /// `format`, `sink` and `listener` outlive it.
  LiveEngine(nfa::ProgramPtr program, LiveOptions options, const AlertFormat& format,
             AlertTextSink& sink, LiveListener& listener);
  ~LiveEngine();
  LiveEngine(const LiveEngine&) = delete;
  LiveEngine& operator=(const LiveEngine&) = delete;

  std::span<const TimeDomain> domains() const noexcept;

  // For source drivers: one thread a source.

  bool has_room(std::uint32_t source) const noexcept;
  /// REQUIRES: has_room(), or the item is no block.
  void put(std::uint32_t source, InputItem item);
  /// Which workers of which domain each event of a source is for.
  void route(std::uint32_t source, std::span<const Event> events,
             std::vector<Routes>& routes) const;

  // For one thread that watches the clock, some times a second.

  /// `now`: of the monotonic clock, ns. It moves on domains whose sources are idle, and settles who
  /// is held.
  void tick(std::int64_t now);
  /// The newest cut that is complete, once.
  std::optional<InputCut> take_cut();
  LiveStats stats() const;
  /// What is queued is taken; then what waits goes to the matcher in its order, late or not; then
  /// done(). Deadlines stay open.
  void drain();

  /// In the order of their urgency.
  std::span<Stage* const> stages() noexcept;
  bool done() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::runtime
