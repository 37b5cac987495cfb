#include "weir/nfa/automaton.hpp"

#include <algorithm>

namespace weir::nfa {

std::vector<NodeId> reached(const std::vector<Node>& nodes, NodeId start, bool past_waits) {
  std::vector<NodeId> open{start};
  std::vector<NodeId> seen;
  while (!open.empty()) {
    const NodeId id = open.back();
    open.pop_back();
    if (id == kNoNode) continue;
    const auto at = std::ranges::lower_bound(seen, id);
    if (at != seen.end() && *at == id) continue;
    seen.insert(at, id);
    const Node& node = nodes[id];
    if (!past_waits && (node.kind == NodeKind::kWait || node.kind == NodeKind::kAnd)) continue;
    open.push_back(node.next);
    open.push_back(node.body);
    open.insert(open.end(), node.targets.begin(), node.targets.end());
  }
  return seen;
}

}  // namespace weir::nfa
