#include "progress.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "alert_text.hpp"

namespace weir::cli {
namespace {

constexpr std::chrono::milliseconds kInterval{100};

std::string time_left(double seconds) {
  const auto s = static_cast<std::uint64_t>(seconds + 0.5);
  if (s >= 3600) return fmt::format("{}h{:02}m left", s / 3600, s / 60 % 60);
  if (s >= 60) return fmt::format("{}m{:02}s left", s / 60, s % 60);
  return fmt::format("{}s left", s);
}

std::string scaled(double n, std::string_view thousand, std::string_view million,
                   std::string_view billion, std::string_view one) {
  if (n >= 1e9) return fmt::format("{:.1f}{}", n / 1e9, billion);
  if (n >= 1e6) return fmt::format("{:.1f}{}", n / 1e6, million);
  if (n >= 1e4) return fmt::format("{:.0f}{}", n / 1e3, thousand);
  return fmt::format("{:.0f}{}", n, one);
}

}  // namespace

std::string short_number(double n) {
  return scaled(n, "k", "M", "G", "");
}
std::string short_bytes(double n) {
  return scaled(n, " kB", " MB", " GB", " B");
}

Progress::Progress(Out& out, bool quiet) : out_(out), on_(!quiet && out.terminal()) {}

double Progress::seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

void Progress::show(const ProgressState& state) {
  if (!on_) return;
  const auto now = Clock::now();
  if (now - last_ < kInterval) return;
  last_ = now;
  const double s = std::max(seconds(), 1e-3);
  std::string line = fmt::format("{} events  {}/s  {}/s  at {}  {}",
                                 short_number(static_cast<double>(state.events)),
                                 short_number(static_cast<double>(state.events) / s),
                                 short_bytes(static_cast<double>(state.bytes) / s),
                                 show_time(state.reached), counted(state.alerts, "alert"));
  if (state.stored > 0 && state.stored_total > state.stored && s > 0.5) {
    const double done = static_cast<double>(state.stored) / static_cast<double>(state.stored_total);
    line += "  " + time_left(s / done - s);
  }
  // A line that wraps could not be taken back.
  const auto columns = static_cast<std::size_t>(std::max(out_.columns(), 20));
  if (line.size() >= columns) line.resize(columns - 1);
  out_.write("\r\x1b[2K" + line);
  out_.flush();
  shown_ = true;
}

void Progress::clear() {
  if (!shown_) return;
  out_.write("\r\x1b[2K");
  out_.flush();
  shown_ = false;
}

}  // namespace weir::cli
