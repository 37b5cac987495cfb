// The windows of one size and step, numbered along event time, and the panes between their edges.
#pragma once

#include <cstdint>

#include "weir/event/time.hpp"

namespace weir::runtime {

/// Window i reaches from i * step, inclusive, to i * step + size, exclusive. An edge that lies past
/// what a Timestamp can say is the end of time there.
using WindowIndex = std::int64_t;

/// All instants from one edge of a window to the next: they are in the same windows.
struct Pane {
  WindowIndex first = 0;
  WindowIndex last = -1;  // below `first`: in none, the step is longer than the window
  bool in_none() const noexcept { return last < first; }
  friend bool operator==(const Pane&, const Pane&) = default;
};

class WindowGrid {
 public:
  /// REQUIRES: both are positive.
  WindowGrid(Duration size, Duration step) : size_(size), step_(step) {}

  /// The pane that `t` lies in. The last one is remembered.
  const Pane& pane_at(Timestamp t) {
    if (t < from_ || t >= to_) find_pane(t);
    return pane_;
  }

  Timestamp start(WindowIndex i) const noexcept;
  Timestamp end(WindowIndex i) const noexcept;

 private:
  void find_pane(Timestamp t);

  Duration size_;
  Duration step_;
  Pane pane_;  // of the instants from from_ up to, but without, to_
  Timestamp from_;
  Timestamp to_;
};

}  // namespace weir::runtime
