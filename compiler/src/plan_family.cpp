#include "plan_family.hpp"

#include <algorithm>
#include <map>

namespace weir::compiler {
namespace {

/// What rules of one family have in common; empty where a rule can be in none.
std::vector<std::int64_t> signature(const nfa::Rule& rule) {
  const nfa::SequencePlan& plan = *rule.sequence;
  const bool fits = plan.silence == nfa::Silence::kNone && plan.leading.empty() &&
                    plan.where.empty() && plan.spans.empty() && plan.until.empty() &&
                    plan.after == nfa::AfterMatch::kConsume && plan.within != nfa::kNoSpan &&
                    plan.key == rule.key && plan.disjoint && plan.steps.size() >= 2 &&
                    plan.types.size() == plan.steps.size();
  if (!fits) return {};
  std::vector<std::int64_t> out{plan.key, plan.within};
  for (const nfa::SequenceStep& step : plan.steps) {
    if (step.loop() || step.contiguity != nfa::Contiguity::kSkipTillNext ||
        step.reach != nfa::kNoSpan || !step.guards.empty() || !step.pauses.empty() ||
        step.tests.size() != 1 || step.tests.front().any_type) {
      return {};
    }
    out.push_back(step.tests.front().type);
    out.push_back(static_cast<std::int64_t>(step.tests.front().one_event.size()));
  }
  return out;
}

nfa::FamilyPlan make_family(const nfa::Program& program, std::vector<nfa::RuleId> rules) {
  const nfa::SequencePlan& model = *program.rules[rules.front()].sequence;
  nfa::FamilyPlan family;
  family.key = model.key;
  family.within = model.within;
  for (std::size_t s = 0; s < model.steps.size(); ++s) {
    nfa::FamilyStep step{.type = model.steps[s].tests.front().type, .columns = {}};
    for (std::size_t c = 0; c < model.steps[s].tests.front().one_event.size(); ++c) {
      std::vector<nfa::ExprId> column;
      for (const nfa::RuleId rule : rules) {
        column.push_back(program.rules[rule].sequence->steps[s].tests.front().one_event[c]);
      }
      step.columns.emplace_back(program.exprs, column);
    }
    family.steps.push_back(std::move(step));
  }
  family.rules = std::move(rules);
  return family;
}

}  // namespace

void plan_families(Unit& unit) {
  nfa::Program& program = unit.program;
  std::map<std::vector<std::int64_t>, std::vector<nfa::RuleId>> alike;
  for (nfa::RuleId id = 0; id < program.rules.size(); ++id) {
    if (!program.rules[id].sequence) continue;
    const std::vector<std::int64_t> key = signature(program.rules[id]);
    if (!key.empty()) alike[key].push_back(id);
  }
  for (auto& [key, rules] : alike) {
    if (rules.size() >= nfa::kLeastFamily) {
      program.families.push_back(make_family(program, std::move(rules)));
    }
  }
}

}  // namespace weir::compiler
