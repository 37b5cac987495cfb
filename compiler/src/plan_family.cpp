#include "plan_family.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace weir::compiler {
namespace {

/// The types of a rule's steps.
using Types = std::vector<TypeId>;

struct Member {
  Types types;
  nfa::RuleId rule = 0;
};

bool fits(const nfa::Rule& rule) {
  const nfa::SequencePlan& plan = *rule.sequence;
  return plan.silence == nfa::Silence::kNone && plan.leading.empty() && plan.where.empty() &&
         plan.spans.empty() && plan.until.empty() && plan.after == nfa::AfterMatch::kConsume &&
         plan.within != nfa::kNoSpan && plan.key == rule.key && plan.disjoint &&
         plan.steps.size() >= 2 && plan.types.size() == plan.steps.size() &&
         std::ranges::all_of(plan.steps, [](const nfa::SequenceStep& step) {
           return !step.loop() && step.contiguity == nfa::Contiguity::kSkipTillNext &&
                  step.reach == nfa::kNoSpan && step.guards.empty() && step.pauses.empty() &&
                  step.tests.size() == 1 && !step.tests.front().any_type;
         });
}

Types first(const Types& types, std::size_t n) {
  return {types.begin(), types.begin() + static_cast<std::ptrdiff_t>(n)};
}

/// Leaves those whose every step but the last is that of enough of them.
void drop_lonely(std::vector<Member>& members) {
  for (std::size_t before = 0; before != members.size();) {
    before = members.size();
    std::map<Types, std::size_t> having;  // by types from the first step on
    for (const Member& m : members) {
      for (std::size_t n = 1; n < m.types.size(); ++n) ++having[first(m.types, n)];
    }
    std::erase_if(members, [&](const Member& m) {
      for (std::size_t n = 1; n < m.types.size(); ++n) {
        if (having[first(m.types, n)] < nfa::kLeastFamily) return true;
      }
      return false;
    });
  }
}

class Maker {
 public:
  Maker(const nfa::Program& program, const std::vector<Member>& members)
      : program_(program), members_(members) {}

  nfa::FamilyPlan make() {
    const nfa::SequencePlan& model = *program_.rules[members_.front().rule].sequence;
    family_.key = model.key;
    family_.within = model.within;
    for (const Member& m : members_) family_.rules.push_back(m.rule);
    family_.paths.resize(members_.size());
    add_steps(nfa::kNoStep, 0, 0, members_.size());
    return std::move(family_);
  }

 private:
  /// The steps behind `parent` of the rules from `begin` to `end`, which have all up to it in
  /// common.
  void add_steps(std::uint32_t parent, std::uint32_t depth, std::size_t begin, std::size_t end) {
    while (begin < end && members_[begin].types.size() <= depth) ++begin;
    while (begin < end) {
      const TypeId type = members_[begin].types[depth];
      std::size_t to = begin;
      while (to < end && members_[to].types[depth] == type) ++to;
      const auto id = static_cast<std::uint32_t>(family_.steps.size());
      family_.steps.push_back(make_step(type, parent, depth, begin, to));
      for (std::size_t place = begin; place < to; ++place) family_.paths[place].push_back(id);
      add_steps(id, depth + 1, begin, to);
      begin = to;
    }
  }

  nfa::FamilyStep make_step(TypeId type, std::uint32_t parent, std::uint32_t depth,
                            std::size_t begin, std::size_t end) {
    nfa::FamilyStep step{.type = type,
                         .parent = parent,
                         .depth = depth,
                         .first_word = static_cast<std::uint32_t>(begin / 64),
                         .words = static_cast<std::uint32_t>((end + 63) / 64 - begin / 64),
                         .waits_at = family_.wait_words,
                         .rules = {},
                         .last = {},
                         .columns = {}};
    step.rules.resize(step.words);
    step.last.resize(step.words);
    bool goes_on = false;
    std::size_t conjuncts = 0;
    for (std::size_t place = begin; place < end; ++place) {
      const bool last = members_[place].types.size() == depth + 1;
      set(step.rules, step, place);
      if (last) set(step.last, step, place);
      goes_on = goes_on || !last;
      conjuncts = std::max(conjuncts, conditions(place, depth).size());
    }
    if (goes_on) family_.wait_words += step.words;
    for (std::size_t j = 0; j < conjuncts; ++j) {
      step.columns.push_back(make_column(step, depth, j, begin, end));
    }
    return step;
  }

  nfa::FamilyStep::Column make_column(const nfa::FamilyStep& step, std::uint32_t depth,
                                      std::size_t conjunct, std::size_t begin,
                                      std::size_t end) const {
    std::vector<nfa::ExprId> predicates(end - std::size_t{step.first_word} * 64, nfa::kNoExpr);
    std::vector<std::uint64_t> without(step.words);
    bool fewer = false;
    for (std::size_t place = begin; place < end; ++place) {
      const std::vector<nfa::ExprId>& all = conditions(place, depth);
      if (conjunct < all.size()) {
        predicates[place - std::size_t{step.first_word} * 64] = all[conjunct];
      } else {
        set(without, step, place);
        fewer = true;
      }
    }
    if (!fewer) without.clear();
    return {nfa::PredicateIndex(program_.exprs, predicates), std::move(without)};
  }

  const std::vector<nfa::ExprId>& conditions(std::size_t place, std::uint32_t depth) const {
    return program_.rules[members_[place].rule].sequence->steps[depth].tests.front().one_event;
  }
  static void set(std::vector<std::uint64_t>& bits, const nfa::FamilyStep& step,
                  std::size_t place) {
    bits[place / 64 - step.first_word] |= std::uint64_t{1} << (place % 64);
  }

  const nfa::Program& program_;
  const std::vector<Member>& members_;
  nfa::FamilyPlan family_;
};

}  // namespace

void plan_families(Unit& unit) {
  nfa::Program& program = unit.program;
  // By key, WITHIN and first type.
  std::map<std::tuple<nfa::KeySpecId, std::int64_t, TypeId>, std::vector<Member>> alike;
  for (nfa::RuleId id = 0; id < program.rules.size(); ++id) {
    const nfa::Rule& rule = program.rules[id];
    if (!rule.sequence || !fits(rule)) continue;
    Types types;
    for (const nfa::SequenceStep& step : rule.sequence->steps) {
      types.push_back(step.tests.front().type);
    }
    const std::tuple key(rule.sequence->key, rule.sequence->within, types.front());
    alike[key].push_back({std::move(types), id});
  }
  for (auto& [key, members] : alike) {
    drop_lonely(members);
    if (members.empty()) continue;
    std::ranges::sort(members, {}, [](const Member& m) { return std::tie(m.types, m.rule); });
    program.families.push_back(Maker(program, members).make());
  }
}

}  // namespace weir::compiler
