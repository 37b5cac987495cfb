// SampleWindow, against the window's members sorted.
#include "sample_window.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <random>
#include <vector>

namespace weir::nfa {
namespace {

using Random = std::mt19937_64;
using Window = SampleWindow<std::int64_t, std::less<>>;

struct Shape {
  std::size_t longest = 10;  // pane
  std::size_t panes = 8;     // in the window
  std::size_t outside = 2;   // panes that wait
  double lowest = 99;        // percent
  double highest = 99;
};

/// Panes come in, are taken in and dropped; each time the ranks between the two percents are asked
/// for. `draw` makes a value of the i-th pane.
template <typename Draw>
void check(Random& random, const Shape& shape, Draw draw) {
  Window window;
  std::vector<std::int64_t> scratch;
  std::deque<std::vector<std::int64_t>> panes;
  std::size_t in_window = 0;
  for (int i = 0; i < 120; ++i) {
    const bool growing = i < 80;
    if (growing) {
      panes.emplace_back(random() % (shape.longest + 1));
      for (std::int64_t& v : panes.back()) window.push(v = draw(i));
    }
    while (in_window < panes.size() && (!growing || panes.size() - in_window > shape.outside)) {
      window.take_in(panes[in_window++].size(), scratch);
    }
    if (in_window > shape.panes || !growing) {
      if (panes.empty()) break;
      window.drop(panes.front().size(), scratch);
      panes.pop_front();
      --in_window;
    }
    std::vector<std::int64_t> sorted;
    for (std::size_t p = 0; p < in_window; ++p) {
      sorted.insert(sorted.end(), panes[p].begin(), panes[p].end());
    }
    std::sort(sorted.begin(), sorted.end());
    const std::size_t n = sorted.size();
    REQUIRE(window.size() == n);
    if (n == 0) continue;
    const auto rank = [&](double percent) {
      return static_cast<std::size_t>(percent * static_cast<double>(n - 1) / 100);
    };
    const std::size_t highest = std::min(rank(shape.highest) + 1, n - 1);
    window.focus(rank(shape.lowest), highest, scratch);
    for (std::size_t k = rank(shape.lowest); k <= highest; ++k) REQUIRE(window.kth(k) == sorted[k]);
  }
  CHECK(panes.empty());
  CHECK(window.empty());
  window.clear();
  window.push(3);
  window.take_in(1, scratch);
  window.focus(0, 0, scratch);
  CHECK(window.kth(0) == 3);
}

TEST_CASE("ranks of a window that moves on") {
  Random random(11);
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    Shape shape;
    shape.longest = 1 + random() % (round % 10 == 0 ? 2000 : 60);
    shape.panes = 1 + random() % 30;
    shape.outside = random() % 3;
    shape.lowest = static_cast<double>(random() % 101);
    shape.highest = round % 2 == 0 ? shape.lowest : shape.lowest + (100 - shape.lowest) / 2;
    const std::uint64_t different = round % 3 == 0 ? 1 + random() % 4 : 1 + random() % 5000;
    const std::int64_t slope = static_cast<std::int64_t>(random() % 41) - 20;
    check(random, shape, [&](int pane) {
      const auto value = static_cast<std::int64_t>(random() % different);
      // Sometimes all of a pane lies elsewhere.
      const bool jumps = round % 5 == 0 && pane / 10 % 2 == 1;
      return value + slope * pane + (jumps ? 1'000'000 : 0);
    });
  }
}

}  // namespace
}  // namespace weir::nfa
