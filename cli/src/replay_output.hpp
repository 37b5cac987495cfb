// What `weir replay` writes: alerts, late events, rejected records, progress, the summary.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alert_text.hpp"
#include "commands.hpp"
#include "log_input.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "weir/runtime/engine.hpp"
#include "weir/runtime/parallel_engine.hpp"

namespace weir::cli {

/// Alerts as text for people or as NDJSON.
class AlertLines final : public runtime::AlertFormat {
 public:
  AlertLines(const nfa::Program& program, bool text, bool color, bool events);
  void append(std::string& out, const runtime::Alert& alert) const override;

 private:
  AlertText text_form_;
  bool text_;
};

/// Alerts on standard output: as they come, or written down already.
class AlertWriter final : public runtime::AlertSink, public runtime::AlertTextSink {
 public:
  AlertWriter(const AlertLines& lines, Io& io, Progress& progress);
  void on_alert(const runtime::Alert& alert) override;
  void on_alerts(std::string_view text, std::size_t alerts) override;
  std::uint64_t count() const noexcept { return count_; }

 private:
  const AlertLines& lines_;
  Io& io_;
  Progress& progress_;
  std::string line_;
  std::uint64_t count_ = 0;
};

/// A file of NDJSON records; nowhere where no file was asked for.
class RecordFile {
 public:
  /// False with `error` where the file cannot be made.
  bool open(const std::string& path, std::string& error);
  bool wanted() const noexcept { return out_ != nullptr; }
  void write(std::string_view line);
  /// Flushes; what went wrong, if anything.
  std::string finish();

 private:
  std::unique_ptr<Out> out_;
};

/// The line of a late event.
void append_late(std::string& out, std::string_view log, const Event& event, Duration lateness);

/// What is said at the end, on standard error.
struct Summary {
  const nfa::Program* program = nullptr;
  runtime::EngineStats stats;
  connectors::LogTotals totals;
  std::uint64_t events = 0;    // matched
  std::uint64_t unparsed = 0;  // lines that no expression of a format matched
  std::uint64_t late = 0;
  Timestamp first = Timestamp::max();
  Timestamp last = Timestamp::min();
  double seconds = 0;
  bool interrupted = false;
};
void print_summary(const Summary& summary, Io& io);

/// The summary, unless nobody wants to know, and the last of the files. An exit code, where that is
/// what the replay ends with: a file could not be written, or it was interrupted.
std::optional<int> end_replay(const Summary& summary, bool quiet,
                              std::initializer_list<RecordFile*> files, Io& io);

}  // namespace weir::cli
