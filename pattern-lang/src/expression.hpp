// The expression grammar, over tokens.
#pragma once

#include "config.hpp"

namespace weir::lang::grammar {

using ExpressionRule = x3::rule<struct ExpressionId>;
using NegationRule = x3::rule<struct NegationId>;
using UnaryRule = x3::rule<struct UnaryId>;
using OperandRule = x3::rule<struct OperandId>;
using WholeExpressionRule = x3::rule<struct WholeExpressionId>;

inline constexpr ExpressionRule expression = "expression";
inline constexpr NegationRule negation = "condition";
inline constexpr UnaryRule unary = "value";
inline constexpr OperandRule operand = "operand";
/// An expression and nothing after it.
inline constexpr WholeExpressionRule whole_expression = "whole expression";

BOOST_SPIRIT_DECLARE(ExpressionRule, NegationRule, UnaryRule, OperandRule, WholeExpressionRule)

}  // namespace weir::lang::grammar
