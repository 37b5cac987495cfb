#include "parallel/split.hpp"

#include <algorithm>
#include <numeric>

#include "parallel/components.hpp"

namespace weir::runtime {
namespace {

/// Time alone may complete a match of it: what it waits for has a place in the order of deadlines,
/// over all keys.
bool waits_for_time(const nfa::Rule& rule, const nfa::Program& program) {
  if (!rule.automaton.guards.empty()) return true;
  return std::ranges::any_of(
      nfa::reached(program.nodes, rule.automaton.start), [&](nfa::NodeId id) {
        const nfa::Node& node = program.nodes[id];
        return node.greed == nfa::Greed::kPossessive || node.kind == nfa::NodeKind::kPause;
      });
}

/// An alert of `from`, read by `reader` as an event of `type`, has the key there that its match
/// had.
bool keeps_key(const nfa::Rule& from, const nfa::Rule& reader, TypeId type,
               const nfa::Program& program) {
  const std::vector<std::string>& names = program.keys[from.key].names;
  const std::vector<FieldId>* fields = key_fields(program.keys[reader.key], type);
  if (fields == nullptr || fields->size() != names.size()) return false;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (program.plan.field((*fields)[i]).dotted != names[i]) return false;
    // Of equal names the alert's own field wins over the key's.
    if (names[i] == "ts" || names[i] == "type") return false;
    for (const auto& [name, expr] : from.alert.fields) {
      if (name == names[i]) return false;
    }
  }
  return true;
}

bool may_spread(const Component& component, const nfa::Program& program) {
  for (const std::uint32_t r : component) {
    if (r >= program.rules.size()) return false;  // a window
    const nfa::Rule& rule = program.rules[r];
    if (program.keys[rule.key].names.empty() || rule.alert.max_per != 0) return false;
    if (rule.stratum > 0 && waits_for_time(rule, program)) return false;
    for (const TypeId type : {rule.alert_type, rule.rule_type}) {
      if (type == kOtherType) continue;
      for (const nfa::RuleId reader : program.readers[type].rules) {
        if (!keeps_key(rule, program.rules[reader], type, program)) return false;
      }
    }
  }
  return true;
}

/// Key groups for workers that have so much to do already, so that all come to the same.
std::array<std::uint8_t, kKeyGroups> share_groups(const std::vector<std::size_t>& load,
                                                  std::size_t spread_rules) {
  const auto workers = static_cast<double>(load.size());
  const auto total = static_cast<double>(std::accumulate(load.begin(), load.end(), spread_rules));
  std::vector<double> room;
  for (const std::size_t l : load) {
    room.push_back(std::max(0.0, total / workers - static_cast<double>(l)));
  }
  const double all = std::accumulate(room.begin(), room.end(), 0.0);
  std::array<std::uint8_t, kKeyGroups> worker_of{};
  double up_to = 0;
  std::size_t group = 0;
  for (std::size_t w = 0; w < load.size() && all > 0; ++w) {
    up_to += room[w] / all * kKeyGroups;
    while (group < kKeyGroups && static_cast<double>(group) + 0.5 < up_to) {
      worker_of[group++] = static_cast<std::uint8_t>(w);
    }
  }
  // Rounding may leave the last ones over.
  while (group < kKeyGroups) worker_of[group++] = static_cast<std::uint8_t>(load.size() - 1);
  return worker_of;
}

}  // namespace

const std::vector<FieldId>* key_fields(const nfa::KeySpec& spec, TypeId type) noexcept {
  if (spec.by_type.empty()) return &spec.fields;
  for (const auto& [of, fields] : spec.by_type) {
    if (of == type) return &fields;
  }
  return nullptr;
}

Split::Split(const nfa::Program& program, std::size_t workers, const Members* members)
    : parts(workers),
      rule_worker(program.rules.size(), kNobody),
      derive_worker(program.derives.size(), kNobody) {
  for (EnginePart& part : parts) {
    part.rule_bit.assign(program.rules.size(), kElsewhereBit);
    part.derive_bit.assign(program.derives.size(), kElsewhereBit);
  }

  // What a rule costs is not known before it runs; each counts as one.
  std::size_t spread_rules = 0;
  std::vector<nfa::KeySpecId> keys;  // of spread rules, by bit in the mask
  std::vector<Component> pinned;
  for (Component& component : components_of(program)) {
    if (members != nullptr && !members->has(component.front())) continue;
    if (may_spread(component, program) && spread(component, program, keys)) {
      spread_rules += component.size();
      for (const std::uint32_t r : component) rule_worker[r] = kSpread;
    } else {
      pinned.push_back(std::move(component));
    }
  }

  // The largest first, each to the worker that has least.
  std::ranges::stable_sort(pinned, std::greater<>(), &Component::size);
  std::vector<std::size_t> load(workers, 0);
  for (const Component& component : pinned) {
    const auto w = static_cast<std::size_t>(std::ranges::min_element(load) - load.begin());
    load[w] += component.size();
    pin(component, w);
  }
  worker_of = share_groups(load, spread_rules);
}

/// False where there are more keys than bits for them.
bool Split::spread(const Component& component, const nfa::Program& program,
                   std::vector<nfa::KeySpecId>& keys) {
  std::vector<nfa::KeySpecId> more = keys;
  std::vector<std::uint8_t> bits;  // by member
  for (const std::uint32_t r : component) {
    const auto at = std::ranges::find(more, program.rules[r].key);
    bits.push_back(static_cast<std::uint8_t>(at - more.begin()));
    if (at == more.end()) more.push_back(program.rules[r].key);
    if (more.size() > kKeyBits) return false;
  }
  keys = std::move(more);
  for (EnginePart& part : parts) {
    for (std::size_t i = 0; i < component.size(); ++i) part.rule_bit[component[i]] = bits[i];
  }
  return true;
}

void Split::pin(const Component& component, std::size_t worker) {
  const std::size_t rules = rule_worker.size();
  for (const std::uint32_t m : component) {
    const bool is_rule = m < rules;
    (is_rule ? parts[worker].rule_bit[m] : parts[worker].derive_bit[m - rules]) = kWholeBit;
    (is_rule ? rule_worker[m] : derive_worker[m - rules]) = static_cast<std::uint8_t>(worker);
  }
}

}  // namespace weir::runtime
