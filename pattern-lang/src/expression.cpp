#include "expression_def.hpp"

namespace weir::lang::grammar {

BOOST_SPIRIT_INSTANTIATE(ExpressionRule, TokenIterator, TokenContext)
BOOST_SPIRIT_INSTANTIATE(WholeExpressionRule, TokenIterator, TokenContext)

}  // namespace weir::lang::grammar
