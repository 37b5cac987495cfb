// weir replay: recorded logs through the rules.
#include "replay_output.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "exit_codes.hpp"
#include "interrupt.hpp"
#include "logging.hpp"
#include "pattern_cache.hpp"
#include "rules.hpp"

namespace weir::cli {
namespace {

constexpr std::size_t kShownRejections = 3;
constexpr std::size_t kShownBytes = 160;

/// Everything between the logs and the outputs.
class Replay : public runtime::EventSink, public RejectionSink {
 public:
  Replay(const ReplayOptions& options, const LoadedRules& loaded, Io& io)
      : options_(options),
        loaded_(loaded),
        io_(io),
        progress_(io.err, options.quiet),
        alerts_(*loaded.program, as_text(options, io), options.verbose > 0, io, progress_),
        engine_(loaded.program, {}, alerts_) {}

  int run() {
    catch_interrupts();  // before the logs are opened: that may wait for standard input
    std::string error;
    if (!parse_reject_limit(options_.log.max_rejected, limit_, error) ||
        !late_file_.open(options_.late, error) || !rejected_file_.open(options_.rejected, error) ||
        !input_.open(options_.log, loaded_.rules, loaded_.schema, loaded_.program->plan, error)) {
      print_error(io_, error);
      return kUsage;
    }
    // A share that people asked for holds for short logs, too.
    limit_.from_start = options_.log.max_rejected != LogOptions().max_rejected;
    const bool complete = input_.run(*this, *this);
    if (complete && !interrupted()) engine_.finish();
    progress_.clear();
    return finish();
  }

  void on_event(const Event& event) override {
    ++events_;
    first_ = std::min(first_, event.ts);
    last_ = std::max(last_, event.ts);
    if (event.type_name == connectors::kUnparsedType) ++unparsed_;
    engine_.push(event);
    if ((events_ & 0xfff) == 0) show_progress();
  }
  void on_watermark(Timestamp watermark) override { engine_.advance(watermark); }
  void on_late(const Event& event, Duration lateness) override {
    if (!late_file_.wanted()) return;
    std::string line;
    append_late(line, input_.logs()[event.position.source]->name(), event, lateness);
    late_file_.write(line + "\n");
  }

  void on_rejection(const connectors::LogSource& log,
                    const connectors::Rejection& rejection) override {
    if (rejected_file_.wanted()) {
      std::string line;
      connectors::append_rejection(line, log.name(), rejection);
      rejected_file_.write(line + "\n");
    }
    if (examples_.size() >= kShownRejections) return;
    std::string example = fmt::format("{}, byte {}: {}", log.name(), rejection.position.offset,
                                      to_string(rejection.reason));
    if (!rejection.detail.empty()) example += ", " + printable(rejection.detail);
    const std::string_view raw = rejection.raw.substr(0, kShownBytes);
    example += fmt::format("\n          {}{}", printable(raw),
                           raw.size() < rejection.raw.size() ? "..." : "");
    examples_.push_back(std::move(example));
  }

  bool go_on() override {
    const connectors::LogTotals totals = input_.totals();
    too_many_ = limit_.exceeded(totals.rejected, totals.records, false);
    io_.out.flush();  // a log may be a pipe that somebody still writes to
    show_progress();
    return !interrupted() && !too_many_ && !io_.out.broken();
  }

 private:
  static bool as_text(const ReplayOptions& options, const Io& io) {
    return options.output == "text" || (options.output == "auto" && io.out.terminal());
  }

  void show_progress() {
    if (!progress_.on()) return;
    const connectors::LogTotals totals = input_.totals();
    progress_.show({.events = events_,
                    .bytes = totals.bytes,
                    .stored = totals.stored_bytes_read,
                    .stored_total = totals.stored_bytes_total,
                    .alerts = alerts_.count(),
                    .reached = events_ == 0 ? Timestamp{} : last_});
  }

  void print_examples() {
    for (const std::string& example : examples_) {
      io_.err.write(fmt::format("  = note: {}\n", example));
    }
  }

  int finish() {
    Summary summary;
    summary.program = loaded_.program.get();
    summary.stats = engine_.stats();
    summary.totals = input_.totals();
    summary.events = events_;
    summary.unparsed = unparsed_;
    summary.late = input_.late();
    summary.first = first_;
    summary.last = last_;
    summary.seconds = progress_.seconds();
    summary.interrupted = interrupted();
    // The reader of the alerts has gone, and with it whoever would want to know.
    if (!options_.quiet && !io_.out.closed()) print_summary(summary, io_);
    for (RecordFile* file : {&late_file_, &rejected_file_}) {
      const std::string failure = file->finish();
      if (failure.empty()) continue;
      print_error(io_, failure);
      return kUsage;
    }
    if (summary.interrupted) return kInterrupted;
    if (io_.out.closed()) return kFine;
    return judge_input(summary);
  }

  /// Whether what was read can be trusted: too much rejected, a log that breaks off.
  int judge_input(const Summary& summary) {
    const connectors::LogTotals& totals = summary.totals;
    if (too_many_ || limit_.exceeded(totals.rejected, totals.records, true)) {
      print_error(io_, fmt::format("{} of {} records were rejected, more than --max-rejected {}",
                                   with_commas(totals.rejected), with_commas(totals.records),
                                   options_.log.max_rejected));
      print_examples();
      if (options_.rejected.empty())
        io_.err.write("  = help: --rejected FILE writes all of them\n");
      return kBadInput;
    }
    const std::vector<std::string> faults = input_.faults();
    for (const std::string& fault : faults) print_error(io_, fault);
    if (!faults.empty()) return kBadInput;
    if (totals.rejected > 0 && totals.rejected == totals.records) {
      print_warning(io_, "every record was rejected");
      print_examples();
      io_.err.write("  = help: is this the log's --format, and its --time-field?\n");
    } else if (totals.rejected > 0 && !options_.quiet && options_.rejected.empty()) {
      print_warning(io_, fmt::format("{} rejected", counted(totals.rejected, "record")));
      print_examples();
    }
    return kFine;
  }

  const ReplayOptions& options_;
  const LoadedRules& loaded_;
  Io& io_;
  LogInput input_;
  RecordFile late_file_;
  RecordFile rejected_file_;
  Progress progress_;
  AlertWriter alerts_;
  runtime::Engine engine_;
  RejectLimit limit_;
  std::vector<std::string> examples_;
  bool too_many_ = false;
  std::uint64_t events_ = 0;
  std::uint64_t unparsed_ = 0;
  Timestamp first_ = Timestamp::max();
  Timestamp last_ = Timestamp::min();
};

}  // namespace

int replay(const ReplayOptions& options, Io& io) {
  const LoadedRules loaded = load_program(options.rules, options.log.schema, options.quiet, io);
  if (loaded.program == nullptr) return loaded.code;
  log_detail(fmt::format("{} rules, {} event types, {} fields", loaded.program->rules.size(),
                         loaded.program->plan.type_count(), loaded.program->plan.field_count()));
  build_patterns(*loaded.program, options.cache.value_or(default_cache_folder()));
  return Replay(options, loaded, io).run();
}

}  // namespace weir::cli
