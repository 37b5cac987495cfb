// The windows of one size and step, numbered along event time, and the panes between their edges.
#pragma once

#include <cstdint>
#include <limits>

#include "weir/event/time.hpp"

namespace weir::runtime {

/// Window i reaches from i * step, inclusive, to i * step + size, exclusive. An edge that lies past
/// what a Timestamp can say is the end of time there.
using WindowIndex = std::int64_t;

/// All instants from one edge of a window to the next: they are in the same windows. Between two
/// starts lies at most one end: panes are numbered by twice the last window that has begun, and one
/// more behind that end.
using PaneNumber = std::int64_t;
inline constexpr PaneNumber kNoPane = std::numeric_limits<PaneNumber>::min();

class WindowGrid {
 public:
  /// REQUIRES: a positive size, a step of at least 1 µs.
  WindowGrid(Duration size, Duration step)
      : size_(size), step_(step), whole_steps_(size.ns / step.ns) {}

  /// The pane that `t` lies in. The last one is remembered.
  PaneNumber pane_at(Timestamp t) {
    if (t < from_ || t >= to_) find_pane(t);
    return pane_;
  }

  /// The windows that hold a pane. Where the step is longer than the window, `last` may be below
  /// `first`: there is none.
  WindowIndex first(PaneNumber pane) const noexcept {
    return last(pane) - whole_steps_ + (pane & 1);
  }
  WindowIndex last(PaneNumber pane) const noexcept { return pane >> 1; }

  Timestamp start(WindowIndex i) const noexcept;
  Timestamp end(WindowIndex i) const noexcept;

 private:
  void find_pane(Timestamp t);

  Duration size_;
  Duration step_;
  std::int64_t whole_steps_;  // in a window
  PaneNumber pane_ = 0;       // of the instants from from_ up to, but without, to_
  Timestamp from_;
  Timestamp to_;
};

}  // namespace weir::runtime
