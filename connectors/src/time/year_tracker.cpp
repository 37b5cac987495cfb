#include "time/year_tracker.hpp"

#include <cstdlib>

namespace weir::connectors {

TimeResult YearTracker::place(CivilTime civil) {
  std::optional<Timestamp> best;
  std::int64_t best_distance = 0;
  for (std::int64_t year = year_ - 1; year <= year_ + 1; ++year) {
    const bool own = year == year_;
    if (!own && (!rollover_ || !last_)) continue;
    civil.year = year;
    const auto time = to_timestamp(civil);
    if (!time) continue;
    const std::int64_t distance = last_ ? std::abs((*time - *last_).ns) : 0;
    if (best && distance >= best_distance) continue;
    best = time;
    best_distance = distance;
  }
  if (!best) return {{}, RejectReason::kBadTime};
  last_ = best;
  year_ = rollover_ ? to_civil(*best).year : year_;
  return {zone_->to_utc(*best), RejectReason::kNone};
}

}  // namespace weir::connectors
