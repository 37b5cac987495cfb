#include "dispatch.hpp"

#include <algorithm>
#include <functional>
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

void add(std::vector<const nfa::Test*>& to, const std::vector<nfa::Test>& tests) {
  for (const nfa::Test& test : tests) to.push_back(&test);
}

/// What a rule's first event may satisfy, as far as it is said before anything is bound: the
/// conditions of each way.
std::vector<const nfa::Test*> first_tests(const nfa::Program& program, const nfa::Rule& rule) {
  std::vector<const nfa::Test*> out;
  for (const nfa::NodeId id : nfa::reached(program.nodes, rule.automaton.start, false)) {
    add(out, program.nodes[id].tests);
  }
  for (const nfa::LeadingNot& leading : rule.automaton.leading) add(out, leading.tests);
  return out;
}

/// An event that satisfies none of these changes nothing, unless any_event_matters().
std::vector<const nfa::Test*> all_tests(const nfa::Program& program, const nfa::Rule& rule) {
  const nfa::Automaton& automaton = rule.automaton;
  std::vector<const nfa::Test*> out;
  for (const nfa::NodeId id : nfa::reached(program.nodes, automaton.start)) {
    add(out, program.nodes[id].tests);
  }
  for (const nfa::Guard& guard : automaton.guards) add(out, guard.tests);
  for (const auto& until : automaton.untils) add(out, until);
  for (const nfa::LeadingNot& leading : automaton.leading) add(out, leading.tests);
  add(out, automaton.until);
  return out;
}

/// NEXT: what is not asked for breaks a run, or spends a NOT.
bool any_event_matters(const nfa::Program& program, const nfa::Rule& rule) {
  static constexpr auto kNext = nfa::Contiguity::kNext;
  return std::ranges::any_of(rule.automaton.guards, &nfa::Guard::next) ||
         std::ranges::any_of(
             nfa::reached(program.nodes, rule.automaton.start), [&](nfa::NodeId id) {
               const nfa::Node& node = program.nodes[id];
               return node.keyword == kNext ||
                      std::ranges::any_of(node.keywords, [](const nfa::KeywordScope& scope) {
                        return scope.contiguity == kNext;
                      });
             });
}

}  // namespace

Dispatch::Dispatch(const nfa::Program& program, bool compact, bool families, const EnginePart* part,
                   std::size_t index_from)
    : program_(program),
      part_(part),
      compact_(compact),
      index_from_(index_from),
      counters_of_(program.rules.size()) {
  for (const nfa::Rule& rule : program.rules) {
    firsts_.push_back(first_tests(program, rule));
    asked_.push_back(all_tests(program, rule));
    sees_all_.push_back(any_event_matters(program, rule));
    RulePlan plan{
        .automaton = &rule.automaton, .state = static_cast<PlanId>(plans_.size()), .key = rule.key};
    if (compact && rule.sequence) {
      plan.sequence = &*rule.sequence;
      plan.key = rule.sequence->key;
    }
    if (rule.automaton.longest_wait) plan.span = rule.automaton.longest_wait->ns;
    plans_.push_back(std::move(plan));
  }
  if (compact && families) {
    for (const nfa::FamilyPlan& family : program.families) plan_family(family);
  }
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

/// The rules of a family are matched as one where they are one owner's.
void Dispatch::plan_family(const nfa::FamilyPlan& family) {
  std::vector<std::uint8_t> owners;
  for (const nfa::FamilyMember& member : family.members) {
    owners.push_back(part_ == nullptr ? 0 : part_->rule_bit[member.rule]);
  }
  std::vector<std::uint8_t> each = owners;
  std::ranges::sort(each);
  each.erase(std::ranges::unique(each).begin(), each.end());
  for (const std::uint8_t owner : each) {
    const auto id = static_cast<PlanId>(plans_.size());
    std::vector<std::uint64_t> members((owners.size() + 63) / 64);
    for (std::size_t place = 0; place < owners.size(); ++place) {
      if (owners[place] != owner) continue;
      members[place / 64] |= std::uint64_t{1} << (place % 64);
      RulePlan& plan = plans_[family.members[place].rule];
      plan.sequence = nullptr;
      plan.family = &family;
      plan.state = id;
    }
    if (each.size() == 1) members.clear();
    members_.push_back(std::move(members));
    plans_.push_back(
        {.family = &family, .state = id, .key = family.key, .span = family.steps.front().within});
  }
}

void Dispatch::find_beginners(TypeId type, RuleGroup& group) const {
  for (std::uint32_t i = 0; i < group.readers.size(); ++i) {
    const bool begins = std::ranges::any_of(
        firsts_[group.readers[i].rule],
        [&](const nfa::Test* test) { return test->any_type || test->type == type; });
    if (begins) group.beginners.push_back(i);
  }
}

namespace {

/// Conditions by the predicate that says first that they do not hold.
struct Indexed {
  std::vector<nfa::ExprId> predicates;
  std::vector<std::vector<std::uint32_t>> places;  // by predicate
  std::vector<std::uint32_t> always;

  /// The conditions that the thing at `place` asks of events of the type, by the contract an OR.
  void add(std::uint32_t place, TypeId type, const std::vector<const nfa::Test*>& tests) {
    std::vector<nfa::ExprId> first;
    for (const nfa::Test* test : tests) {
      if (!test->any_type && test->type != type) continue;
      if (test->one_event.empty()) {
        always.push_back(place);
        return;
      }
      first.push_back(test->one_event.front());
    }
    for (const nfa::ExprId predicate : first) {
      const auto [at, fresh] = known_.emplace(predicate, predicates.size());
      if (fresh) {
        predicates.push_back(predicate);
        places.emplace_back();
      }
      std::vector<std::uint32_t>& list = places[at->second];
      if (list.empty() || list.back() != place) list.push_back(place);
    }
  }

  std::unique_ptr<ReaderIndex> index(const nfa::ExprPool& pool) && {
    return std::make_unique<ReaderIndex>(
        ReaderIndex{nfa::PredicateIndex(pool, predicates), std::move(places), std::move(always)});
  }

 private:
  std::unordered_map<nfa::ExprId, std::size_t> known_;
};

}  // namespace

void Dispatch::index_starts(TypeId type, RuleGroup& group) const {
  if (group.beginners.size() < index_from_) return;
  Indexed found;
  for (const std::uint32_t i : group.beginners) {
    found.add(i, type, firsts_[group.readers[i].rule]);
  }
  group.starts = std::move(found).index(program_.exprs);
}

void Dispatch::index_touches(TypeId type, RuleGroup& group) const {
  if (!compact_ || group.readers.size() < index_from_) return;
  Indexed found;
  for (std::uint32_t i = 0; i < group.readers.size(); ++i) {
    const nfa::RuleId rule = group.readers[i].rule;
    if (sees_all_[rule]) {
      found.always.push_back(i);
    } else {
      found.add(i, type, asked_[rule]);
    }
  }
  // Most rules ask nothing that could be told ahead.
  if (found.always.size() * 2 > group.readers.size()) return;
  group.touches = std::move(found).index(program_.exprs);
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
    const nfa::KeySpecId own_key = program_.rules[rule].key;
    auto group = std::ranges::find_if(out.groups, [&](const RuleGroup& g) {
      return g.key == plan.key && g.own_key == own_key && g.owner == owner;
    });
    if (group == out.groups.end()) {
      RuleGroup made;
      made.key = plan.key;
      made.own_key = own_key;
      made.owner = owner;
      made.counter = counters_++;
      find_slots(type, made);
      out.groups.push_back(std::move(made));
      group = out.groups.end() - 1;
    }
    counters_of_[rule].push_back(group->counter);
    if (plan.family != nullptr) {
      add_family(type, plan, *group);
      continue;
    }
    RuleReader reader{.rule = rule,
                      .sequence = plan.sequence,
                      .lists_at_once = program_.rules[rule].reads_alerts};
    if (plan.sequence != nullptr) {
      reader.type = plan.sequence->of(type, origin == EventOrigin::kSource);
    }
    group->readers.push_back(reader);
  }
  for (RuleGroup& group : out.groups) {
    find_beginners(type, group);
    index_starts(type, group);
    index_touches(type, group);
  }
  most_groups_ = std::max(most_groups_, out.groups.size());
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

void Dispatch::add_family(TypeId type, const RulePlan& plan, RuleGroup& group) const {
  const nfa::FamilyPlan& family = *plan.family;
  const auto known = std::ranges::find(group.families, plan.state, &FamilyReader::id);
  if (known != group.families.end()) return;
  FamilyReader reader{.id = plan.state,
                      .plan = &family,
                      .members = members_[plan.state - program_.rules.size()],
                      .steps = {}};
  for (std::uint32_t step = 0; step < family.steps.size(); ++step) {
    FamilyReader::Step at{.step = step, .takes = family.steps[step].type == type, .guards = {}};
    for (const nfa::FamilyTest& guard : family.steps[step].guards) {
      if (guard.type == type) at.guards.push_back(&guard);
    }
    if (at.takes || !at.guards.empty()) reader.steps.push_back(std::move(at));
  }
  std::ranges::stable_sort(reader.steps, std::greater<>(), [&](const FamilyReader::Step& at) {
    return family.steps[at.step].depth;
  });
  group.families.push_back(std::move(reader));
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
  if (of.in_slots && of.slots.size() == 1) of.one = of.slots.front();
}

}  // namespace weir::runtime
