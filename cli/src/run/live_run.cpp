#include "run/live_run.hpp"

#include <fmt/core.h>
#include <signal.h>

#include <algorithm>
#include <thread>

#include "exit_codes.hpp"
#include "logging.hpp"
#include "replay_output.hpp"
#include "run/connectors.hpp"
#include "run/live_options.hpp"

namespace weir::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// How often the clock is looked at.
constexpr std::chrono::milliseconds kTick{20};
/// How much of a recording a crash may cost.
constexpr std::chrono::seconds kFlushRecording{1};
/// From the first SIGTERM to the end, whatever the sinks do.
constexpr std::chrono::milliseconds kDrain{4500};

std::size_t workers_of(const RunConfig& config) {
  const std::size_t wanted =
      config.workers != 0 ? config.workers : std::max(1U, std::thread::hardware_concurrency());
  return std::min(wanted, runtime::kMaxWorkers);
}

std::int64_t monotonic_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch())
      .count();
}

/// SIGTERM, SIGINT and SIGHUP come to whoever waits for them, and to nobody else.
sigset_t hold_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

/// From now on SIGTERM and SIGINT end the process at once.
void let_signals_kill() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

}  // namespace

LiveRun::LiveRun(const RunConfig& config, const LoadedRules& rules, Io& io)
    : config_(config),
      rules_(rules),
      io_(io),
      frames_(*rules.program),
      outboxes_(frames_.streams()),
      workers_(workers_of(config)),
      crew_(workers_) {}

LiveRun::~LiveRun() = default;

int LiveRun::run() {
  hold_signals();
  if (!open_sinks()) return kUsage;
  engine_ = std::make_unique<runtime::LiveEngine>(rules_.program, live_options(config_, workers_),
                                                  frames_, outboxes_,
                                                  static_cast<runtime::LiveListener&>(*this));
  if (!open_sources()) return kUsage;
  if (!config_.record.empty()) {
    std::string error;
    recording_ = RecordingWriter::create(config_, rules_, error);
    if (recording_ == nullptr) {
      print_error(io_, error);
      return kUsage;
    }
  }
  log_line(LogLevel::kInfo, "started",
           fmt::format("{}, {}, {}, {}", counted(rules_.program->rules.size(), "rule"),
                       counted(config_.sources.size(), "source"),
                       counted(config_.sinks.size(), "sink"), counted(workers_, "worker")));
  std::thread crew([this] { work(); });
  for (const auto& driver : drivers_) driver->start();
  watch();
  const int code = drain();
  crew_.wake();
  crew.join();
  return code;
}

bool LiveRun::open_sinks() {
  for (const SinkConfig& config : config_.sinks) {
    std::string error;
    auto sink = make_sink(config, notices_, error);
    if (sink == nullptr) {
      print_error(io_, fmt::format("sink {}: {}", config.queue.name, error));
      return false;
    }
    outboxes_.add(config.stream, config.queue.name,
                  std::make_unique<connectors::Outbox>(std::move(sink), config.queue, notices_));
  }
  return true;
}

bool LiveRun::open_sources() {
  for (std::size_t i = 0; i < config_.sources.size(); ++i) {
    const SourceConfig& config = config_.sources[i];
    std::string error;
    auto source = make_source(config, notices_, error);
    if (source == nullptr) {
      print_error(io_, fmt::format("source {}: {}", config.name, error));
      return false;
    }
    connectors::SourceDriverOptions options;
    options.number = static_cast<std::uint32_t>(i);
    options.name = config.name;
    options.decode = decode_options(config, rules_.rules);
    options.idle_timeout = config.idle_timeout.value_or(Duration{0});
    options.max_future = config.max_future;
    drivers_.push_back(std::make_unique<connectors::SourceDriver>(
        std::move(source), std::move(options), rules_.program, *engine_,
        static_cast<connectors::SourceDriverListener&>(*this), notices_));
  }
  return true;
}

void LiveRun::work() {
  try {
    crew_.run(engine_->stages(),
              [this] { return engine_->done() || abandoned_.load(std::memory_order_acquire); });
  } catch (const std::exception& e) {
    failure_ = e.what();
    broken_.store(true, std::memory_order_release);
  }
}

/// Until it is time to end.
void LiveRun::watch() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  const timespec tick{.tv_sec = 0, .tv_nsec = std::chrono::nanoseconds(kTick).count()};
  while (!broken_.load(std::memory_order_acquire)) {
    const int signal = sigtimedwait(&signals, nullptr, &tick);
    if (signal == SIGTERM || signal == SIGINT) {
      log_line(LogLevel::kInfo, "stopping",
               fmt::format("{}: what was received is matched and delivered first",
                           signal == SIGTERM ? "SIGTERM" : "SIGINT"));
      return;
    }
    engine_->tick(monotonic_ns());
    settle_commits();
    flush_recording();
    crew_.wake();
    if (ended_.load(std::memory_order_acquire) == drivers_.size()) {
      log_line(LogLevel::kInfo, "ended", "all sources have come to their end");
      return;
    }
  }
}

/// What is matched may be forgotten by its source when its alerts are delivered.
void LiveRun::settle_commits() {
  while (auto cut = engine_->take_cut()) commits_.push_back({std::move(*cut), outboxes_.mark()});
  while (!commits_.empty() && outboxes_.delivered(commits_.front().mark)) {
    for (const auto& partition : commits_.front().cut.partitions) {
      partition.control->done.store(partition.offset, std::memory_order_release);
    }
    commits_.pop_front();
  }
}

int LiveRun::drain() {
  const auto deadline = Clock::now() + kDrain;
  let_signals_kill();
  for (const auto& driver : drivers_) driver->stop();
  engine_->drain();
  while (!engine_->done() && !broken_.load(std::memory_order_acquire)) {
    crew_.wake();
    engine_->tick(monotonic_ns());
    settle_commits();
    // Beyond the deadline only the sinks can be at fault, and what they hold is said below.
    if (Clock::now() > deadline) {
      abandoned_.store(true, std::memory_order_release);
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  bool delivered = engine_->done() && outboxes_.drain(deadline);
  engine_->tick(monotonic_ns());
  settle_commits();
  for (const auto& driver : drivers_) driver->close();
  if (recording_ != nullptr) {
    const std::string problem = recording_->finish();
    if (!problem.empty()) log_line(LogLevel::kError, "recording", problem);
  }
  if (broken_) {
    log_line(LogLevel::kError, "broken", failure_);
    return kInternal;
  }
  say_summary();
  if (delivered) return kFine;
  std::uint64_t left = 0;
  for (const Outboxes::SinkStats& sink : outboxes_.stats()) left += sink.stats.waiting;
  log_line(LogLevel::kError, "undelivered",
           fmt::format("{} could not be delivered in time", counted(left, "record")));
  return kUsage;
}

void LiveRun::say_summary() {
  const runtime::LiveStats stats = engine_->stats();
  std::uint64_t records = 0;
  std::uint64_t rejected = 0;
  for (const auto& driver : drivers_) {
    const connectors::SourceStats source = driver->stats();
    records += source.totals.records;
    rejected += source.totals.rejected;
  }
  std::uint64_t late = 0;
  for (const runtime::DomainStats& domain : stats.domains) late += domain.late;
  log_line(
      LogLevel::kInfo, "stopped",
      fmt::format("{} received, {} rejected, {} late, {}", counted(records, "record"),
                  with_commas(rejected), with_commas(late), counted(stats.engine.alerts, "alert")));
}

void LiveRun::on_taken(const runtime::InputItem& item) {
  if (recording_ == nullptr) return;
  const std::lock_guard lock(recording_mutex_);
  recording_->add(item);
}

/// What the disk refuses ends the recording, and not the run.
void LiveRun::flush_recording() {
  if (recording_ == nullptr || Clock::now() < next_flush_) return;
  next_flush_ = Clock::now() + kFlushRecording;
  const std::lock_guard lock(recording_mutex_);
  const std::string problem = recording_->flush();
  if (!problem.empty()) {
    notices_.note(connectors::Notices::Level::kError, "recording",
                  fmt::format("{}: {}", config_.record, problem));
  }
}

void LiveRun::on_late(const Event& event, Duration lateness) {
  std::string line;
  append_late(line, config_.sources[event.position.source].name, event, lateness);
  outboxes_.put(std::string(kLateStream), line);
}

void LiveRun::on_rejected(std::uint32_t source, const connectors::Rejection& rejection) {
  std::string line;
  connectors::append_rejection(line, config_.sources[source].name, rejection);
  outboxes_.put(std::string(kRejectedStream), line);
}

void LiveRun::on_end(std::uint32_t source, std::string_view problem) {
  if (!problem.empty()) {
    log_line(LogLevel::kError, "source_ended",
             fmt::format("{}: {}", config_.sources[source].name, problem));
  }
  ended_.fetch_add(1, std::memory_order_release);
}

}  // namespace weir::cli
