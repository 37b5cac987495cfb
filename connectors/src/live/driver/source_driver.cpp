#include "weir/connectors/live/source_driver.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "weir/connectors/live/clock.hpp"

namespace weir::connectors {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPoll{50};
/// While there is no room: it comes back without a word.
constexpr std::chrono::milliseconds kPollPaused{2};

}  // namespace

class SourceDriver::Impl {
 public:
  Impl(std::unique_ptr<Source> source, SourceDriverOptions options, nfa::ProgramPtr program,
       runtime::LiveEngine& engine, SourceDriverListener& listener, Notices& notices)
      : source_(std::move(source)),
        options_(std::move(options)),
        program_(std::move(program)),
        engine_(engine),
        listener_(listener),
        notices_(notices) {
    // Stands for the source until it opens one.
    partitions_[runtime::kNoPartition].drained = true;
    partitions_[runtime::kNoPartition].quiet_since = Clock::now();
  }
  ~Impl() { stop(); }

  void start() {
    thread_ = std::thread([this] { run(); });
  }

  void stop() {
    stopping_ = true;
    if (source_ != nullptr) source_->wake();
    if (thread_.joinable()) thread_.join();
  }

  void close() {
    stop();
    commit();
    source_.reset();
  }

  SourceStats stats() const {
    const std::lock_guard lock(mutex_);
    return stats_;
  }

 private:
  struct Partition {
    std::shared_ptr<runtime::PartitionControl> control;
    std::unique_ptr<PartitionDecoder> decoder;
    bool paused = false;
    bool drained = false;
    bool idle = false;
    Clock::time_point quiet_since;  // it was asked since then, and had nothing
    std::uint64_t committed = 0;
  };

  void run() {
    while (!stopping_) {
      const bool room = engine_.has_room(options_.number) && listener_.room_for_rejected();
      pause_and_resume(room);
      source_->poll(polled_, room ? kPoll : kPollPaused);
      take();
      look_for_idle();
      commit();
    }
  }

  void pause_and_resume(bool room) {
    for (auto& [number, partition] : partitions_) {
      const bool pause = !room || (partition.control != nullptr &&
                                   partition.control->hold.load(std::memory_order_relaxed));
      if (pause == partition.paused) continue;
      partition.paused = pause;
      partition.quiet_since = Clock::now();
      if (number != runtime::kNoPartition) source_->pause(number, pause);
    }
    if (held_ == !room) return;
    held_ = !room;
    const std::lock_guard lock(mutex_);
    stats_.held = held_;
  }

  void take() {
    switch (polled_.kind) {
      case Polled::Kind::kNothing:
        return;
      case Polled::Kind::kRecords:
        return take_records();
      case Polled::Kind::kDrained:
        return drained();
      case Polled::Kind::kOpened:
        return open();
      case Polled::Kind::kClosed:
        return close_partition(polled_.partition);
      case Polled::Kind::kAway:
        return set_away(true);
      case Polled::Kind::kBack:
        return set_away(false);
      case Polled::Kind::kEnd:
        return end({});
      case Polled::Kind::kFailed:
        return end(polled_.text);
    }
  }

  void drained() {
    Partition& partition = partitions_[polled_.partition];
    partition.drained = true;
    partition.quiet_since = Clock::now();
  }

  void open() {
    partitions_.erase(runtime::kNoPartition);
    Partition& partition = partitions_[polled_.partition];
    keep_format(partition);
    partition = {};
    partition.control = std::make_shared<runtime::PartitionControl>();
    partition.control->done = partition.committed = polled_.next_offset;
    partition.decoder = std::make_unique<PartitionDecoder>(options_.decode, program_->plan,
                                                           options_.number, polled_.partition);
    put(runtime::PartitionChange{runtime::PartitionChange::Kind::kOpened, options_.number,
                                 polled_.partition, partition.control});
  }

  void close_partition(std::uint32_t number) {
    commit();
    const auto at = partitions_.find(number);
    if (at != partitions_.end()) {
      keep_format(at->second);
      partitions_.erase(at);
    }
    put(runtime::PartitionChange{runtime::PartitionChange::Kind::kClosed, options_.number, number,
                                 nullptr});
  }

  void keep_format(const Partition& partition) {
    if (partition.decoder != nullptr) formats_.insert(partition.decoder->format());
  }

  void set_away(bool away) {
    if (away) {
      notices_.note(Notices::Level::kWarning, "source_away", options_.name + ": " + polled_.text);
    } else {
      notices_.note(Notices::Level::kInfo, "source_back", options_.name + " is there again");
    }
    away_ = away;
    // Who is drained is told anew when it is back; but for what stands for partitions to come.
    for (auto& [number, partition] : partitions_) {
      partition.drained = !away && number == runtime::kNoPartition;
      partition.quiet_since = Clock::now();
    }
    const std::lock_guard lock(mutex_);
    stats_.away = away;
  }

  /// `problem`: why the source cannot go on; empty where it has come to its end.
  void end(std::string problem) {
    while (!partitions_.empty()) close_partition(partitions_.begin()->first);
    {
      const std::lock_guard lock(mutex_);
      stats_.ended = true;
      stats_.problem = problem;
    }
    stopping_ = true;
    listener_.on_end(options_.number, problem);
  }

  void take_records() {
    Partition& partition = partitions_[polled_.partition];
    partition.drained = false;
    partition.idle = false;
    const auto block = std::make_shared<DecodedBlock>();
    block->batch.block = std::exchange(polled_.block, {});  // the source goes on with it
    LogTotals totals;
    for (const RawRecord& record : block->batch.block.records) totals.bytes += record.bytes.size();
    const Timestamp latest =
        options_.max_future ? wall_time() + *options_.max_future : Timestamp::max();
    partition.decoder->decode(*block, latest, {}, totals);
    if (!partition.decoder->problem().empty()) {
      notices_.note(Notices::Level::kError, "no_decoder",
                    options_.name + ": " + partition.decoder->problem());
    }
    put_block(block);
    settle(*block);
    const std::lock_guard lock(mutex_);
    stats_.totals.add(totals);
    stats_.events += block->batch.events.size();
  }

  void put_block(const std::shared_ptr<DecodedBlock>& block) {
    block->program = program_;
    runtime::InputBlock input =
        to_input(block, options_.number, polled_.partition, polled_.next_offset, engine_);
    input.arrived = monotonic_ns();
    put(std::move(input));
  }

  void put(runtime::InputItem item) {
    engine_.put(options_.number, std::move(item));
    listener_.on_put();
  }

  void settle(const DecodedBlock& block) {
    refused_.clear();
    const std::vector<RawRecord>& records = block.batch.block.records;
    std::size_t index = 0;  // of the source's record
    for (const Rejection& rejection : block.batch.rejections) {
      listener_.on_rejected(options_.number, rejection);
      while (records[index].offset != rejection.position.offset) ++index;
      refused_.push_back({index + (block.header ? 1 : 0), rejection.reason, rejection.detail});
    }
    source_->settled(polled_.ticket, refused_);
  }

  void look_for_idle() {
    if (options_.idle_timeout.ns == 0 || away_) return;
    const auto now = Clock::now();
    const auto timeout = std::chrono::nanoseconds(options_.idle_timeout.ns);
    for (auto& [number, partition] : partitions_) {
      if (!partition.drained || partition.paused || partition.idle) continue;
      if (now - partition.quiet_since < timeout) continue;
      partition.idle = true;
      put(runtime::PartitionChange{runtime::PartitionChange::Kind::kIdle, options_.number, number,
                                   nullptr});
    }
  }

  void commit() {
    done_.clear();
    for (auto& [number, partition] : partitions_) {
      if (partition.control == nullptr) continue;
      const std::uint64_t done = partition.control->done.load(std::memory_order_acquire);
      if (done == std::exchange(partition.committed, done)) continue;
      done_.push_back({number, done});
    }
    if (!done_.empty()) source_->commit(done_);
  }

  std::unique_ptr<Source> source_;
  SourceDriverOptions options_;
  nfa::ProgramPtr program_;
  runtime::LiveEngine& engine_;
  SourceDriverListener& listener_;
  Notices& notices_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;

  // Of the thread.
  Polled polled_;
  std::map<std::uint32_t, Partition> partitions_;
  std::set<std::shared_ptr<const RecordFormat>> formats_;  // of closed partitions: events name them
  std::vector<RefusedRecord> refused_;
  std::vector<PartitionOffset> done_;
  bool away_ = false;
  bool held_ = false;

  mutable std::mutex mutex_;
  SourceStats stats_;
};

SourceDriver::SourceDriver(std::unique_ptr<Source> source, SourceDriverOptions options,
                           nfa::ProgramPtr program, runtime::LiveEngine& engine,
                           SourceDriverListener& listener, Notices& notices)
    : impl_(std::make_unique<Impl>(std::move(source), std::move(options), std::move(program),
                                   engine, listener, notices)) {}
SourceDriver::~SourceDriver() = default;
void SourceDriver::start() {
  impl_->start();
}
void SourceDriver::stop() {
  impl_->stop();
}
void SourceDriver::close() {
  impl_->close();
}
SourceStats SourceDriver::stats() const {
  return impl_->stats();
}

}  // namespace weir::connectors
