// A rule's states and what leads from one to the next, with the inner nodes that take no event left
// out: what `weir explain --svg` draws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "weir/nfa/program.hpp"

namespace weir::cli {

enum class StateShape : std::uint8_t { kStart, kWait, kAnd, kPause, kMatch };

struct GraphState {
  StateShape shape = StateShape::kWait;
  std::vector<std::string> lines;  // of its text
};

struct GraphEdge {
  std::size_t from = 0;
  std::size_t to = 0;
  std::string text;  // what is asked on the way: "again", "unless NOT logout"; may be empty
};

struct RuleGraph {
  std::string title;
  std::vector<std::string> notes;  // below it: key, WITHIN, AFTER MATCH
  std::vector<GraphState> states;  // states[0] is the start
  std::vector<GraphEdge> edges;    // of one state, preferred first
};

RuleGraph graph_of(const nfa::Program& program, nfa::RuleId rule);

}  // namespace weir::cli
