#include "dispatch.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_map>

namespace weir::runtime {
namespace {

template <typename T>
std::vector<T> merged(const std::vector<T>& a, const std::vector<T>& b) {
  std::vector<T> both;
  std::ranges::set_union(a, b, std::back_inserter(both));
  return both;
}

}  // namespace

Dispatch::Dispatch(const nfa::Program& program, bool compact, const EnginePart* part)
    : program_(program), part_(part), counters_of_(program.rules.size()) {
  for (const nfa::Rule& rule : program.rules) {
    RulePlan plan{.key = rule.key};
    if (compact && rule.sequence) {
      plan.sequence = &*rule.sequence;
      plan.key = rule.sequence->key;
    }
    if (rule.automaton.longest_wait) plan.span = rule.automaton.longest_wait->ns;
    plans_.push_back(plan);
  }
  if (compact) plan_families();
  std::vector<bool> emitted(program.plan.type_count());
  for (const nfa::Rule& rule : program.rules) {
    emitted[rule.alert_type] = true;
    emitted[rule.rule_type] = true;
  }
  for (const nfa::Derive& derive : program.derives) emitted[derive.type] = true;
  const nfa::Readers& all = program.read_all;
  for (TypeId type = 0; type < program.plan.type_count(); ++type) {
    static const nfa::Readers kNobody;
    const nfa::Readers& named = type == kOtherType ? kNobody : program.readers[type];
    sources_.push_back(readers(type, EventOrigin::kSource, merged(named.rules, all.rules),
                               merged(named.derives, all.derives)));
    streams_.push_back(emitted[type]
                           ? readers(type, EventOrigin::kWindow, named.rules, named.derives)
                           : TypeReaders());
  }
}

/// A family is matched as one where all of its rules are compact, and are one owner's.
void Dispatch::plan_families() {
  for (const nfa::FamilyPlan& family : program_.families) {
    const bool as_one = std::ranges::all_of(family.rules, [&](nfa::RuleId rule) {
      return plans_[rule].sequence != nullptr &&
             (part_ == nullptr || part_->rule_bit[rule] == part_->rule_bit[family.rules.front()]);
    });
    if (!as_one) continue;
    for (const nfa::RuleId rule : family.rules) {
      plans_[rule].sequence = nullptr;
      plans_[rule].family = &family;
    }
    plans_.push_back(
        {.sequence = nullptr, .family = &family, .key = family.key, .span = family.within});
  }
}

namespace {

/// Fewer are asked one by one.
constexpr std::size_t kLeastIndexed = 8;

/// What a rule's first event of the type may satisfy, as far as it is said before anything is
/// bound: the conditions of each way.
std::vector<const nfa::Test*> first_tests(const nfa::Program& program, const nfa::Rule& rule) {
  std::vector<const nfa::Test*> out;
  std::vector<nfa::NodeId> open{rule.automaton.start};
  std::vector<nfa::NodeId> seen;
  while (!open.empty()) {
    const nfa::NodeId id = open.back();
    open.pop_back();
    if (id == nfa::kNoNode || std::ranges::find(seen, id) != seen.end()) continue;
    seen.push_back(id);
    const nfa::Node& node = program.nodes[id];
    for (const nfa::Test& test : node.tests) out.push_back(&test);
    if (node.kind == nfa::NodeKind::kWait || node.kind == nfa::NodeKind::kAnd) continue;
    open.push_back(node.next);
    open.push_back(node.body);
    open.insert(open.end(), node.targets.begin(), node.targets.end());
  }
  for (const nfa::LeadingNot& leading : rule.automaton.leading) {
    for (const nfa::Test& test : leading.tests) out.push_back(&test);
  }
  return out;
}

}  // namespace

void Dispatch::index_starts(TypeId type, RuleGroup& group) const {
  if (group.readers.size() < kLeastIndexed) return;
  std::vector<nfa::ExprId> predicates;
  std::unordered_map<nfa::ExprId, std::size_t> known;
  std::vector<std::vector<std::uint32_t>> readers;
  std::vector<std::uint32_t> always;
  for (std::uint32_t i = 0; i < group.readers.size(); ++i) {
    const std::vector<const nfa::Test*> tests =
        first_tests(program_, program_.rules[group.readers[i].rule]);
    std::vector<nfa::ExprId> of_reader;
    bool any = false;
    for (const nfa::Test* test : tests) {
      if (!test->any_type && test->type != type) continue;
      any = any || test->one_event.empty();
      if (!test->one_event.empty()) of_reader.push_back(test->one_event.front());
    }
    if (any) {
      always.push_back(i);
      continue;
    }
    for (const nfa::ExprId predicate : of_reader) {
      const auto [at, fresh] = known.emplace(predicate, predicates.size());
      if (fresh) {
        predicates.push_back(predicate);
        readers.emplace_back();
      }
      std::vector<std::uint32_t>& list = readers[at->second];
      if (list.empty() || list.back() != i) list.push_back(i);
    }
  }
  group.starts = std::make_unique<StartIndex>(StartIndex{
      nfa::PredicateIndex(program_.exprs, predicates), std::move(readers), std::move(always)});
}

TypeReaders Dispatch::readers(TypeId type, EventOrigin origin,
                              const std::vector<nfa::RuleId>& rules,
                              const std::vector<nfa::DeriveId>& derives) {
  TypeReaders out;
  for (const nfa::DeriveId derive : derives) {
    const nfa::Readers& of_windows = program_.readers[program_.derives[derive].type];
    if (of_windows.rules.empty() && of_windows.derives.empty()) continue;
    out.windows.push_back(window_reader(type, derive));
  }
  for (const nfa::RuleId rule : rules) {
    const RulePlan& plan = plans_[rule];
    const std::uint8_t owner = part_ == nullptr ? 0 : part_->rule_bit[rule];
    auto group = std::ranges::find_if(
        out.groups, [&](const RuleGroup& g) { return g.key == plan.key && g.owner == owner; });
    if (group == out.groups.end()) {
      RuleGroup made;
      made.key = plan.key;
      made.owner = owner;
      made.counter = counters_++;
      find_slots(type, made);
      out.groups.push_back(std::move(made));
      group = out.groups.end() - 1;
    }
    counters_of_[rule].push_back(group->counter);
    if (plan.family != nullptr) {
      add_family(type, *plan.family, *group);
      continue;
    }
    RuleReader reader{.rule = rule, .sequence = plan.sequence};
    if (plan.sequence != nullptr) {
      reader.type = plan.sequence->of(type, origin == EventOrigin::kSource);
    }
    group->readers.push_back(reader);
  }
  for (RuleGroup& group : out.groups) index_starts(type, group);
  return out;
}

WindowReader Dispatch::window_reader(TypeId type, nfa::DeriveId id) const {
  const nfa::Derive& derive = program_.derives[id];
  WindowReader reader;
  reader.key = derive.key;
  find_slots(type, reader);
  reader.derive = id;
  if (part_ != nullptr) reader.owner = part_->derive_bit[id];
  for (const nfa::Test& test : derive.input) {
    if (!test.any_type && test.type != type) continue;
    reader.tests.push_back(&test);
    reader.all = reader.all || (test.one_event.empty() && derive.where == nfa::kNoExpr);
  }
  return reader;
}

void Dispatch::add_family(TypeId type, const nfa::FamilyPlan& family, RuleGroup& group) const {
  const auto known = std::ranges::find(group.families, &family, &FamilyReader::plan);
  if (known != group.families.end()) return;
  const auto step = std::ranges::find(family.steps, type, &nfa::FamilyStep::type);
  const auto id =
      std::find_if(plans_.begin() + static_cast<std::ptrdiff_t>(program_.rules.size()),
                   plans_.end(), [&](const RulePlan& p) { return p.family == &family; });
  group.families.push_back({.id = static_cast<PlanId>(id - plans_.begin()),
                            .plan = &family,
                            .step = static_cast<std::uint32_t>(step - family.steps.begin())});
}

void Dispatch::find_slots(TypeId type, KeySlots& of) const {
  const nfa::KeySpec& spec = program_.keys[of.key];
  const bool takes_part =
      spec.by_type.empty() ||
      std::ranges::any_of(spec.by_type, [&](const auto& entry) { return entry.first == type; });
  of.in_slots = true;
  if (!takes_part) {
    of.slots.push_back(kNoSlot);
    return;
  }
  const SlotTable& slot_of = program_.plan.type(type).slot_of;
  for (const FieldId field : spec.fields_of(type)) {
    if (field == kTsField || field == kTypeField) of.in_slots = false;
    of.slots.push_back(slot_of[field]);
  }
}

}  // namespace weir::runtime
