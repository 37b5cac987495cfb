// The year of timestamps that have none.
#pragma once

#include <cstdint>
#include <optional>

#include "weir/connectors/time_reader.hpp"

namespace weir::connectors {

/// Places each time in the year in which it is nearest to the one before it, so that January after
/// December is of the next year, and a straggler of December after that still of the old one.
class YearTracker {
 public:
  /// `year`: of the first time. Without `rollover`: of every one.
  YearTracker(std::int64_t year, bool rollover, ZonePtr zone)
      : year_(year), rollover_(rollover), zone_(std::move(zone)) {}

  /// kBadTime for a 29th of February in a year that has none.
  TimeResult place(CivilTime civil);

 private:
  std::int64_t year_;
  bool rollover_;
  ZonePtr zone_;
  std::optional<Timestamp> last_;  // local
};

}  // namespace weir::connectors
