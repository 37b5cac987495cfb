// The dotted paths that are read of JSON records, and what one record has at each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/name_table.hpp"
#include "weir/connectors/reject.hpp"
#include "weir/event/value.hpp"

namespace weir::connectors {

/// What stands at one path of a record.
struct JsonFound {
  Value value;  // null where there is nothing
  RejectReason fault = RejectReason::kNone;
  /// How it was found: a nested value goes before a member named by the whole dotted path.
  enum class Route : std::uint8_t { kNowhere, kLiteral, kNested } route = Route::kNowhere;
};

/// Paths that begin alike share their first nodes. Readers go down from root() along a record's
/// members; nothing has to be cleared between records. Used by one thread at a time.
class JsonPathTree {
 public:
  explicit JsonPathTree(const std::vector<std::string>& dotted);

  /// One segment of the paths that begin alike; or, below the root, a whole dotted path as the
  /// literal key that it may also be.
  struct Node {
    NameTable members;                    // by key: child()
    std::vector<std::uint32_t> children;  // the same
    std::vector<std::uint32_t> paths;     // that end here
    JsonFound::Route route = JsonFound::Route::kNested;
    std::uint64_t seen = 0;  // the last record that had this member
  };
  Node& root() noexcept { return nodes_.front(); }
  Node& child(std::uint32_t index) noexcept { return nodes_[index]; }

  void begin_record() noexcept {
    ++record_;
    faulty_ = false;
  }

  /// A member of this node stands in the record. False: for the second time, so that no path below
  /// it has a value.
  bool enter(Node& node) noexcept {
    if (node.route == JsonFound::Route::kLiteral) return true;
    if (node.seen == record_) {
      mark_duplicate(node);
      return false;
    }
    node.seen = record_;
    return true;
  }

  /// The value of a member that has been entered.
  void put(const Node& node, const Value& value, RejectReason fault) noexcept {
    faulty_ |= fault != RejectReason::kNone;
    for (const std::uint32_t path : node.paths) {
      Found& found = found_[path];
      if (found.record != record_ ||
          (found.found.route < node.route && found.found.fault != RejectReason::kDuplicateKey)) {
        found = {{value, fault, node.route}, record_};
      } else if (found.found.route == node.route) {
        found.found.fault = RejectReason::kDuplicateKey;
        faulty_ = true;
      }
    }
  }

  const JsonFound& at(std::size_t path) const noexcept {
    static constexpr JsonFound kNothing;
    const Found& found = found_[path];
    return found.record == record_ ? found.found : kNothing;
  }
  /// Some path of the record may have a fault.
  bool faulty() const noexcept { return faulty_; }

 private:
  struct Found {
    JsonFound found;
    std::uint64_t record = 0;  // that it was found in
  };

  std::uint32_t add(std::uint32_t parent, std::string_view key, JsonFound::Route route);
  void mark_duplicate(const Node& node) noexcept;

  std::vector<Node> nodes_;
  std::vector<Found> found_;
  std::uint64_t record_ = 1;
  bool faulty_ = false;
};

}  // namespace weir::connectors
