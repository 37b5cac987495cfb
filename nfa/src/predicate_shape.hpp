// What predicates are made of, as the flat forms and the index look at them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "weir/nfa/expr.hpp"

namespace weir::nfa {

inline bool is_constant(const ExprPool& pool, ExprId id) noexcept {
  return pool.at(id).op == Op::kConst;
}

/// Reads the event: what is tested, and not what it is tested against.
inline bool is_subject(const ExprPool& pool, ExprId id) noexcept {
  return pool.at(id).one_event && !is_constant(pool, id);
}

inline bool all_constant(const ExprPool& pool, std::span<const ExprId> args) noexcept {
  return std::ranges::all_of(args, [&](ExprId id) { return is_constant(pool, id); });
}

/// `subject op constant`, whichever side it is written on.
struct Comparison {
  Op op = Op::kEq;
  ExprId subject = kNoExpr;
  Value constant;
};

inline Op mirrored(Op op) noexcept {
  switch (op) {
    case Op::kLt:
      return Op::kGt;
    case Op::kLe:
      return Op::kGe;
    case Op::kGt:
      return Op::kLt;
    case Op::kGe:
      return Op::kLe;
    default:
      return op;
  }
}

/// Nothing where the node is no comparison of a subject with a constant.
inline std::optional<Comparison> comparison(const ExprPool& pool, ExprId id) noexcept {
  const Op op = pool.at(id).op;
  if (op < Op::kEq || op > Op::kGe) return std::nullopt;
  const auto args = pool.args(id);
  if (is_subject(pool, args[0]) && is_constant(pool, args[1])) {
    return Comparison{op, args[0], pool.at(args[1]).value};
  }
  if (is_constant(pool, args[0]) && is_subject(pool, args[1])) {
    return Comparison{mirrored(op), args[1], pool.at(args[0]).value};
  }
  return std::nullopt;
}

/// A pattern of `like` that is a test of another kind, with its text.
struct LikeShape {
  enum class Kind : std::uint8_t { kEquals, kStartswith, kEndswith, kContains, kOther };
  Kind kind = Kind::kOther;
  std::string text;
};
LikeShape like_shape(std::string_view pattern);

}  // namespace weir::nfa
