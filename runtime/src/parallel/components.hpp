// Which rules and windows read one another.
#pragma once

#include <cstdint>
#include <vector>

#include "weir/nfa/program.hpp"
#include "weir/runtime/engine_part.hpp"

namespace weir::runtime {

/// Rules, and after them windows, that read one another through alert streams and derived streams,
/// ascending: see Members for the numbers.
using Component = std::vector<std::uint32_t>;

/// All of them, in the order of their first members. Components do not see each other.
std::vector<Component> components_of(const nfa::Program& program);

}  // namespace weir::runtime
