// The line that a person watches while a log is read. On a terminal only.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "output.hpp"
#include "weir/event/time.hpp"

namespace weir::cli {

struct ProgressState {
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;         // decompressed
  std::uint64_t stored = 0;        // of the files, read so far
  std::uint64_t stored_total = 0;  // 0: not known
  std::uint64_t alerts = 0;
  Timestamp reached;  // event time
};

class Progress {
 public:
  /// Shows nothing where `out` is no terminal or `quiet`.
  Progress(Out& out, bool quiet);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  bool on() const noexcept { return on_; }
  /// Redraws the line, at most ten times a second.
  void show(const ProgressState& state);
  /// Takes the line away, before something else is written to the terminal.
  void clear();
  double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;
  Out& out_;
  bool on_;
  bool shown_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_{};
};

/// "1.2M", "340k", "12".
std::string short_number(double n);
/// "1.5 GB", "12 MB", "340 kB".
std::string short_bytes(double n);

}  // namespace weir::cli
