#include "lexical_def.hpp"

namespace weir::lang::grammar {

BOOST_SPIRIT_INSTANTIATE(TokensRule, CharIterator, CharContext)

}  // namespace weir::lang::grammar
