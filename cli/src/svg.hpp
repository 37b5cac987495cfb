// Drawing of a rule's states without any program but this one.
#pragma once

#include <string>

#include "rule_graph.hpp"

namespace weir::cli {

/// A standalone SVG 1.1 document: states in layers from the top, preferred ways to the left, ways
/// back along the right.
std::string draw_svg(const RuleGraph& graph);

}  // namespace weir::cli
