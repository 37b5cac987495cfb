#include "windows_grid.hpp"

#include <algorithm>
#include <limits>

namespace weir::runtime {
namespace {

__extension__ using Wide = __int128;

Wide floor_div(Wide a, Wide b) noexcept {
  const Wide quotient = a / b;
  return a % b < 0 ? quotient - 1 : quotient;
}

Timestamp clamped(Wide ns) noexcept {
  constexpr Wide kMin = std::numeric_limits<std::int64_t>::min();
  constexpr Wide kMax = std::numeric_limits<std::int64_t>::max();
  return {static_cast<std::int64_t>(std::clamp(ns, kMin, kMax))};
}

}  // namespace

Timestamp WindowGrid::start(WindowIndex i) const noexcept {
  return clamped(Wide{i} * step_.ns);
}

Timestamp WindowGrid::end(WindowIndex i) const noexcept {
  return clamped(Wide{i} * step_.ns + size_.ns);
}

void WindowGrid::find_pane(Timestamp t) {
  const auto begun = static_cast<WindowIndex>(floor_div(t.ns, step_.ns));
  const auto ended = static_cast<WindowIndex>(floor_div(Wide{t.ns} - size_.ns, step_.ns));
  pane_ = 2 * begun + (ended == begun - whole_steps_ ? 1 : 0);
  from_ = std::max(start(begun), end(ended));
  to_ = std::min(start(begun + 1), end(ended + 1));
}

}  // namespace weir::runtime
