#include "plan_family.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <tuple>

namespace weir::compiler {
namespace {

/// The types of a rule's steps.
using Types = std::vector<TypeId>;

struct Candidate {
  Types types;
  nfa::RuleId rule = 0;
};

bool any_type(const std::vector<nfa::Test>& tests) {
  return std::ranges::any_of(tests, &nfa::Test::any_type);
}

bool fits(const nfa::SequenceStep& step) {
  return !step.loop() && step.contiguity == nfa::Contiguity::kSkipTillNext && step.pauses.empty() &&
         step.tests.size() == 1 && !any_type(step.tests) && !any_type(step.guards);
}

/// Without a WITHIN of the pattern no family: of such runs the sequence keeps the first alone. Nor
/// where a rule reads alerts, which may come while the others' matches wait to be listed.
bool fits(const nfa::Rule& rule) {
  const nfa::SequencePlan& plan = *rule.sequence;
  return !rule.reads_alerts && plan.silence == nfa::Silence::kNone && plan.leading.empty() &&
         plan.where.empty() && plan.spans.empty() && plan.until.empty() &&
         plan.within != nfa::kNoSpan && plan.disjoint && plan.steps.size() >= 2 &&
         std::ranges::all_of(plan.steps, [](const nfa::SequenceStep& step) { return fits(step); });
}

/// See FamilyMember::skip_to.
std::uint32_t skip_to(const nfa::SequencePlan& plan) {
  switch (plan.after) {
    case nfa::AfterMatch::kConsume:
      return nfa::kNoStep;
    case nfa::AfterMatch::kKeep:
    case nfa::AfterMatch::kSkipToNext:
      return 0;
    case nfa::AfterMatch::kSkipPastLast:
      return static_cast<std::uint32_t>(plan.steps.size() - 1);
    case nfa::AfterMatch::kSkipToFirst:
    case nfa::AfterMatch::kSkipToLast:
      break;
  }
  const auto at = std::ranges::find_if(plan.steps, [&](const nfa::SequenceStep& step) {
    return step.tests.front().name == plan.after_name;
  });
  return static_cast<std::uint32_t>(at - plan.steps.begin());
}

Types first(const Types& types, std::size_t n) {
  return {types.begin(), types.begin() + static_cast<std::ptrdiff_t>(n)};
}

/// Leaves those whose every step but the last is that of enough of them.
void drop_lonely(std::vector<Candidate>& members) {
  for (std::size_t before = 0; before != members.size();) {
    before = members.size();
    std::map<Types, std::size_t> having;  // by types from the first step on
    for (const Candidate& m : members) {
      for (std::size_t n = 1; n < m.types.size(); ++n) ++having[first(m.types, n)];
    }
    std::erase_if(members, [&](const Candidate& m) {
      for (std::size_t n = 1; n < m.types.size(); ++n) {
        if (having[first(m.types, n)] < nfa::kLeastFamily) return true;
      }
      return false;
    });
  }
}

class Maker {
 public:
  Maker(const nfa::Program& program, const std::vector<Candidate>& members)
      : program_(program), members_(members) {}

  nfa::FamilyPlan make() {
    family_.key = plan(0).key;
    for (std::size_t place = 0; place < members_.size(); ++place) {
      nfa::FamilyMember& made = family_.members.emplace_back();
      made.rule = members_[place].rule;
      made.within = plan(place).within;
      made.skip_to = skip_to(plan(place));
      for (const nfa::SequenceStep& step : plan(place).steps) {
        made.path.push_back({step.reach, nfa::kNoStep, step.tests.front().name});
      }
    }
    add_steps(nfa::kNoStep, 0, 0, members_.size());
    return std::move(family_);
  }

 private:
  /// The test of the rule with this place; null: it has none.
  using TestOf = std::function<const nfa::Test*(std::size_t place)>;

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
      for (std::size_t place = begin; place < to; ++place)
        family_.members[place].path[depth].step = id;
      add_steps(id, depth + 1, begin, to);
      begin = to;
    }
  }

  nfa::FamilyStep make_step(TypeId type, std::uint32_t parent, std::uint32_t depth,
                            std::size_t begin, std::size_t end) {
    nfa::FamilyStep step{};
    static_cast<nfa::FamilyTest&>(step) =
        make_test(type, begin, end, [&](std::size_t place) { return &of(place, depth).tests[0]; });
    step.parent = parent;
    step.depth = depth;
    step.waits_at = family_.wait_words;
    step.last.resize(step.words);
    bool goes_on = false;
    for (std::size_t place = begin; place < end; ++place) {
      const bool last = members_[place].types.size() == depth + 1;
      if (last) set(step.last, step, place);
      goes_on = goes_on || !last;
      step.within = std::max(step.within, plan(place).within);
    }
    if (goes_on) family_.wait_words += step.words;
    add_guards(step, begin, end);
    return step;
  }

  /// Of each type one for the rules' first NOTs, one for their second ones, and so on.
  void add_guards(nfa::FamilyStep& step, std::size_t begin, std::size_t end) const {
    std::set<TypeId> types;
    for (std::size_t place = begin; place < end; ++place) {
      for (const nfa::Test& guard : of(place, step.depth).guards) types.insert(guard.type);
    }
    for (const TypeId type : types) {
      for (std::size_t n = 0;; ++n) {
        nfa::FamilyTest made = make_test(type, begin, end, [&](std::size_t place) {
          std::size_t before = n;
          for (const nfa::Test& guard : of(place, step.depth).guards) {
            if (guard.type == type && before-- == 0) return &guard;
          }
          return static_cast<const nfa::Test*>(nullptr);
        });
        if (std::ranges::count(made.rules, 0U) == static_cast<std::ptrdiff_t>(made.words)) break;
        step.guards.push_back(std::move(made));
      }
    }
  }

  nfa::FamilyTest make_test(TypeId type, std::size_t begin, std::size_t end,
                            const TestOf& test_of) const {
    nfa::FamilyTest test;
    test.type = type;
    test.first_word = static_cast<std::uint32_t>(begin / 64);
    test.words = static_cast<std::uint32_t>((end + 63) / 64 - begin / 64);
    test.rules.resize(test.words);
    std::size_t conjuncts = 0;
    for (std::size_t place = begin; place < end; ++place) {
      const nfa::Test* of_rule = test_of(place);
      if (of_rule == nullptr) continue;
      set(test.rules, test, place);
      conjuncts = std::max(conjuncts, of_rule->one_event.size());
    }
    for (std::size_t j = 0; j < conjuncts; ++j) {
      test.columns.push_back(make_column(test, j, begin, end, test_of));
    }
    return test;
  }

  nfa::FamilyTest::Column make_column(const nfa::FamilyTest& test, std::size_t conjunct,
                                      std::size_t begin, std::size_t end,
                                      const TestOf& test_of) const {
    std::vector<nfa::ExprId> predicates(end - std::size_t{test.first_word} * 64, nfa::kNoExpr);
    std::vector<std::uint64_t> without(test.words);
    bool fewer = false;
    for (std::size_t place = begin; place < end; ++place) {
      const nfa::Test* of_rule = test_of(place);
      if (of_rule == nullptr) continue;
      if (conjunct < of_rule->one_event.size()) {
        predicates[place - std::size_t{test.first_word} * 64] = of_rule->one_event[conjunct];
      } else {
        set(without, test, place);
        fewer = true;
      }
    }
    if (!fewer) without.clear();
    return {nfa::PredicateIndex(program_.exprs, predicates), std::move(without)};
  }

  const nfa::SequencePlan& plan(std::size_t place) const {
    return *program_.rules[members_[place].rule].sequence;
  }
  const nfa::SequenceStep& of(std::size_t place, std::uint32_t depth) const {
    return plan(place).steps[depth];
  }
  static void set(std::vector<std::uint64_t>& bits, const nfa::FamilyTest& test,
                  std::size_t place) {
    bits[place / 64 - test.first_word] |= std::uint64_t{1} << (place % 64);
  }

  const nfa::Program& program_;
  const std::vector<Candidate>& members_;
  nfa::FamilyPlan family_;
};

}  // namespace

void plan_families(Unit& unit) {
  nfa::Program& program = unit.program;
  // By key, the rule's and the plan's, and first type.
  std::map<std::tuple<nfa::KeySpecId, nfa::KeySpecId, TypeId>, std::vector<Candidate>> alike;
  for (nfa::RuleId id = 0; id < program.rules.size(); ++id) {
    const nfa::Rule& rule = program.rules[id];
    if (!rule.sequence || !fits(rule)) continue;
    Types types;
    for (const nfa::SequenceStep& step : rule.sequence->steps) {
      types.push_back(step.tests.front().type);
    }
    const std::tuple key(rule.key, rule.sequence->key, types.front());
    alike[key].push_back({std::move(types), id});
  }
  for (auto& [key, members] : alike) {
    drop_lonely(members);
    if (members.empty()) continue;
    std::ranges::sort(members, {}, [](const Candidate& m) { return std::tie(m.types, m.rule); });
    program.families.push_back(Maker(program, members).make());
  }
}

}  // namespace weir::compiler
