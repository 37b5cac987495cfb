// Says which engines an event is for.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "parallel/split.hpp"
#include "weir/event/event.hpp"
#include "weir/runtime/parallel_engine.hpp"

namespace weir::runtime {

/// Immutable: any number of threads may route at once.
class Router {
 public:
  /// Both outlive the router.
  Router(const nfa::Program& program, const Split& split);

  /// O(keys that rules of the event's type have) an event.
  void route(std::span<const Event> events, Routes& routes) const;

 private:
  struct Key {
    OwnerMask bits = 0;               // of all keys that have these fields
    std::vector<std::size_t> fields;  // into TypeRoute::fields; none: the type takes no part
  };
  struct TypeRoute {
    std::vector<std::uint8_t> whole;  // workers with rules that see every such event
    std::vector<FieldId> fields;      // of all keys, each hashed once
    std::vector<Key> keys;
  };
  void add_key(TypeRoute& route, std::uint8_t bit, std::span<const FieldId> fields) const;

  const Split& split_;
  std::vector<TypeRoute> types_;  // by TypeId
};

}  // namespace weir::runtime
