#include "replay_run.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "exit_codes.hpp"
#include "interrupt.hpp"

namespace weir::cli {
namespace {

constexpr std::size_t kShownRejections = 3;
constexpr std::size_t kShownBytes = 160;

bool as_text(const ReplayOptions& options, const Io& io) {
  return options.output == "text" || (options.output == "auto" && io.out.terminal());
}

}  // namespace

ReplayRun::ReplayRun(const ReplayOptions& options, const LoadedRules& loaded, Io& io)
    : options_(options),
      loaded_(loaded),
      io_(io),
      progress_(io.err, options.quiet),
      lines_(*loaded.program, as_text(options, io), io.out.color(), options.verbose > 0),
      alerts_(lines_, io, progress_) {}

bool ReplayRun::open() {
  catch_interrupts();  // before the logs are opened: that may wait for standard input
  std::string error;
  if (!parse_reject_limit(options_.log.max_rejected, limit_, error) ||
      !late_file_.open(options_.late, error) || !rejected_file_.open(options_.rejected, error) ||
      !input_.open(options_.log, loaded_.rules, loaded_.schema, loaded_.program->plan, error)) {
    print_error(io_, error);
    return false;
  }
  // A share that people asked for holds for short logs, too.
  limit_.from_start = options_.log.max_rejected != LogOptions().max_rejected;
  return true;
}

void ReplayRun::matched(std::uint64_t events, Timestamp first, Timestamp last,
                        std::uint64_t unparsed) {
  events_ += events;
  unparsed_ += unparsed;
  first_ = std::min(first_, first);
  last_ = std::max(last_, last);
}

void ReplayRun::late(const Event& event, Duration lateness) {
  if (!late_file_.wanted()) return;
  std::string line;
  append_late(line, input_.logs()[event.position.source]->name(), event, lateness);
  late_file_.write(line + "\n");
}

void ReplayRun::rejected(const connectors::LogSource& log, const connectors::Rejection& rejection) {
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

bool ReplayRun::too_many_rejected(const connectors::LogTotals& totals) {
  too_many_ = limit_.exceeded(totals.rejected, totals.records, false);
  return too_many_;
}

void ReplayRun::show_progress(const connectors::LogTotals& totals) {
  progress_.show({.events = events_,
                  .bytes = totals.bytes,
                  .stored = totals.stored_bytes_read,
                  .stored_total = totals.stored_bytes_total,
                  .alerts = alerts_.count(),
                  .reached = events_ == 0 ? Timestamp{} : last_});
}

void ReplayRun::print_examples() {
  for (const std::string& example : examples_) {
    io_.err.write(fmt::format("  = note: {}\n", example));
  }
}

int ReplayRun::finish(runtime::EngineStats stats, const connectors::LogTotals& totals,
                      std::uint64_t late) {
  progress_.clear();
  Summary summary;
  summary.program = loaded_.program.get();
  summary.stats = std::move(stats);
  summary.totals = totals;
  summary.events = events_;
  summary.unparsed = unparsed_;
  summary.late = late;
  summary.first = first_;
  summary.last = last_;
  summary.seconds = progress_.seconds();
  summary.interrupted = interrupted();
  const auto code = end_replay(summary, options_.quiet, {&late_file_, &rejected_file_}, io_);
  if (code) return *code;
  if (io_.out.closed()) return kFine;
  return judge_input(totals);
}

/// Whether what was read can be trusted: too much rejected, a log that breaks off.
int ReplayRun::judge_input(const connectors::LogTotals& totals) {
  if (too_many_ || limit_.exceeded(totals.rejected, totals.records, true)) {
    print_error(io_, fmt::format("{} of {} records were rejected, more than --max-rejected {}",
                                 with_commas(totals.rejected), with_commas(totals.records),
                                 options_.log.max_rejected));
    print_examples();
    if (options_.rejected.empty()) {
      io_.err.write("  = help: --rejected FILE writes all of them\n");
    }
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

}  // namespace weir::cli
