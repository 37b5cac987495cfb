// The dotted paths that are read of JSON records, and what one record has at each.
#pragma once

#include <cstdint>
#include <span>
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

/// Paths that begin alike share their first nodes. Readers go down from kRoot along a record's
/// members; nothing has to be cleared between records. Used by one thread at a time.
class JsonPathTree {
 public:
  /// One segment of the paths that begin alike; or, below the root, a whole dotted path as the
  /// literal key that it may also be.
  using NodeId = std::uint32_t;
  static constexpr NodeId kRoot = 0;
  static constexpr NodeId kNobody = NameTable::kNone;  // of members that no path goes through

  explicit JsonPathTree(const std::vector<std::string>& dotted);

  /// The nodes of a node's members, by key.
  NameTable& members(NodeId node) noexcept { return members_[node]; }
  /// A path goes on below the node.
  bool is_inner(NodeId node) const noexcept { return states_[node].inner; }
  /// A path ends at the node.
  bool is_read(NodeId node) const noexcept { return states_[node].read; }

  void begin_record() noexcept {
    ++record_;
    faulty_ = false;
  }

  /// A member of this node stands in the record. False: not for the first time, so that neither it
  /// nor what is below it is of use.
  bool enter(NodeId node) noexcept {
    State& state = states_[node];
    if (state.record == record_) {
      twice(node);
      return false;
    }
    state.record = record_;
    return true;
  }
  /// The value of a member that has been entered, and what is wrong with it.
  void put(NodeId node, const Value& value, RejectReason fault) noexcept {
    states_[node].value = value;
    if (fault != RejectReason::kNone) put_fault(node, fault);
  }
  /// Both for a value that nothing is wrong with.
  void put(NodeId node, const Value& value) noexcept {
    State& state = states_[node];
    const std::uint64_t record = record_;
    if (state.record == record) return twice(node);
    state.record = record;
    state.value = value;
  }

  JsonFound at(std::size_t path) const noexcept;

  /// What a record that is not faulty() has at a path; null where there is nothing.
  Value value(std::size_t path) const noexcept {
    const auto [nested, literal] = ends_[path];
    const State& found = states_[nested].record == record_ ? states_[nested] : states_[literal];
    return found.record == record_ ? found.value : Value();
  }

  /// Paths whose values are taken together.
  class Selection {
   private:
    friend class JsonPathTree;
    std::vector<NodeId> nested_;
    struct Literal {
      std::size_t place;
      NodeId node;
    };
    std::vector<Literal> literals_;
  };
  Selection select(std::span<const std::size_t> paths) const;
  /// value() of each of the paths, to `out` on.
  void values(const Selection& paths, Value* out) const noexcept {
    for (std::size_t i = 0; i < paths.nested_.size(); ++i) {
      const State& found = states_[paths.nested_[i]];
      out[i] = found.record == record_ ? found.value : Value();
    }
    for (const auto& [place, node] : paths.literals_) {
      const bool nested = states_[paths.nested_[place]].record == record_;
      if (!nested && states_[node].record == record_) out[place] = states_[node].value;
    }
  }
  /// Some value of the record may have a fault.
  bool faulty() const noexcept { return faulty_; }

 private:
  /// What the record has at a node.
  struct State {
    Value value;
    std::uint64_t record = 0;  // the last that has it
    bool inner = false;
    bool read = false;
    bool literal = false;
  };
  struct Ends {
    NodeId nested = kRoot;   // which no record has as a member
    NodeId literal = kRoot;  // the same
  };
  struct Fault {
    std::uint64_t record = 0;  // the last that has something wrong there
    RejectReason reason = RejectReason::kNone;
  };

  NodeId add(NodeId parent, std::string_view key);
  void twice(NodeId node) noexcept;
  void put_fault(NodeId node, RejectReason reason) noexcept;

  std::vector<NameTable> members_;  // by NodeId
  std::vector<std::vector<NodeId>> children_;
  std::vector<State> states_;
  std::vector<Fault> faults_;
  std::vector<Ends> ends_;             // by path
  std::vector<std::uint64_t> spoilt_;  // the last record that had the literal key twice, and first
  std::uint64_t record_ = 1;
  bool faulty_ = false;
};

}  // namespace weir::connectors
