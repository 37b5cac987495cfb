// Values at given paths of a JSON record, in one pass over its members.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/connectors/codec.hpp"

namespace weir::connectors {

/// What stands at one path of a record.
struct JsonFound {
  Value value;  // null where there is nothing
  RejectReason fault = RejectReason::kNone;
  /// How it was found: a nested value goes before a member named by the whole dotted path.
  enum class Route : std::uint8_t { kNowhere, kLiteral, kNested } route = Route::kNowhere;
};

/// Reads the values at a list of dotted paths. simdjson reads the record; what it refuses for
/// reasons that may not concern any path (a number out of range, a lone surrogate) is read again by
/// JsonTree. Both give the same values. Used by one thread at a time.
class JsonPaths {
 public:
  explicit JsonPaths(const std::vector<std::string>& dotted);
  ~JsonPaths();
  JsonPaths(const JsonPaths&) = delete;
  JsonPaths& operator=(const JsonPaths&) = delete;

  /// kNone, or what is wrong with the record's structure. `record` has kRecordPadding readable
  /// bytes behind it. Strings are copied to `arena`, or are views of the record.
  RejectReason read(std::string_view record, ValueArena& arena, std::string& detail);
  /// The same by JsonTree alone; for tests that hold one against the other.
  RejectReason read_slowly(std::string_view record, ValueArena& arena, std::string& detail);

  const JsonFound& at(std::size_t path) const noexcept { return found_[path]; }

 private:
  struct Node;  // of the tree of paths
  struct Reader;
  template <typename Object>
  void walk(std::uint32_t node, const Object& object, ValueArena& arena);
  template <typename Element>
  void meet(std::uint32_t node, const Element& element, ValueArena& arena);
  template <typename Element>
  void put(std::uint32_t path, JsonFound::Route route, const Element& element, ValueArena& arena);
  std::uint32_t child(std::uint32_t node, std::string_view key);
  void mark_duplicate(std::uint32_t node);
  void begin_record();

  std::vector<Node> nodes_;
  std::vector<std::pair<std::string, std::vector<std::uint32_t>>> literals_;  // dotted key -> paths
  std::vector<JsonFound> found_;
  std::uint64_t record_ = 0;  // counts records, so that nodes need no clearing
  std::unique_ptr<Reader> reader_;
};

}  // namespace weir::connectors
