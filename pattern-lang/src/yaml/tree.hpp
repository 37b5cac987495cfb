// One YAML document as a tree in which every scalar knows the bytes that it was written with.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "yaml/align.hpp"

namespace weir::lang::yaml {

enum class Kind : std::uint8_t { kNull, kScalar, kList, kMap };

struct Node;

struct Entry {
  const Node* key = nullptr;
  const Node* value = nullptr;
};

/// Offsets are clean ones (clean_text.hpp). An alias is the node that it names: a node may hang in
/// several places, never below itself.
struct Node {
  Kind kind = Kind::kNull;
  bool flow = false;  // list, map: written with [] or {}
  /// Where it is a map's value or a list's item in its place of definition.
  const Node* parent = nullptr;
  Alignment at;  // scalars; of the others only begin and end, which is one past their first byte
  std::string value;               // kScalar
  std::vector<const Node*> items;  // kList
  std::vector<Entry> entries;      // kMap, in written order, repeated keys included
  // Of all below it and itself, aliases counted each time.
  std::uint64_t expanded_nodes = 1;
  std::uint64_t expanded_bytes = 0;

  bool plain() const noexcept { return kind == Kind::kScalar && at.style == Style::kPlain; }
};

struct Tree {
  std::deque<Node> nodes;      // owns; addresses are stable
  const Node* root = nullptr;  // null where the document was not YAML
  std::uint32_t begin = 0;     // where the document begins
};

}  // namespace weir::lang::yaml
