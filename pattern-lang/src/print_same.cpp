// Structural equality: what the formatter must keep.
#include <algorithm>

#include "weir/pattern-lang/print.hpp"

namespace weir::lang {
namespace {

bool same(const ExprPtr& a, const ExprPtr& b) {
  if (!a || !b) return !a && !b;
  return lang::same(*a, *b);
}

bool same(const Quantifier& a, const Quantifier& b) {
  return a.min == b.min && a.max == b.max && a.greed == b.greed && a.between == b.between;
}

bool same(const Value& a, const Value& b) {
  // identical() holds 1 and 1.0 for one value; as literals they are two.
  return a.type() == b.type() && identical(a, b);
}

bool same(const Step& a, const Step& b);

bool same(const Element& a, const Element& b) {
  return a.kind == b.kind && a.name == b.name &&
         std::equal(a.members.begin(), a.members.end(), b.members.begin(), b.members.end(),
                    [](const Step& x, const Step& y) { return same(x, y); });
}

bool same(const std::optional<Until>& a, const std::optional<Until>& b) {
  if (!a || !b) return !a && !b;
  return same(a->element, b->element) && same(a->where, b->where);
}

bool same(const Step& a, const Step& b) {
  const auto name = [](const Step& s) { return s.as ? s.as->text : std::string(); };
  const auto within = [](const Step& s) { return s.within ? s.within->duration.ns : -1; };
  const bool quantifiers = a.quantifier.has_value() == b.quantifier.has_value() &&
                           (!a.quantifier || same(*a.quantifier, *b.quantifier));
  return a.keyword == b.keyword && a.negated == b.negated && same(a.element, b.element) &&
         quantifiers && name(a) == name(b) && same(a.where, b.where) && same(a.until, b.until) &&
         within(a) == within(b) && a.clause_order == b.clause_order;
}

}  // namespace

bool same(const Expr& a, const Expr& b) {
  // The text of a literal is how a duration was written; its value counts.
  return a.kind == b.kind && a.op == b.op && a.negated == b.negated && a.list_form == b.list_form &&
         same(a.literal.get(), b.literal.get()) && a.index == b.index && a.path == b.path &&
         (a.kind == ExprKind::kLiteral || a.text == b.text) && a.flags == b.flags &&
         std::equal(a.args.begin(), a.args.end(), b.args.begin(), b.args.end(),
                    [](const ExprPtr& x, const ExprPtr& y) { return same(x, y); });
}

bool same(const Pattern& a, const Pattern& b) {
  const bool after =
      a.after.has_value() == b.after.has_value() &&
      (!a.after || (a.after->kind == b.after->kind && a.after->name.text == b.after->name.text));
  return after && same(a.root, b.root);
}

}  // namespace weir::lang
