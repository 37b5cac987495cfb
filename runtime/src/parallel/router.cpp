#include "parallel/router.hpp"

#include <algorithm>

namespace weir::runtime {

Router::Router(const nfa::Program& program, const Split& split)
    : split_(split), types_(program.plan.type_count()) {
  static const nfa::Readers kNobody;
  for (TypeId type = 0; type < types_.size(); ++type) {
    TypeRoute& route = types_[type];
    const auto add_whole = [&](std::uint8_t worker) {
      if (std::ranges::find(route.whole, worker) == route.whole.end()) {
        route.whole.push_back(worker);
      }
    };
    const auto add_key = [&](std::uint8_t bit) {
      if (std::ranges::find(route.keys, bit, &Key::bit) != route.keys.end()) return;
      const nfa::KeySpec& spec = program.keys[split.keys[bit]];
      Key key{bit, spec.fields};
      for (const auto& [of, fields] : spec.by_type) {
        if (of == type) key.fields = fields;
      }
      route.keys.push_back(std::move(key));
    };
    const nfa::Readers& named = type == kOtherType ? kNobody : program.readers[type];
    for (const nfa::Readers* readers : {&named, &program.read_all}) {
      for (const nfa::RuleId rule : readers->rules) {
        if (split.rule_worker[rule] == Split::kSpread) {
          add_key(split.parts.front().rule_bit[rule]);
        } else {
          add_whole(split.rule_worker[rule]);
        }
      }
      for (const nfa::DeriveId derive : readers->derives) add_whole(split.derive_worker[derive]);
    }
  }
}

std::size_t Router::worker_of(const Key& key, const Event& event) const noexcept {
  std::uint64_t hash = 0;
  // One that lacks the key goes where its rules count it.
  if (key.fields.empty()) return split_.worker_of[0];
  for (const FieldId field : key.fields) {
    const Value value = event.get(field);
    if (value.is_null()) return split_.worker_of[0];
    hash = hash_value(value, hash);
  }
  return split_.worker_of[hash % kKeyGroups];
}

void Router::route(std::span<const Event> events, Routes& routes) const {
  routes.reset(split_.parts.size(), events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    const TypeRoute& route = types_[events[i].type];
    for (const std::uint8_t worker : route.whole) {
      routes.add(worker, i, OwnerMask{1} << kWholeBit);
    }
    for (const Key& key : route.keys) {
      routes.add(worker_of(key, events[i]), i, OwnerMask{1} << key.bit);
    }
  }
}

}  // namespace weir::runtime
