// The lexical grammar: characters to tokens.
#pragma once

#include "config.hpp"

namespace weir::lang::grammar {

using TokensRule = x3::rule<struct TokensId>;
inline constexpr TokensRule tokens = "tokens";
BOOST_SPIRIT_DECLARE(TokensRule)

}  // namespace weir::lang::grammar
