// Values at given paths of a JSON record, in one pass over its members.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "codec/json_index.hpp"
#include "codec/json_path_tree.hpp"
#include "codec/json_tree.hpp"
#include "codec/json_walk.hpp"
#include "weir/connectors/codec.hpp"

namespace weir::connectors {

/// Reads the values at a list of dotted paths. JsonWalk reads the record over simdjson's index;
/// JsonTree says what is wrong with one that it refuses. Both give the same values. Used by one
/// thread at a time.
class JsonPaths {
 public:
  /// `indexed`: false for JsonTree alone.
  explicit JsonPaths(const std::vector<std::string>& dotted, bool indexed = true)
      : tree_(dotted), walk_(tree_), indexed_(indexed) {}
  JsonPaths(const JsonPaths&) = delete;
  JsonPaths& operator=(const JsonPaths&) = delete;

  /// See Codec::look_ahead.
  void look_ahead(std::string_view bytes) noexcept { index_.look_ahead(bytes); }

  /// kNone, or what is wrong with the record's structure. `record` has kRecordPadding readable
  /// bytes behind it. Strings are views of the record, or made in `arena`.
  RejectReason read(std::string_view record, ValueArena& arena, std::string& detail);
  /// The same by JsonTree alone; for tests that hold one against the other.
  RejectReason read_slowly(std::string_view record, ValueArena& arena, std::string& detail);

  /// What the last record had.
  const JsonPathTree& found() const noexcept { return tree_; }

 private:
  void put(JsonPathTree::NodeId node, const JsonNode& value, ValueArena& arena);
  void put_members(JsonPathTree::NodeId node, const JsonNode& object, ValueArena& arena);

  JsonPathTree tree_;
  JsonIndex index_;
  JsonWalk walk_;
  JsonTree record_;  // of read_slowly
  bool indexed_;
};

}  // namespace weir::connectors
