#include "run/live_run.hpp"

#include <fmt/core.h>
#include <signal.h>

#include <algorithm>
#include <initializer_list>
#include <thread>

#include "exit_codes.hpp"
#include "logging.hpp"
#include "replay_output.hpp"
#include "run/connectors.hpp"
#include "run/live_options.hpp"
#include "run/run_api.hpp"
#include "weir/connectors/live/clock.hpp"

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

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

/// What the thread that calls run() waits for.
sigset_t awaited_signals() {
  return set_of({SIGTERM, SIGINT, SIGHUP});
}

/// They come to whoever waits for them, and to nobody else.
void hold_signals() {
  const sigset_t signals = awaited_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

/// From now on SIGTERM and SIGINT end the process at once.
void let_signals_kill() {
  const sigset_t signals = set_of({SIGTERM, SIGINT});
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
      crew_(workers_) {
  outboxes_.set_taps(taps_);
}

LiveRun::~LiveRun() = default;

int LiveRun::run() {
  hold_signals();
  if (!open_sinks()) return kUsage;
  engine_ = std::make_unique<runtime::LiveEngine>(rules_.program, live_options(config_, workers_),
                                                  frames_, outboxes_,
                                                  static_cast<runtime::LiveListener&>(*this));
  started_ = std::chrono::system_clock::now();
  if (!open_sources() || !open_recording() || !open_api()) return kUsage;
  log_line(LogLevel::kInfo, "started",
           fmt::format("{}, {}, {}, {}", counted(rules_.program->rules.size(), "rule"),
                       counted(config_.sources.size(), "source"),
                       counted(config_.sinks.size(), "sink"), counted(workers_, "worker")));
  std::thread crew([this] { work(); });
  for (const auto& driver : drivers_) driver->start();
  watch();
  stopping_.store(true, std::memory_order_release);
  const bool delivered = drain();
  crew_.wake();
  crew.join();
  return finish(delivered);
}

bool LiveRun::open_sinks() {
  for (const SinkConfig& config : config_.sinks) {
    std::string error;
    auto sink = make_sink(config, notices_, error);
    if (sink == nullptr) {
      print_error(io_, fmt::format("sink {}: {}", config.queue.name, error));
      return false;
    }
    auto outbox = std::make_unique<connectors::Outbox>(std::move(sink), config.queue, notices_);
    if (!outbox->problem().empty()) {
      print_error(io_, fmt::format("sink {}: {}", config.queue.name, outbox->problem()));
      return false;
    }
    outboxes_.add(config.stream, config.queue.name, std::move(outbox));
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

bool LiveRun::open_recording() {
  if (config_.record.empty()) return true;
  std::string error;
  recording_ = RecordingWriter::create(config_, rules_, error);
  if (recording_ == nullptr) print_error(io_, error);
  return recording_ != nullptr;
}

bool LiveRun::open_api() {
  if (!config_.http) return true;
  std::string error;
  api_ = make_run_api(
      *config_.http, [this] { return status(); }, taps_, notices_, error);
  if (api_ != nullptr && api_->start(error)) {
    const std::string& listen = config_.http->listen;
    log_line(
        LogLevel::kInfo, "listening",
        fmt::format("{}:{}: /healthz /readyz /metrics /api/v1/status /api/v1/rules /api/v1/tap",
                    listen.substr(0, listen.rfind(':')), api_->port()));
    return true;
  }
  print_error(io_, fmt::format("http: {}", error));
  return false;
}

RunStatus LiveRun::status() const {
  RunStatus status;
  status.config = &config_;
  status.program = rules_.program.get();
  status.now = std::chrono::system_clock::now();
  status.started = started_;
  status.workers = workers_;
  status.engine = engine_->stats();
  for (const auto& driver : drivers_) status.sources.push_back(driver->stats());
  status.sinks = outboxes_.stats();
  status.alerts_without_sink = outboxes_.without_sink();
  status.stopping = stopping_.load(std::memory_order_acquire);
  return status;
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
  const sigset_t signals = awaited_signals();
  const timespec tick{.tv_sec = 0, .tv_nsec = std::chrono::nanoseconds(kTick).count()};
  while (!broken_.load(std::memory_order_acquire)) {
    const int signal = sigtimedwait(&signals, nullptr, &tick);
    if (signal == SIGTERM || signal == SIGINT) {
      log_line(LogLevel::kInfo, "stopping",
               fmt::format("{}: what was received is matched and delivered first",
                           signal == SIGTERM ? "SIGTERM" : "SIGINT"));
      return;
    }
    engine_->tick(connectors::monotonic_ns());
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

/// True: everything that was received is matched, and its alerts are where they belong.
bool LiveRun::drain() {
  const auto deadline = Clock::now() + kDrain;
  let_signals_kill();
  for (const auto& driver : drivers_) driver->stop();
  engine_->drain();
  while (!engine_->done() && !broken_.load(std::memory_order_acquire)) {
    crew_.wake();
    engine_->tick(connectors::monotonic_ns());
    settle_commits();
    // Beyond the deadline only the sinks can be at fault, and what they hold is said below.
    if (Clock::now() > deadline) {
      abandoned_.store(true, std::memory_order_release);
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const bool delivered = engine_->done() && outboxes_.drain(deadline);
  // Earlier cuts make room for the last one.
  settle_commits();
  engine_->tick(connectors::monotonic_ns());
  settle_commits();
  for (const auto& driver : drivers_) driver->close();
  return delivered;
}

/// What is said at the end, when nothing works any more.
int LiveRun::finish(bool delivered) {
  if (api_ != nullptr) api_->stop();
  if (recording_ != nullptr && !recording_failed_.load()) {
    const std::string problem = recording_->finish();
    if (!problem.empty()) log_line(LogLevel::kError, "recording", problem);
  }
  if (broken_) {
    log_line(LogLevel::kError, "broken", failure_);
    return kInternal;
  }
  say_summary();
  if (delivered) return source_failed_.load(std::memory_order_acquire) ? kUsage : kFine;
  std::uint64_t left = 0;
  for (const Outboxes::SinkStats& sink : outboxes_.stats()) left += sink.stats.waiting;
  log_line(LogLevel::kError, "undelivered",
           fmt::format("{} could not be delivered in time", counted(left, "record")));
  return kUsage;
}

void LiveRun::say_summary() {
  const RunStatus end = status();
  std::uint64_t records = 0;
  std::uint64_t rejected = 0;
  for (const connectors::SourceStats& source : end.sources) {
    records += source.totals.records;
    rejected += source.totals.rejected;
  }
  const runtime::DomainStats total = end.engine.total();
  std::string text = fmt::format(
      "{} received, {} rejected; {} matched, {} late, {} waiting; {}", counted(records, "record"),
      with_commas(rejected), counted(total.matched, "event"), with_commas(total.late),
      with_commas(total.waiting), counted(end.engine.engine.alerts, "alert"));
  if (end.alerts_without_sink > 0) {
    text += fmt::format(" ({} of streams without a sink)", with_commas(end.alerts_without_sink));
  }
  log_line(LogLevel::kInfo, "stopped", text);
}

/// Events for `weir tap`: where nobody looks on, a look at one number.
void LiveRun::show_events(const runtime::InputItem& item) {
  const auto* const block = std::get_if<runtime::InputBlock>(&item);
  if (block == nullptr || !taps_.wanted(kEventStream)) return;
  std::string line;
  for (const Event& event : block->events) {
    line.clear();
    event.format->append_json(line, event);
    taps_.offer(kEventStream, line);
  }
}

void LiveRun::on_taken(const runtime::InputItem& item) {
  show_events(item);
  if (recording_ == nullptr || recording_failed_.load(std::memory_order_relaxed)) return;
  const std::lock_guard lock(recording_mutex_);
  recording_->add(item);
}

/// What the disk refuses ends the recording, and not the run.
void LiveRun::flush_recording() {
  if (recording_ == nullptr || recording_failed_.load(std::memory_order_relaxed) ||
      Clock::now() < next_flush_) {
    return;
  }
  next_flush_ = Clock::now() + kFlushRecording;
  const std::lock_guard lock(recording_mutex_);
  const std::string problem = recording_->flush();
  if (problem.empty()) return;
  recording_failed_.store(true, std::memory_order_relaxed);
  log_line(LogLevel::kError, "recording",
           fmt::format("{}: {}; nothing more is recorded", config_.record, problem));
}

void LiveRun::on_late(const Event& event, Duration lateness) {
  if (!outboxes_.wanted(kLateStream)) return;
  std::string line;
  append_late(line, config_.sources[event.position.source].name, event, lateness);
  outboxes_.put(kLateStream, line);
}

void LiveRun::on_rejected(std::uint32_t source, const connectors::Rejection& rejection) {
  if (!outboxes_.wanted(kRejectedStream)) return;
  std::string line;
  connectors::append_rejection(line, config_.sources[source].name, rejection);
  outboxes_.put(kRejectedStream, line);
}

void LiveRun::on_end(std::uint32_t source, std::string_view problem) {
  if (!problem.empty()) {
    source_failed_.store(true, std::memory_order_release);
    log_line(LogLevel::kError, "source_failed",
             fmt::format("{}: {}", config_.sources[source].name, problem));
  }
  ended_.fetch_add(1, std::memory_order_release);
}

}  // namespace weir::cli
