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

bool RuleGroup::reads(nfa::RuleId rule) const noexcept {
  return rules.size() == 1 ? rules.front() == rule : std::ranges::binary_search(rules, rule);
}

Dispatch::Dispatch(const nfa::Program& program, bool compact)
    : program_(program), counters_of_(program.rules.size()) {
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
    sources_.push_back(readers(merged(named.rules, all.rules), merged(named.derives, all.derives)));
    streams_.push_back(readers(named.rules, named.derives));
  }
}

TypeReaders Dispatch::readers(const std::vector<nfa::RuleId>& rules,
                              std::vector<nfa::DeriveId> derives) {
  TypeReaders out;
  out.derives = std::move(derives);
  for (const nfa::RuleId rule : rules) {
    const nfa::KeySpecId key = plans_[rule].key;
    auto group = std::ranges::find(out.groups, key, &RuleGroup::key);
    if (group == out.groups.end()) {
      out.groups.push_back({.key = key, .rules = {}, .counter = counters_++});
      group = out.groups.end() - 1;
    }
    group->rules.push_back(rule);
    counters_of_[rule].push_back(group->counter);
  }
  return out;
}

}  // namespace weir::runtime
