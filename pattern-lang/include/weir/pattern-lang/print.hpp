// AST to text: the one layout of patterns and expressions (weir fmt), and the dump for golden tests.
#pragma once

#include <string>

#include "weir/pattern-lang/ast.hpp"

namespace weir::lang {

/// Canonical text: parses to the same AST. One line where it fits in `width` columns, else one step a
/// line. Keywords in capitals; parentheses only where they are needed.
std::string print_pattern(const Pattern& pattern, std::size_t width = 88);
std::string print_expression(const Expr& expr);
/// The same in lines of at most `width` columns, as far as it can be broken.
std::string print_expression(const Expr& expr, std::size_t width);
std::string print_step(const Step& step);

/// The tree, a node a line, with spans where `spans`; deterministic; for golden tests and the rule's
/// fingerprint (without spans).
std::string dump(const Pattern& pattern, bool spans);
std::string dump(const Expr& expr, bool spans);

/// Structural equality, spans and snippets left aside.
bool same(const Expr& a, const Expr& b);
bool same(const Pattern& a, const Pattern& b);

}  // namespace weir::lang
