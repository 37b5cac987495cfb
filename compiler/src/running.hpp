// Which aggregates over loops a run keeps the value of.
#pragma once

#include "weir/nfa/program.hpp"

namespace weir::compiler {

/// Fills Automaton::running: the aggregates that conditions of the pattern ask for while its runs
/// are open, or as they complete, whose value with one event more follows from that without it.
void find_running(nfa::Program& program, nfa::Automaton& automaton);

}  // namespace weir::compiler
