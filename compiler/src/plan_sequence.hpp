// Which rules are matched by the compact plan (weir/nfa/sequence_plan.hpp).
#pragma once

#include "unit.hpp"

namespace weir::compiler {

/// Gives each rule of the program that fits its SequencePlan. After connect_streams().
void plan_sequences(Unit& unit);

}  // namespace weir::compiler
