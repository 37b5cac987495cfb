#include "codec/json_path_tree.hpp"

namespace weir::connectors {

JsonPathTree::JsonPathTree(const std::vector<std::string>& dotted)
    : members_(1),
      children_(1),
      states_(1),
      faults_(1),
      ends_(dotted.size()),
      spoilt_(dotted.size()) {
  for (std::size_t path = 0; path < dotted.size(); ++path) {
    std::string_view rest = dotted[path];
    NodeId node = kRoot;
    std::size_t dot = 0;
    do {
      dot = rest.find('.');
      node = add(node, rest.substr(0, dot));
      rest.remove_prefix(dot == rest.npos ? rest.size() : dot + 1);
    } while (dot != rest.npos);
    ends_[path].nested = node;
    states_[node].read = true;
    // A segment has no dot, a literal key has one: they are never the same member.
    if (dotted[path].find('.') == std::string::npos) continue;
    const NodeId literal = add(kRoot, dotted[path]);
    ends_[path].literal = literal;
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
  faults_.emplace_back();
  members_[parent].add(key, node);
  children_[parent].push_back(node);
  states_[parent].inner = true;
  return node;
}

JsonPathTree::Selection JsonPathTree::select(std::span<const std::size_t> paths) const {
  Selection out;
  for (const std::size_t path : paths) {
    const auto [nested, literal] = ends_[path];
    if (literal != kRoot) out.literals_.push_back({out.nested_.size(), literal});
    out.nested_.push_back(nested);
  }
  return out;
}

JsonFound JsonPathTree::at(std::size_t path) const noexcept {
  using Route = JsonFound::Route;
  const auto found = [&](NodeId node, Route route) -> JsonFound {
    const Fault& fault = faults_[node];
    return {states_[node].value, fault.record == record_ ? fault.reason : RejectReason::kNone,
            route};
  };
  if (spoilt_[path] == record_) return {{}, RejectReason::kDuplicateKey, Route::kNowhere};
  const auto [nested, literal] = ends_[path];
  if (states_[nested].record == record_) return found(nested, Route::kNested);
  return states_[literal].record == record_ ? found(literal, Route::kLiteral) : JsonFound{};
}

void JsonPathTree::put_fault(NodeId node, RejectReason reason) noexcept {
  faults_[node] = {record_, reason};
  faulty_ = true;
}

void JsonPathTree::twice(NodeId node) noexcept {
  State& state = states_[node];
  if (state.record != record_) {
    state.record = record_;
    state.value = {};
  }
  put_fault(node, RejectReason::kDuplicateKey);
  for (const NodeId child : children_[node]) twice(child);
  if (!state.literal) return;
  for (std::size_t path = 0; path < ends_.size(); ++path) {
    const Ends& ends = ends_[path];
    if (ends.literal == node && states_[ends.nested].record != record_) spoilt_[path] = record_;
  }
}

}  // namespace weir::connectors
