// Which condition of a test finds the runs that an event may satisfy it for.
//
// A comparison does whose one side reads the event alone and whose other side reads what is bound
// alone: the second has one value for as long as the run rests.
#include "plan_lookup.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace weir::compiler {
namespace {

using nfa::ExprId;
using nfa::Lookup;
using nfa::Op;

std::optional<Lookup::Form> form_of(Op op, bool candidate_first) {
  switch (op) {
    case Op::kEq:
      return Lookup::kEqual;
    case Op::kLt:
      return candidate_first ? Lookup::kLess : Lookup::kGreater;
    case Op::kLe:
      return candidate_first ? Lookup::kLessEqual : Lookup::kGreaterEqual;
    case Op::kGt:
      return candidate_first ? Lookup::kGreater : Lookup::kLess;
    case Op::kGe:
      return candidate_first ? Lookup::kGreaterEqual : Lookup::kLessEqual;
    default:
      return std::nullopt;
  }
}

class Planner {
 public:
  Planner(nfa::Program& program, nfa::Automaton& automaton)
      : program_(program), exprs_(program.exprs), automaton_(automaton) {}

  void plan() {
    node(automaton_.start);
    for (nfa::Guard& guard : automaton_.guards) tests(guard.tests);
    for (std::vector<nfa::Test>& until : automaton_.untils) tests(until);
    tests(automaton_.until);
  }

 private:
  void node(nfa::NodeId id) {
    if (id == nfa::kNoNode || !seen_.insert(id).second) return;
    nfa::Node& n = program_.nodes[id];
    tests(n.tests);
    node(n.next);
    node(n.body);
    for (const nfa::NodeId target : n.targets) node(target);
  }

  void tests(std::vector<nfa::Test>& list) {
    for (nfa::Test& test : list) {
      const Lookup wanted = best(test);
      const auto found = std::ranges::find(automaton_.lookups, wanted);
      test.lookup = static_cast<std::uint16_t>(found - automaton_.lookups.begin());
      if (found == automaton_.lookups.end()) automaton_.lookups.push_back(wanted);
    }
  }

  Lookup best(const nfa::Test& test) const {
    Lookup best{.any_type = test.any_type, .type = test.type, .one_event = test.one_event};
    int best_worth = 0;
    for (const ExprId condition : test.bound) {
      const auto args = exprs_.args(condition);
      if (args.size() != 2) continue;
      const bool candidate_first = of_candidate(args[0]) && of_bound(args[1]);
      if (!candidate_first && !(of_candidate(args[1]) && of_bound(args[0]))) continue;
      const auto form = form_of(exprs_.at(condition).op, candidate_first);
      if (!form) continue;
      const bool plain = is_field(args[0]) && is_field(args[1]);
      const int worth = (*form == Lookup::kEqual ? 3 : 1) + (plain ? 1 : 0);
      if (worth <= best_worth) continue;
      best_worth = worth;
      best.form = *form;
      best.candidate = args[candidate_first ? 0 : 1];
      best.bound = args[candidate_first ? 1 : 0];
    }
    return best;
  }

  bool is_field(ExprId id) const {
    const Op op = exprs_.at(id).op;
    return op == Op::kField || op == Op::kNameField;
  }
  bool of_candidate(ExprId id) const { return exprs_.at(id).one_event; }
  bool of_bound(ExprId id) const { return !exprs_.at(id).one_event && !reads_candidate(id); }

  bool reads_candidate(ExprId id) const {
    const nfa::ExprNode& n = exprs_.at(id);
    auto args = exprs_.args(id);
    if (n.op == Op::kField) return true;
    if (n.op == Op::kAggregate || n.op == Op::kIndexField) {
      if (n.name == nfa::kCandidateName) return true;
      // Its first argument is asked of the events that are bound.
      if (!args.empty()) args = args.subspan(1);
    }
    return std::ranges::any_of(args, [&](ExprId arg) { return reads_candidate(arg); });
  }

  nfa::Program& program_;
  const nfa::ExprPool& exprs_;
  nfa::Automaton& automaton_;
  std::set<nfa::NodeId> seen_;
};

}  // namespace

void plan_lookups(nfa::Program& program) {
  for (nfa::Rule& rule : program.rules) Planner(program, rule.automaton).plan();
}

}  // namespace weir::compiler
