#include "pattern_def.hpp"

namespace weir::lang::grammar {

BOOST_SPIRIT_INSTANTIATE(PatternRule, TokenIterator, TokenContext)

}  // namespace weir::lang::grammar
