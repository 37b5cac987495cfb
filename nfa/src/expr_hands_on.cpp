// What of a field an expression gives away: masks ask it.
#include <algorithm>

#include "weir/nfa/expr.hpp"

namespace weir::nfa {

bool hands_on(Agg agg) noexcept {
  return agg != Agg::kCount && agg != Agg::kCountDistinct;
}

bool hands_on(const ExprPool& pool, ExprId expr, const std::function<bool(FieldId)>& asked,
              const std::function<bool(std::uint32_t)>& result) {
  const ExprNode& node = pool.at(expr);
  const auto any_argument = [&] {
    return std::ranges::any_of(pool.args(expr),
                               [&](ExprId arg) { return hands_on(pool, arg, asked, result); });
  };
  switch (node.op) {
    case Op::kField:
    case Op::kNameField:
    case Op::kIndexField:
      return asked(node.a);
    case Op::kAggResult:
      return result && result(node.a);
    case Op::kAggregate:
      return hands_on(node.agg) && any_argument();
    case Op::kNegate:
    case Op::kAdd:
    case Op::kSub:
    case Op::kMul:
    case Op::kDiv:
    case Op::kMod:
    case Op::kLower:
    case Op::kUpper:
    case Op::kAbs:
    case Op::kRound:
    case Op::kCoalesce:
      return any_argument();
    default:
      return false;
  }
}

}  // namespace weir::nfa
