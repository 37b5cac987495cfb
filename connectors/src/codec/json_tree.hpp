// A strict JSON reader (RFC 8259) for what is off the hot path: evidence, tables, schemas, and
// records that the fast reader refuses, to say what is wrong. Every value keeps its text.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "weir/event/value.hpp"

#include "weir/connectors/codec.hpp"

namespace weir::connectors {

/// One value; the values inside it follow in order, up to `next`.
struct JsonNode {
  enum class Kind : std::uint8_t { kNull, kTrue, kFalse, kNumber, kString, kArray, kObject };
  Kind kind = Kind::kNull;
  std::string_view key;    // of a member: its text between the quotes, escapes as written
  std::string_view text;   // all of the value; of a string without its quotes
  std::uint32_t next = 0;  // index of the node after this one and all inside it
};

/// A parsed text; views into it. Reuse one to save allocations.
class JsonTree {
 public:
  /// kNone, kInvalidUtf8, kJsonInvalid or kJsonTooDeep; `error_offset()` then says where. Any value
  /// may stand at the top. O(size); nesting is bounded by kMaxJsonDepth.
  RejectReason parse(std::string_view text);

  std::size_t error_offset() const noexcept { return error_offset_; }
  const JsonNode& root() const noexcept { return nodes_.front(); }
  const JsonNode& at(std::uint32_t index) const noexcept { return nodes_[index]; }

  /// Calls visit(node) for each value in `parent`, in order.
  template <typename Visit>
  void for_each(const JsonNode& parent, Visit&& visit) const {
    const auto self = static_cast<std::uint32_t>(&parent - nodes_.data());
    for (std::uint32_t i = self + 1; i < parent.next; i = nodes_[i].next) visit(nodes_[i]);
  }

  /// A scalar, or an array as the list of its scalars (objects and arrays in it are null). Strings
  /// with escapes are made in `arena`, others are views of the text. Numbers out of range are null.
  Value value(const JsonNode& node, ValueArena& arena) const;

 private:
  class Parser;
  std::vector<JsonNode> nodes_;
  std::size_t error_offset_ = 0;
};

}  // namespace weir::connectors
