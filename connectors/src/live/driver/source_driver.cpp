#include "weir/connectors/live/source_driver.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace weir::connectors {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPoll{50};
/// While there is no room: it comes back without a word.
constexpr std::chrono::milliseconds kPollPaused{2};

std::int64_t monotonic_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch())
      .count();
}

Timestamp wall_time() {
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(
              std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

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
    source_->wake();
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
    std::unique_ptr<LogDecoder> decoder;
    bool headed = false;  // the decoder has its header, or needs none
    bool paused = false;
    bool drained = false;
    bool idle = false;
    Clock::time_point quiet_since;  // it was asked since then, and had nothing
    std::uint64_t committed = 0;
  };

  void run() {
    while (!stopping_) {
      const bool room = engine_.has_room(options_.number);
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
        return end();
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
    partition = {};
    partition.control = std::make_shared<runtime::PartitionControl>();
    partition.control->done = partition.committed = polled_.next_offset;
    put(runtime::PartitionChange{runtime::PartitionChange::Kind::kOpened, options_.number,
                                 polled_.partition, partition.control});
  }

  void close_partition(std::uint32_t number) {
    commit();
    partitions_.erase(number);
    put(runtime::PartitionChange{runtime::PartitionChange::Kind::kClosed, options_.number, number,
                                 nullptr});
  }

  void set_away(bool away) {
    if (away) {
      notices_.note(Notices::Level::kWarning, "source_away", options_.name + ": " + polled_.text);
    } else {
      notices_.note(Notices::Level::kInfo, "source_back", options_.name + " is there again");
    }
    away_ = away;
    for (auto& [number, partition] : partitions_) partition.quiet_since = Clock::now();
    const std::lock_guard lock(mutex_);
    stats_.away = away;
  }

  void end() {
    while (!partitions_.empty()) close_partition(partitions_.begin()->first);
    {
      const std::lock_guard lock(mutex_);
      stats_.ended = true;
    }
    stopping_ = true;
    listener_.on_end(options_.number, polled_.text);
  }

  void take_records() {
    Partition& partition = partitions_[polled_.partition];
    partition.drained = false;
    partition.idle = false;
    const auto block = std::make_shared<DecodedBlock>();
    block->batch.block = std::move(polled_.block);
    LogTotals totals;
    if (ready_to_decode(partition, block->batch.block, totals)) {
      partition.decoder->decode(block->batch, totals);
      refuse_some(*block, totals);
    } else {
      refuse_all(*block, totals);
    }
    put_block(block);
    settle(*block);
    for (const RawRecord& record : block->batch.block.records) totals.bytes += record.bytes.size();
    const std::lock_guard lock(mutex_);
    stats_.totals.add(totals);
    stats_.events += block->batch.events.size();
  }

  /// Makes the partition's decoder. A header that it wants is the partition's first record.
  bool ready_to_decode(Partition& partition, RecordBlock& block, LogTotals& totals) {
    if (partition.decoder == nullptr) {
      CodecOptions& codec = options_.decode.codec;
      if (codec.format == LogFormat::kAuto && codec.spec == nullptr) {
        options_.choose_format(block.readable(), codec);
      }
      partition.decoder = LogDecoder::make(options_.decode, program_->plan, options_.number,
                                           problem_, polled_.partition);
      if (partition.decoder == nullptr) return false;
      partition.headed = !partition.decoder->codec().has_header();
    }
    if (!partition.headed && !block.records.empty()) {
      const RawRecord header = block.records.front();
      block.records.erase(block.records.begin());
      if (!partition.decoder->begin(header.bytes, totals, problem_)) {
        block.records.insert(block.records.begin(), header);
        partition.decoder.reset();
        return false;
      }
      partition.headed = true;
      formats_.push_back(partition.decoder->codec().format());
    } else if (partition.headed) {
      if (formats_.empty() || formats_.back() != partition.decoder->codec().format()) {
        formats_.push_back(partition.decoder->codec().format());
      }
    }
    return true;
  }

  /// What the clock and the source's own types say against events.
  void refuse_some(DecodedBlock& block, LogTotals& totals) {
    if (!options_.max_future && !options_.types) return;
    const Timestamp latest =
        options_.max_future ? wall_time() + *options_.max_future : Timestamp::max();
    const auto refused = [&](const Event& event) {
      RejectReason reason = RejectReason::kNone;
      if (event.ts > latest) {
        reason = RejectReason::kFarFuture;
        block.far_future.push_back(event.position.offset);
      } else if (options_.types &&
                 std::ranges::find(*options_.types, event.type_name) == options_.types->end()) {
        reason = RejectReason::kUnexpectedType;
      }
      if (reason == RejectReason::kNone) return false;
      ++totals.rejected;
      ++totals.by_reason[static_cast<std::size_t>(reason)];
      std::string detail =
          reason == RejectReason::kUnexpectedType ? std::string(event.type_name) : std::string();
      block.batch.rejections.push_back({event.position, reason, event.raw, std::move(detail)});
      return true;
    };
    const std::size_t before = block.batch.events.size();
    std::erase_if(block.batch.events, refused);
    if (block.batch.events.size() == before) return;
    std::ranges::stable_sort(block.batch.rejections, {},
                             [](const Rejection& r) { return r.position.offset; });
  }

  /// No decoder can be made for the partition (a bad header): its records are kept nowhere else.
  void refuse_all(DecodedBlock& block, LogTotals& totals) {
    block.batch.events.clear();
    for (const RawRecord& record : block.batch.block.records) {
      ++totals.records;
      ++totals.rejected;
      ++totals.by_reason[static_cast<std::size_t>(RejectReason::kCsvRaggedRow)];
      block.batch.rejections.push_back({{options_.number, polled_.partition, record.offset},
                                        RejectReason::kCsvRaggedRow,
                                        record.bytes,
                                        problem_});
    }
    notices_.note(Notices::Level::kError, "bad_header", options_.name + ": " + problem_);
  }

  void put_block(const std::shared_ptr<DecodedBlock>& block) {
    block->program = program_;
    runtime::InputBlock input;
    input.source = options_.number;
    input.partition = polled_.partition;
    input.next_offset = polled_.next_offset;
    input.events = block->batch.events;
    input.sorted = std::ranges::is_sorted(input.events, {}, &Event::ts);
    input.bytes = block->batch.block.capacity + block->batch.events.size() * sizeof(Event);
    input.arrived = monotonic_ns();
    input.memory = block;
    engine_.route(options_.number, input.events, input.routes);
    put(std::move(input));
  }

  void put(runtime::InputItem item) {
    engine_.put(options_.number, std::move(item));
    listener_.on_put();
  }

  void settle(const DecodedBlock& block) {
    refused_.clear();
    const std::vector<RawRecord>& records = block.batch.block.records;
    std::size_t index = 0;
    for (const Rejection& rejection : block.batch.rejections) {
      listener_.on_rejected(options_.number, rejection);
      while (records[index].offset != rejection.position.offset) ++index;
      refused_.push_back({index, rejection.reason, rejection.detail});
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
  std::vector<std::shared_ptr<const RecordFormat>> formats_;  // that events name
  std::vector<RefusedRecord> refused_;
  std::vector<PartitionOffset> done_;
  std::string problem_;
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
