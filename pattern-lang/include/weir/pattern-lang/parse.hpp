// Text to AST: patterns, expressions. The one place where Boost.Spirit X3 is entered.
//
// Thread-safe; never throws on any input; time and memory are bounded by the limits below.
#pragma once

#include <cstddef>
#include <optional>

#include "weir/pattern-lang/ast.hpp"
#include "weir/pattern-lang/diagnostic.hpp"

namespace weir::lang {

/// A pattern or expression larger than this is refused.
inline constexpr std::size_t kMaxPatternBytes = 256 * 1024;
/// Parentheses, groups and `not`s inside one another.
inline constexpr int kMaxNesting = 100;
/// Operators in one expression (between commas), so that no tree is deeper than this and a few.
inline constexpr int kMaxOperators = 1000;
/// The largest bound of a quantifier.
inline constexpr unsigned kMaxRepeat = 1'000'000;

/// Nothing where there was an error; all errors that were found are in `diagnostics`.
std::optional<Pattern> parse_pattern(SnippetPtr snippet, Diagnostics& diagnostics);

/// `root` is null where there was an error.
ExprText parse_expression(SnippetPtr snippet, Diagnostics& diagnostics);

}  // namespace weir::lang
