// What replays on one thread and on many have in common: the options, the outputs, the end.
#pragma once

#include <string>
#include <vector>

#include "replay_output.hpp"
#include "rules.hpp"

namespace weir::cli {

class ReplayRun {
 protected:
  ReplayRun(const ReplayOptions& options, const LoadedRules& loaded, Io& io);
  ~ReplayRun() = default;

  /// Opens the outputs and the logs. False: what is wrong has been said.
  bool open();

  // In the order of the logs.

  void matched(std::uint64_t events, Timestamp first, Timestamp last, std::uint64_t unparsed);
  void late(const Event& event, Duration lateness);
  void rejected(const connectors::LogSource& log, const connectors::Rejection& rejection);
  /// Of what has been read so far; judge_input() will say so.
  bool too_many_rejected(const connectors::LogTotals& totals);
  void show_progress(const connectors::LogTotals& totals);

  /// The summary, and the exit code.
  int finish(runtime::EngineStats stats, const connectors::LogTotals& totals, std::uint64_t late);

  const ReplayOptions& options_;
  const LoadedRules& loaded_;
  Io& io_;
  LogInput input_;
  Progress progress_;
  AlertLines lines_;
  AlertWriter alerts_;

 private:
  void print_examples();
  int judge_input(const connectors::LogTotals& totals);

  RecordFile late_file_;
  RecordFile rejected_file_;
  RejectLimit limit_;
  std::vector<std::string> examples_;
  bool too_many_ = false;
  std::uint64_t events_ = 0;
  std::uint64_t unparsed_ = 0;
  Timestamp first_ = Timestamp::max();
  Timestamp last_ = Timestamp::min();
};

/// The same replay, on `threads` threads; 2 at least.
int replay_in_parallel(const ReplayOptions& options, const LoadedRules& loaded, Io& io,
                       std::size_t threads);

}  // namespace weir::cli
