// Alerts between the engine, which writes them down where their evidence lies, and the sinks: the
// record, and beside it what a sink needs to know of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/nfa/program.hpp"
#include "weir/runtime/alert.hpp"
#include "weir/runtime/parallel_engine.hpp"

namespace weir::cli {

/// Views into the text that it was read from.
struct FramedAlert {
  std::uint32_t stream = 0;  // FramedAlerts::streams()
  std::string_view key;      // see append_alert_key()
  std::string_view id;
  std::string_view text;  // one JSON object, no line end
};

class FramedAlerts final : public runtime::AlertFormat {
 public:
  explicit FramedAlerts(const nfa::Program& program);

  void append(std::string& out, const runtime::Alert& alert) const override;
  /// The first alert of `framed`, which is left with the others. REQUIRES: it is not empty, and
  /// holds what append() wrote.
  static FramedAlert take(std::string_view& framed);

  /// Names of the streams that rules report to, by number.
  const std::vector<std::string>& streams() const noexcept { return streams_; }

 private:
  const nfa::Program& program_;
  std::vector<std::string> streams_;
  std::vector<std::uint32_t> stream_of_;  // by RuleId
};

}  // namespace weir::cli
