// weir replay --recording DIR: a live run again, from what it took, to the same alerts.
#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "exit_codes.hpp"
#include "interrupt.hpp"
#include "paths.hpp"
#include "pattern_cache.hpp"
#include "replay_output.hpp"
#include "run/live_options.hpp"
#include "run/recording.hpp"
#include "run/replay_recording.hpp"
#include "weir/runtime/crew.hpp"

namespace weir::cli {
namespace {

class RecordingReplay final : private runtime::LiveListener,
                              private runtime::Stage,
                              private runtime::AlertTextSink {
 public:
  RecordingReplay(const ReplayOptions& options, RecordingReader& reader, const RunConfig& config,
                  const LoadedRules& loaded, Io& io)
      : options_(options),
        reader_(reader),
        config_(config),
        loaded_(loaded),
        io_(io),
        progress_(io.err, options.quiet),
        lines_(*loaded.program,
               options.output == "text" || (options.output == "auto" && io.out.terminal()),
               io.out.color(), options.verbose > 0),
        alerts_(lines_, io, progress_) {}

  int run() {
    catch_interrupts();
    std::string error;
    if (!late_file_.open(options_.late, error) || !rejected_file_.open(options_.rejected, error)) {
      print_error(io_, error);
      return kUsage;
    }
    const std::size_t threads = options_.threads != 0
                                    ? options_.threads
                                    : std::max(1U, std::thread::hardware_concurrency());
    runtime::LiveEngine engine(
        loaded_.program, live_options(config_, options_.workers != 0 ? options_.workers : threads),
        lines_, *this, *this);
    engine_ = &engine;
    std::vector<runtime::Stage*> stages(engine.stages().begin(), engine.stages().end());
    stages.push_back(this);
    runtime::Crew(threads).run(stages, [&] { return engine.done(); });
    return finish(engine);
  }

 private:
  /// The next item of the recording.
  bool run_one(std::size_t) override {
    if (busy_.test_and_set(std::memory_order_acquire)) return false;
    const bool works = !ended_ && engine_->has_room(0);
    if (works) feed();
    busy_.clear(std::memory_order_release);
    return works;
  }

  /// All items go through one queue: they are taken in the order in which they were.
  void feed() {
    RecordedItem item;
    if (interrupted() || !reader_.next(item, problem_) ||
        (item.kind != RecordedItem::Kind::kClock && item.source >= config_.sources.size())) {
      ended_ = true;
      return engine_->drain();
    }
    using Kind = runtime::PartitionChange::Kind;
    switch (item.kind) {
      case RecordedItem::Kind::kClock:
        return engine_->put(0, runtime::ClockStep{item.source, item.watermark});
      case RecordedItem::Kind::kOpened: {
        // Decoded anew from here on; events that are still held may name the format of before.
        auto& decoder = decoders_[{item.source, item.partition}];
        if (decoder != nullptr) formats_.insert(decoder->format());
        decoder.reset();
        auto control = std::make_shared<runtime::PartitionControl>();
        control->done = item.offset;
        return change(Kind::kOpened, item, std::move(control));
      }
      case RecordedItem::Kind::kClosed:
        return change(Kind::kClosed, item, nullptr);
      case RecordedItem::Kind::kIdle:
        return change(Kind::kIdle, item, nullptr);
      case RecordedItem::Kind::kBlock:
        return feed_block(item);
    }
  }

  void change(runtime::PartitionChange::Kind kind, const RecordedItem& item,
              std::shared_ptr<runtime::PartitionControl> control) {
    engine_->put(0,
                 runtime::PartitionChange{kind, item.source, item.partition, std::move(control)});
  }

  void feed_block(RecordedItem& item) {
    auto& decoder = decoders_[{item.source, item.partition}];
    if (decoder == nullptr) {
      decoder = std::make_unique<connectors::PartitionDecoder>(
          decode_options(config_.sources[item.source], loaded_.rules), loaded_.program->plan,
          item.source, item.partition);
    }
    const auto block = std::make_shared<connectors::DecodedBlock>();
    block->batch.block = std::move(item.block);
    decoder->decode(*block, Timestamp::max(), item.far_future, totals_);
    for (const connectors::Rejection& rejection : block->batch.rejections) {
      if (!rejected_file_.wanted()) break;
      std::string line;
      connectors::append_rejection(line, config_.sources[item.source].name, rejection);
      rejected_file_.write(line + "\n");
    }
    engine_->put(0,
                 connectors::to_input(block, item.source, item.partition, item.offset, *engine_));
  }

  int finish(runtime::LiveEngine& engine) {
    progress_.clear();
    const runtime::LiveStats stats = engine.stats();
    Summary summary;
    summary.program = loaded_.program.get();
    summary.stats = stats.engine;
    summary.totals = totals_;
    for (const runtime::DomainStats& domain : stats.domains) {
      summary.events = std::max(summary.events, domain.matched);
      summary.late = std::max(summary.late, domain.late);
    }
    summary.seconds = progress_.seconds();
    summary.interrupted = interrupted();
    const auto code = end_replay(summary, options_.quiet, {&late_file_, &rejected_file_}, io_);
    if (code) return *code;
    if (!problem_.empty()) {
      print_error(io_, problem_);
      return kBadInput;
    }
    if (reader_.cut_off()) print_warning(io_, "the recording breaks off: its run did not end well");
    return kFine;
  }

  void on_taken(const runtime::InputItem&) override {}
  void on_late(const Event& event, Duration lateness) override {
    if (!late_file_.wanted()) return;
    std::string line;
    append_late(line, config_.sources[event.position.source].name, event, lateness);
    late_file_.write(line + "\n");
  }
  bool room_for_alerts() override { return true; }
  void on_alerts(std::string_view text, std::size_t alerts) override {
    const std::lock_guard lock(terminal_);
    alerts_.on_alerts(text, alerts);
  }

  const ReplayOptions& options_;
  RecordingReader& reader_;
  const RunConfig& config_;
  const LoadedRules& loaded_;
  Io& io_;
  Progress progress_;
  AlertLines lines_;
  AlertWriter alerts_;
  RecordFile late_file_;
  RecordFile rejected_file_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::unique_ptr<connectors::PartitionDecoder>>
      decoders_;
  std::set<std::shared_ptr<const RecordFormat>> formats_;  // of earlier decoders
  connectors::LogTotals totals_;
  runtime::LiveEngine* engine_ = nullptr;
  std::atomic_flag busy_;
  bool ended_ = false;
  std::string problem_;
  std::mutex terminal_;
};

}  // namespace

int replay_recording(const ReplayOptions& options, Io& io) {
  std::string error;
  const auto reader = RecordingReader::open(options.recording, error);
  if (reader == nullptr) {
    print_error(io, error);
    return kUsage;
  }
  // Other rules than the recorded ones may be tried on it.
  const LoadedRules loaded =
      load_program(options.rules.empty() ? reader->rules() : options.rules, {}, options.quiet, io);
  if (loaded.program == nullptr) return loaded.code;
  lang::Diagnostics diagnostics;
  lang::SourceFile file;
  file.path = reader->config_path();
  if (!read_file(file.path, lang::kMaxRuleFileBytes, file.text, error)) {
    print_error(io, error);
    return kUsage;
  }
  RunConfig config = read_config(file, diagnostics, {.environment = false});
  resolve_formats(config, loaded.rules, diagnostics);
  if (diagnostics.has_errors()) {
    print_diagnostics(diagnostics, false, io);
    return kInvalidRules;
  }
  build_patterns(*loaded.program, options.cache.value_or(default_cache_folder()));
  return RecordingReplay(options, *reader, config, loaded, io).run();
}

}  // namespace weir::cli
