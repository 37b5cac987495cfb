#pragma once

#include <algorithm>
#include <vector>

namespace weir::nfa {

/// Sorted, each value once.
template <class T>
void sort_unique(std::vector<T>& values) {
  std::ranges::sort(values);
  values.erase(std::ranges::unique(values).begin(), values.end());
}

}  // namespace weir::nfa
