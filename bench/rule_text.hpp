// Rule text to a Program, as the weir program does it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "weir/nfa/program.hpp"

namespace weir::bench {

/// Compiles one text, or several as files of their own. Rules of a benchmark are right: what is
/// wrong with them is shown, and the program ends.
nfa::ProgramPtr compile_text(std::string_view yaml);
nfa::ProgramPtr compile_texts(const std::vector<std::string>& files);

/// One rule without further ado; `key` may be empty.
std::string rule_text(std::string_view id, std::string_view key, std::string_view pattern);

}  // namespace weir::bench
