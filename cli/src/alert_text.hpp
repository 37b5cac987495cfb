// An alert as people read it: one line, and with `-v` the events that it rests on.
#pragma once

#include <cstddef>
#include <string>

#include "weir/nfa/program.hpp"
#include "weir/runtime/alert.hpp"

namespace weir::cli {

class AlertText {
 public:
  /// Columns are as wide as the rules' ids need.
  AlertText(const nfa::Program& program, bool color, bool events);

  /// Appends the alert, with its line ends. Control characters are shown, not sent.
  void append(std::string& out, const runtime::Alert& alert) const;

 private:
  void append_events(std::string& out, const runtime::Alert& alert) const;

  bool color_;
  bool events_;
  std::size_t rule_width_ = 0;
};

/// "2026-01-01 00:02:00", UTC; a fraction only where there is one.
std::string show_time(Timestamp time);

}  // namespace weir::cli
