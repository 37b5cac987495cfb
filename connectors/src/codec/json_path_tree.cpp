#include "codec/json_path_tree.hpp"

namespace weir::connectors {

JsonPathTree::JsonPathTree(const std::vector<std::string>& dotted)
    : members_(1), children_(1), states_(1), paths_(dotted.size()) {
  for (std::size_t path = 0; path < dotted.size(); ++path) {
    std::string_view rest = dotted[path];
    NodeId node = kRoot;
    std::size_t dot = 0;
    do {
      dot = rest.find('.');
      node = add(node, rest.substr(0, dot));
      rest.remove_prefix(dot == rest.npos ? rest.size() : dot + 1);
    } while (dot != rest.npos);
    paths_[path].nested = node;
    states_[node].read = true;
    // A segment has no dot, a literal key has one: they are never the same member.
    if (dotted[path].find('.') == std::string::npos) continue;
    const NodeId literal = add(kRoot, dotted[path]);
    paths_[path].literal = literal;
    states_[literal].read = true;
    states_[literal].literal = true;
  }
}

JsonPathTree::NodeId JsonPathTree::add(NodeId parent, std::string_view key) {
  const NodeId known = members_[parent].find(key, members_[parent].first()).value;
  if (known != kNobody) return known;
  const auto node = static_cast<NodeId>(states_.size());
  members_.emplace_back();
  children_.emplace_back();
  states_.emplace_back();
  members_[parent].add(key, node);
  children_[parent].push_back(node);
  states_[parent].inner = true;
  return node;
}

void JsonPathTree::twice(NodeId node) noexcept {
  faulty_ = true;
  State& state = states_[node];
  if (state.record != record_) state = {{}, record_, {}, state.inner, state.read, state.literal};
  state.fault = RejectReason::kDuplicateKey;
  for (const NodeId child : children_[node]) twice(child);
  if (!state.literal) return;
  for (Path& path : paths_) {
    if (path.literal == node && states_[path.nested].record != record_) path.spoilt = record_;
  }
}

}  // namespace weir::connectors
