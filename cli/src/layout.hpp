// Places the states of a graph in layers: a small cut of Sugiyama, Tagawa and Toda, "Methods for
// visual understanding of hierarchical system structures", 1981.
#pragma once

#include <cstddef>
#include <vector>

#include "rule_graph.hpp"

namespace weir::cli {

struct Box {
  double x = 0;  // of the middle
  double y = 0;
  double width = 0;
  double height = 0;
};

struct Point {
  double x = 0;
  double y = 0;
};

struct EdgeRoute {
  bool back = false;          // leads to the same or an earlier layer
  std::vector<Point> points;  // between the two boxes, for edges that span layers
};

struct Layout {
  std::vector<Box> boxes;         // by state
  std::vector<EdgeRoute> routes;  // by edge
  double width = 0;
  double height = 0;
};

/// `boxes` come with their sizes; every x and y that is handed out is positive.
Layout lay_out(const RuleGraph& graph, std::vector<Box> boxes);

}  // namespace weir::cli
