// Pieces of text that the printer and the dump share.
#pragma once

#include <string>
#include <string_view>

#include "weir/pattern-lang/ast.hpp"

namespace weir::lang {

/// "==", "and", "contains"; empty for kNone.
std::string_view operator_text(ExprOp op) noexcept;
/// The string as a literal of the language.
void append_quoted(std::string& out, std::string_view text);
/// "+", "{2,5}?", without the keyword after it.
std::string quantifier_text(const Quantifier& quantifier);
/// "SKIP TO LAST x".
std::string after_text(const After& after);
/// "SEQ", "OR", "AND"; empty for others.
std::string_view group_text(ElementKind kind) noexcept;

}  // namespace weir::lang
