// Walks over expressions that bind nothing: conjuncts, and what is mentioned. None recurses, since
// a chain of `and`s is as deep as it is long.
#include <algorithm>

#include "weir/compiler/bind.hpp"

namespace weir::compiler {

using lang::Expr;
using lang::ExprKind;
using lang::ExprOp;

std::vector<const Expr*> conjuncts(const Expr& expr) {
  std::vector<const Expr*> result;
  std::vector<const Expr*> open{&expr};
  while (!open.empty()) {
    const Expr* top = open.back();
    open.pop_back();
    if (top->kind == ExprKind::kBinary && top->op == ExprOp::kAnd) {
      open.push_back(top->args[1].get());
      open.push_back(top->args[0].get());
    } else {
      result.push_back(top);
    }
  }
  return result;
}

Mentions mentions(const Expr& expr, const std::function<bool(std::string_view)>& is_name) {
  Mentions result;
  std::vector<const Expr*> open{&expr};
  while (!open.empty()) {
    const Expr* e = open.back();
    open.pop_back();
    if (e->kind == ExprKind::kPath || e->kind == ExprKind::kIndex) {
      const std::string& head = e->path.front();
      const auto length = static_cast<std::uint32_t>(head.size());
      const lang::Span span{e->span.begin, std::min(e->span.end, e->span.begin + length)};
      (is_name(head) ? result.names : result.bare).emplace_back(head, span);
    }
    // A lookup's first argument is a table.
    const std::size_t first = e->kind == ExprKind::kCall && e->text == "lookup" ? 1 : 0;
    for (std::size_t i = e->args.size(); i > first; --i) open.push_back(e->args[i - 1].get());
  }
  return result;
}

}  // namespace weir::compiler
