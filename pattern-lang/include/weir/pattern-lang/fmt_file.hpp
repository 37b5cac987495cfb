// weir fmt for whole rule files.
#pragma once

#include <optional>
#include <string>

#include "weir/pattern-lang/diagnostic.hpp"
#include "weir/pattern-lang/source.hpp"

namespace weir::lang {

/// The text of a rule file laid out one way: patterns and expressions in their canonical text
/// (print.hpp), block scalars indented by two from their key, no blanks at the ends of lines, one
/// line feed at the end. A pattern too long for its line becomes a block. A pattern with comments
/// keeps its lines. Keys, their order, comments, quotes, line ends (CR LF where all are) and
/// everything else stay as they are.
///
/// Formatting twice gives the same as once. The result reads to the same documents: that is
/// checked, and where it does not hold, the text comes back as it was, with E0299. Nothing where
/// the file has errors, which are in `diagnostics`. Never throws.
std::optional<std::string> format_rule_file(const SourceFile& file, Diagnostics& diagnostics);

}  // namespace weir::lang
