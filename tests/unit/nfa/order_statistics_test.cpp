// OrderStatistics, against a sorted vector.
#include "order_statistics.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <random>
#include <vector>

namespace weir::nfa {
namespace {

using Run = std::vector<std::int64_t>;

void check_same(const OrderStatistics<std::int64_t>& set, const Run& sorted) {
  REQUIRE(set.size() == sorted.size());
  for (std::size_t k = 0; k < sorted.size(); k += 1 + k / 7) REQUIRE(set.kth(k) == sorted[k]);
  if (!sorted.empty()) REQUIRE(set.kth(sorted.size() - 1) == sorted.back());
}

TEST_CASE("runs put in and taken out in turn") {
  std::mt19937_64 random(3);
  for (int round = 0; round < 60; ++round) {
    OrderStatistics<std::int64_t> set;
    Run sorted;
    std::deque<Run> runs;
    const std::size_t longest = 1 + random() % 900;
    const std::size_t kept = 1 + random() % 12;
    // Few different values: many are equal, over the borders of blocks.
    const std::uint64_t different = round % 3 == 0 ? 4 : 1 + random() % 5000;
    for (int step = 0; step < 40; ++step) {
      Run run(random() % longest);
      for (std::int64_t& v : run) {
        v = static_cast<std::int64_t>(random() % different) - 2 + step * (round % 2);
      }
      std::sort(run.begin(), run.end());
      set.insert(run);
      Run merged(sorted.size() + run.size());
      std::merge(sorted.begin(), sorted.end(), run.begin(), run.end(), merged.begin());
      sorted = std::move(merged);
      runs.push_back(std::move(run));
      check_same(set, sorted);
      if (runs.size() <= kept) continue;
      set.erase(runs.front());
      Run left;
      std::set_difference(sorted.begin(), sorted.end(), runs.front().begin(), runs.front().end(),
                          std::back_inserter(left));
      sorted = std::move(left);
      runs.pop_front();
      check_same(set, sorted);
    }
    for (const Run& run : runs) set.erase(run);
    CHECK(set.size() == 0);
    set.clear();
    set.insert(Run{1, 2});
    CHECK(set.kth(1) == 2);
  }
}

}  // namespace
}  // namespace weir::nfa
