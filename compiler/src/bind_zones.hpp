// Names of time zones, for suggestions.
#pragma once

#include <string>
#include <vector>

namespace weir::compiler {

/// The zones that the system's database lists, sorted; empty where it has no list.
std::vector<std::string> zone_names();

}  // namespace weir::compiler
