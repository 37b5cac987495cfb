#include "codec/json_path_tree.hpp"

namespace weir::connectors {
namespace {

constexpr std::uint32_t kRoot = 0;

std::string padded(std::string_view key) {
  std::string out(key);
  out.resize(key.size() + NameTable::kReadable);
  return out;
}

}  // namespace

JsonPathTree::JsonPathTree(const std::vector<std::string>& dotted)
    : nodes_(1), found_(dotted.size()) {
  for (std::uint32_t path = 0; path < dotted.size(); ++path) {
    std::string_view rest = dotted[path];
    std::uint32_t node = kRoot;
    std::size_t dot = 0;
    do {
      dot = rest.find('.');
      node = add(node, rest.substr(0, dot), JsonFound::Route::kNested);
      rest.remove_prefix(dot == rest.npos ? rest.size() : dot + 1);
    } while (dot != rest.npos);
    nodes_[node].paths.push_back(path);
    // A segment has no dot, a literal key of use has one: they are no two names of one node.
    if (dotted[path].find('.') == std::string::npos) continue;
    nodes_[add(kRoot, dotted[path], JsonFound::Route::kLiteral)].paths.push_back(path);
  }
}

std::uint32_t JsonPathTree::add(std::uint32_t parent, std::string_view key,
                                JsonFound::Route route) {
  const std::string readable = padded(key);
  NameTable::Guess guess = nodes_[parent].members.first();
  const std::uint32_t known = nodes_[parent].members.find({readable.data(), key.size()}, guess);
  if (known != NameTable::kNone) return known;
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  nodes_.emplace_back().route = route;
  nodes_[parent].members.add(key, index);
  nodes_[parent].children.push_back(index);
  return index;
}

void JsonPathTree::mark_duplicate(const Node& node) noexcept {
  faulty_ = true;
  for (const std::uint32_t path : node.paths) {
    Found& found = found_[path];
    if (found.record != record_) found = {{}, record_};
    found.found.fault = RejectReason::kDuplicateKey;
  }
  for (const std::uint32_t index : node.children) mark_duplicate(nodes_[index]);
}

}  // namespace weir::connectors
