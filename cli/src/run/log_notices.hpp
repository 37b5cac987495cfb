// What sources and sinks tell the people who run them, in the log: rate-limited by reason.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "weir/connectors/live/source.hpp"

namespace weir::cli {

/// Lines of one reason that are written in kNoticeSpan; what is left out is counted, and said with
/// the next that is written.
inline constexpr std::uint64_t kNoticesOfReason = 10;
inline constexpr std::chrono::seconds kNoticeSpan{60};

class LogNotices final : public connectors::Notices {
 public:
  void note(Level level, std::string_view reason, std::string_view text) override;

 private:
  struct Reason {
    std::chrono::steady_clock::time_point since;
    std::uint64_t written = 0;
    std::uint64_t left_out = 0;
  };
  std::mutex mutex_;
  std::map<std::string, Reason, std::less<>> reasons_;  // under mutex_
};

}  // namespace weir::cli
