#include "running.hpp"

#include <algorithm>

namespace weir::compiler {
namespace {

using nfa::ExprId;

bool folds(nfa::Agg agg) {
  switch (agg) {
    case nfa::Agg::kCount:
    case nfa::Agg::kSum:
    case nfa::Agg::kAvg:
    case nfa::Agg::kMin:
    case nfa::Agg::kMax:
    case nfa::Agg::kStddev:
    case nfa::Agg::kFirst:
    case nfa::Agg::kLast:
      return true;
    default:
      return false;
  }
}

class Finder {
 public:
  Finder(const nfa::Program& program, nfa::Automaton& automaton)
      : program_(program), automaton_(automaton) {}

  void find() {
    for (const nfa::NodeId id : nfa::reached(program_.nodes, automaton_.start)) {
      tests(program_.nodes[id].tests);
      exprs(program_.nodes[id].where);
    }
    for (const nfa::Guard& guard : automaton_.guards) tests(guard.tests);
    for (const auto& until : automaton_.untils) tests(until);
    tests(automaton_.until);
    exprs(automaton_.where);
  }

 private:
  void tests(const std::vector<nfa::Test>& list) {
    for (const nfa::Test& test : list) exprs(test.bound);
  }
  void exprs(const std::vector<ExprId>& list) {
    for (const ExprId e : list) expr(e);
  }
  void expr(ExprId id) {
    const nfa::ExprNode& n = program_.exprs.at(id);
    const auto args = program_.exprs.args(id);
    const bool running =
        n.op == nfa::Op::kAggregate && n.name != nfa::kCandidateName && n.scope == nfa::kNoReg &&
        folds(n.agg) &&
        std::ranges::all_of(args, [&](ExprId arg) { return program_.exprs.at(arg).one_event; });
    if (!running) {
      for (const ExprId arg : args) expr(arg);
    } else if (std::ranges::find(automaton_.running, id) == automaton_.running.end()) {
      automaton_.running.push_back(id);
    }
  }

  const nfa::Program& program_;
  nfa::Automaton& automaton_;
};

}  // namespace

void find_running(nfa::Program& program, nfa::Automaton& automaton) {
  Finder(program, automaton).find();
}

}  // namespace weir::compiler
