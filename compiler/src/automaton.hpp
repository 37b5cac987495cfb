// Tree -> nodes of the Program: registers, scopes, and the expressions bound in their places.
#pragma once

#include "tree.hpp"

namespace weir::compiler {

struct AutomatonInput {
  Tree& tree;
  const lang::RuleDef& rule;
  nfa::Program& program;
  BindContext& bind;
};

/// Nothing where an expression is faulty (reported). The automaton's nodes are appended to the
/// Program.
std::optional<nfa::Automaton> build_automaton(AutomatonInput input);

/// How names read from outside of the pattern: the alert's message and fields, AFTER MATCH.
Scope outside_scope(const Tree& tree);

/// Binds the conditions that an event class or a WHERE puts on an event, split into those on the
/// event alone, the cheapest first, and those on what is bound. False where one is faulty.
bool bind_tests(const std::vector<Conjunct>& conjuncts, const Scope& scope, BindContext& bind,
                nfa::Test& test);

/// The tests that an option stands for: one for each type of its event class.
bool make_tests(const Option& option, const std::vector<Conjunct>& more, const Scope& scope,
                BindContext& bind, std::vector<nfa::Test>& tests);

}  // namespace weir::compiler
