// The pattern grammar, over tokens.
#pragma once

#include "config.hpp"

namespace weir::lang::grammar {

using PatternRule = x3::rule<struct PatternId>;
inline constexpr PatternRule pattern = "pattern";
BOOST_SPIRIT_DECLARE(PatternRule)

}  // namespace weir::lang::grammar
