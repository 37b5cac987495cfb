// What yaml-cpp refuses, in words that say what to type.
#pragma once

#include <cstdint>
#include <string_view>

#include "yaml/source_reader.hpp"

namespace weir::lang::yaml {

/// `message` is yaml-cpp's, at clean offset `at`; `last` is where the last node that it read ends,
/// `open_flow` the list or map in brackets that was open, or null.
void report_syntax_error(SourceReader& source, std::string_view message, std::uint32_t at,
                         std::uint32_t last, const Node* open_flow);

/// The quote at clean offset `at` has no end.
void report_unclosed_quote(SourceReader& source, std::uint32_t at);

}  // namespace weir::lang::yaml
