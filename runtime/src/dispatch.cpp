#include "dispatch.hpp"

#include <algorithm>
#include <iterator>

namespace weir::runtime {
namespace {

/// An alert event may come while another completes a match: what reads alerts keeps whole runs.
bool reads_alerts(const nfa::Rule& rule, const std::vector<bool>& alert_types) {
  return std::ranges::any_of(rule.input, [&](TypeId type) { return alert_types[type]; });
}

template <typename T>
std::vector<T> merged(const std::vector<T>& a, const std::vector<T>& b) {
  std::vector<T> both;
  std::ranges::set_union(a, b, std::back_inserter(both));
  return both;
}

}  // namespace

Dispatch::Dispatch(const nfa::Program& program, bool compact, const EnginePart* part)
    : program_(program), part_(part), counters_of_(program.rules.size()) {
  std::vector<bool> alert_types(program.plan.type_count());
  for (const nfa::Rule& rule : program.rules) {
    if (rule.alert_type != kOtherType) alert_types[rule.alert_type] = true;
    if (rule.rule_type != kOtherType) alert_types[rule.rule_type] = true;
  }
  for (const nfa::Rule& rule : program.rules) {
    RulePlan plan{.key = rule.key};
    if (compact && rule.sequence && !reads_alerts(rule, alert_types)) {
      plan.sequence = &*rule.sequence;
      plan.key = rule.sequence->key;
    }
    if (rule.automaton.longest_wait) plan.span = rule.automaton.longest_wait->ns;
    plans_.push_back(plan);
  }
  const nfa::Readers& all = program.read_all;
  for (TypeId type = 0; type < program.plan.type_count(); ++type) {
    static const nfa::Readers kNobody;
    const nfa::Readers& named = type == kOtherType ? kNobody : program.readers[type];
    sources_.push_back(readers(type, EventOrigin::kSource, merged(named.rules, all.rules),
                               merged(named.derives, all.derives)));
    streams_.push_back(readers(type, EventOrigin::kWindow, named.rules, named.derives));
  }
}

TypeReaders Dispatch::readers(TypeId type, EventOrigin origin,
                              const std::vector<nfa::RuleId>& rules,
                              std::vector<nfa::DeriveId> derives) {
  TypeReaders out;
  out.derives = std::move(derives);
  for (const nfa::RuleId rule : rules) {
    const RulePlan& plan = plans_[rule];
    const std::uint8_t owner = part_ == nullptr ? 0 : part_->rule_bit[rule];
    auto group = std::ranges::find_if(out.groups, [&](const RuleGroup& g) {
      return g.key == plan.key && g.owner == owner;
    });
    if (group == out.groups.end()) {
      RuleGroup made;
      made.key = plan.key;
      made.owner = owner;
      made.counter = counters_++;
      find_slots(type, made);
      out.groups.push_back(std::move(made));
      group = out.groups.end() - 1;
    }
    RuleReader reader{.rule = rule, .sequence = plan.sequence};
    if (plan.sequence != nullptr) {
      reader.type = plan.sequence->of(type, origin == EventOrigin::kSource);
    }
    group->readers.push_back(reader);
    counters_of_[rule].push_back(group->counter);
  }
  return out;
}

void Dispatch::find_slots(TypeId type, RuleGroup& group) const {
  const nfa::KeySpec& spec = program_.keys[group.key];
  const bool takes_part =
      spec.by_type.empty() ||
      std::ranges::any_of(spec.by_type, [&](const auto& entry) { return entry.first == type; });
  group.in_slots = true;
  if (!takes_part) {
    group.slots.push_back(kNoSlot);
    return;
  }
  const std::vector<std::uint16_t>& slot_of = program_.plan.type(type).slot_of;
  for (const FieldId field : spec.fields_of(type)) {
    if (field == kTsField || field == kTypeField) group.in_slots = false;
    group.slots.push_back(field < slot_of.size() ? slot_of[field] : kNoSlot);
  }
}

}  // namespace weir::runtime
