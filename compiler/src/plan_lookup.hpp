// How a rule's open runs are found by what they have bound.
#pragma once

#include "weir/nfa/program.hpp"

namespace weir::compiler {

/// Fills Automaton::lookups and Test::lookup. Where a test has several conditions that would do, an
/// equality is preferred to an order, and a comparison of two fields to any other.
void plan_lookups(nfa::Program& program);

}  // namespace weir::compiler
