// Results for people, for programs, and for docs/performance.md.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "scenario.hpp"

namespace weir::bench {

using Results = std::vector<std::pair<std::string, Result>>;  // by scenario's name

/// "12.3 M events/s", "0.31 x".
std::string in_words(double value, std::string_view unit);

std::string text_header();
std::string text_row(const std::string& name, const Result& result);
std::string markdown(const Results& results);
/// {"scenarios": [{"name": ..., "figure": ..., "unit": ..., "goal": ..., "reached": ...}, ...]}
std::string json(const Results& results, const Context& context);

}  // namespace weir::bench
