#include "run/log_notices.hpp"

#include <fmt/core.h>

#include <utility>

#include "logging.hpp"

namespace weir::cli {

void LogNotices::note(Level level, std::string_view reason, std::string_view text) {
  std::uint64_t left_out = 0;
  {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    auto at = reasons_.find(reason);
    if (at == reasons_.end())
      at = reasons_.emplace(std::string(reason), Reason{.since = now}).first;
    Reason& kind = at->second;
    if (now - kind.since >= kNoticeSpan) {
      kind.since = now;
      kind.written = 0;
    }
    if (kind.written == kNoticesOfReason) {
      ++kind.left_out;
      return;
    }
    ++kind.written;
    left_out = std::exchange(kind.left_out, 0);
  }
  const LogLevel as = level == Level::kInfo      ? LogLevel::kInfo
                      : level == Level::kWarning ? LogLevel::kWarning
                                                 : LogLevel::kError;
  if (left_out == 0) return log_line(as, reason, text);
  log_line(as, reason, fmt::format("{} ({} more like this were not written)", text, left_out));
}

}  // namespace weir::cli
