// One row of RFC 4180 into its cells.
#pragma once

#include <string_view>
#include <vector>

#include "weir/event/value.hpp"

#include "weir/connectors/reject.hpp"

namespace weir::connectors {

/// Cells are views of the row, or of `arena` where they hold doubled quotes. kCsvBadQuote where a
/// quote is left open or text follows it.
RejectReason split_csv_row(std::string_view row, char delimiter, ValueArena& arena,
                           std::vector<std::string_view>& cells);

}  // namespace weir::connectors
