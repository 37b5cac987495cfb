// Gives a random pattern its names, its conditions and its AFTER MATCH.
#pragma once

#include "draft.hpp"
#include "random_source.hpp"

namespace weir::reference {

void decorate(DraftRule& rule, RandomSource& random);

}  // namespace weir::reference
