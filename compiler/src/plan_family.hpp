// Which rules are matched together because they differ in constants alone (weir/nfa/family_plan.hpp).
#pragma once

#include "unit.hpp"

namespace weir::compiler {

/// Gives the program its families. After plan_sequences(), and when the pool of expressions is
/// finished. O(rules).
void plan_families(Unit& unit);

}  // namespace weir::compiler
