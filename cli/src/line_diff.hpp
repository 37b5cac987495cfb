// Two texts, line by line, as `diff -u` shows them.
#pragma once

#include <string>
#include <string_view>

namespace weir::cli {

/// Empty where the texts are equal. `path` stands in the two header lines. Myers' O(nd) algorithm;
/// texts that differ in very many lines are shown as one replaced by the other.
std::string unified_diff(std::string_view path, std::string_view before, std::string_view after,
                         bool color);

}  // namespace weir::cli
