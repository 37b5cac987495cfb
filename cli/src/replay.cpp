// weir replay: recorded logs through the rules.
#include <fmt/core.h>

#include <algorithm>
#include <thread>

#include "exit_codes.hpp"
#include "interrupt.hpp"
#include "logging.hpp"
#include "pattern_cache.hpp"
#include "replay_run.hpp"
#include "run/replay_recording.hpp"

namespace weir::cli {
namespace {

/// Everything between the logs and the outputs, on one thread.
class Replay : private ReplayRun, private runtime::EventSink, private RejectionSink {
 public:
  Replay(const ReplayOptions& options, const LoadedRules& loaded, Io& io)
      : ReplayRun(options, loaded, io), engine_(loaded.program, {}, alerts_) {}

  int run() {
    if (!open()) return kUsage;
    const bool complete = input_.run(*this, *this);
    if (complete && !interrupted()) engine_.finish();
    return finish(engine_.stats(), input_.totals(), input_.late());
  }

 private:
  void on_ahead(std::span<const Event> events) override { engine_.expect(events); }
  void on_event(const Event& event) override {
    const bool unparsed = event.type_name == connectors::kUnparsedType;
    matched(1, event.ts, event.ts, unparsed ? 1 : 0);
    engine_.push(event);
    if ((++events_ & 0xfff) == 0 && progress_.on()) show_progress(input_.totals());
  }
  void on_watermark(Timestamp watermark) override { engine_.advance(watermark); }
  void on_late(const Event& event, Duration lateness) override { late(event, lateness); }
  void on_rejection(const connectors::LogSource& log,
                    const connectors::Rejection& rejection) override {
    rejected(log, rejection);
  }
  bool go_on() override {
    const connectors::LogTotals totals = input_.totals();
    const bool too_many = too_many_rejected(totals);
    io_.out.flush();  // a log may be a pipe that somebody still writes to
    show_progress(totals);
    return !interrupted() && !too_many && !io_.out.broken();
  }

  runtime::Engine engine_;
  std::uint64_t events_ = 0;
};

}  // namespace

int replay(const ReplayOptions& options, Io& io) {
  if (!options.recording.empty()) return replay_recording(options, io);
  if (options.rules.empty() || options.log.logs.empty()) {
    print_error(io, options.log.logs.empty() ? "weir replay needs --log or --recording"
                                             : "weir replay needs --rules");
    io.err.write("  = help: `weir replay --help` lists what there is\n");
    return kUsage;
  }
  const LoadedRules loaded = load_program(options.rules, options.log.schema, options.quiet, io);
  if (loaded.program == nullptr) return loaded.code;
  log_detail(fmt::format("{} rules, {} event types, {} fields", loaded.program->rules.size(),
                         loaded.program->plan.type_count(), loaded.program->plan.field_count()));
  build_patterns(*loaded.program, options.cache.value_or(default_cache_folder()));
  std::size_t threads = options.threads;
  if (threads == 0) {
    threads = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMaxThreads);
  }
  return threads == 1 ? Replay(options, loaded, io).run()
                      : replay_in_parallel(options, loaded, io, threads);
}

}  // namespace weir::cli
