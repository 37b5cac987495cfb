// What stands behind a request's method: a path and a query.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::connectors {

/// `path` without the query, percent-decoded; the query's pairs, decoded ("+" is a space there).
/// False for what does not begin with "/", a "%" without two hex digits, and a path with a NUL.
bool split_target(std::string_view target, std::string& path,
                  std::vector<std::pair<std::string, std::string>>& query);

}  // namespace weir::connectors
