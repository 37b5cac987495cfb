// Binding: structure, operators and tests.
#include "weir/compiler/bind.hpp"

#include <algorithm>

#include "bind_binder.hpp"

namespace weir::compiler {

using lang::Code;
using lang::Expr;
using lang::ExprKind;
using lang::ExprOp;
using nfa::ExprId;
using nfa::kNoExpr;
using nfa::Op;

namespace {

Op comparison_op(ExprOp op) noexcept {
  switch (op) {
    case ExprOp::kEq:
      return Op::kEq;
    case ExprOp::kNe:
      return Op::kNe;
    case ExprOp::kLt:
      return Op::kLt;
    case ExprOp::kLe:
      return Op::kLe;
    case ExprOp::kGt:
      return Op::kGt;
    default:
      return Op::kGe;
  }
}

Op arithmetic_op(ExprOp op) noexcept {
  switch (op) {
    case ExprOp::kAdd:
      return Op::kAdd;
    case ExprOp::kSub:
      return Op::kSub;
    case ExprOp::kMul:
      return Op::kMul;
    case ExprOp::kDiv:
      return Op::kDiv;
    default:
      return Op::kMod;
  }
}

Op string_op(ExprOp op) noexcept {
  switch (op) {
    case ExprOp::kContains:
      return Op::kContains;
    case ExprOp::kStartswith:
      return Op::kStartswith;
    case ExprOp::kEndswith:
      return Op::kEndswith;
    default:
      return Op::kLike;
  }
}

/// Functions of their arguments alone, that never fail.
bool foldable(Op op) noexcept {
  switch (op) {
    case Op::kNegate:
    case Op::kAdd:
    case Op::kSub:
    case Op::kMul:
    case Op::kDiv:
    case Op::kMod:
    case Op::kLower:
    case Op::kUpper:
    case Op::kLength:
    case Op::kAbs:
    case Op::kRound:
    case Op::kCoalesce:
    case Op::kDistanceKm:
      return true;
    default:
      return false;
  }
}

bool is_null_literal(const Expr& e) noexcept {
  return e.kind == ExprKind::kLiteral && e.literal.get().is_null();
}

}  // namespace

ExprId bind(const Expr& expr, const lang::SnippetPtr& snippet, const Scope& scope,
            BindContext& context) {
  Binder binder(snippet, scope, context);
  const Typed bound = binder.bind(expr);
  return binder.failed() ? kNoExpr : bound.id;
}

lang::Diagnostic& Binder::report(Code code, lang::Span span, std::string message) {
  lang::Diagnostic& d = context_.diagnostics.report(code, {snippet_, span}, std::move(message));
  failed_ = failed_ || d.severity() == lang::Severity::kError;
  return d;
}

Typed Binder::fail(Code code, lang::Span span, std::string message, std::string help,
                   std::string label) {
  lang::Diagnostic& d = report(code, span, std::move(message));
  d.help = std::move(help);
  d.label = std::move(label);
  return {};
}

bool Binder::report_types(bool declared, lang::Span span, std::string message, std::string label,
                          std::string help) {
  lang::Diagnostic& d = report(declared ? Code::E0411 : Code::W0403, span, std::move(message));
  d.label = std::move(label);
  d.help = std::move(help);
  return !declared;
}

std::string Binder::text_of(const Expr& e) const {
  const std::string& text = snippet_->text;
  const std::size_t begin = std::min<std::size_t>(e.span.begin, text.size());
  const std::size_t end = std::min<std::size_t>(e.span.end, text.size());
  return end > begin ? text.substr(begin, end - begin) : std::string();
}

ExprId Binder::node(Op op, std::span<const ExprId> args) {
  nfa::ExprPool& pool = context_.pool;
  const bool constant = std::all_of(args.begin(), args.end(),
                                    [&](ExprId id) { return pool.at(id).op == Op::kConst; });
  const ExprId id = pool.node(op, args);
  if (!constant || args.empty() || !foldable(op)) return id;
  ValueArena scratch;
  nfa::EvalContext nothing;
  nothing.scratch = &scratch;
  return pool.constant(pool.eval(id, nothing));
}

Typed Binder::negated_if(bool negated, ExprId id) {
  return boolean(negated ? node(Op::kNot, {id}) : id);
}

Typed Binder::bind(const Expr& e) {
  if (depth_ >= kMaxExpressionDepth) {
    if (too_deep_) return {};
    too_deep_ = true;
    return fail(Code::E0418, e.span,
                "an expression of more than " + std::to_string(kMaxExpressionDepth) +
                    " operators inside one another",
                "split it into several conditions joined by `and`");
  }
  ++depth_;
  Typed result = bind_kind(e);
  --depth_;
  return result;
}

Typed Binder::bind_kind(const Expr& e) {
  switch (e.kind) {
    case ExprKind::kLiteral:
      return {context_.pool.constant(e.literal.get()), e.literal.get().type(), false};
    case ExprKind::kPath:
      return path(e);
    case ExprKind::kIndex:
      return index(e);
    case ExprKind::kCall:
      return call(e);
    case ExprKind::kNot:
      return logical_not(e);
    case ExprKind::kNegate:
      return negate(e);
    case ExprKind::kBinary:
      if (e.op == ExprOp::kAnd || e.op == ExprOp::kOr) return junction(e);
      return e.op >= ExprOp::kEq && e.op <= ExprOp::kGe ? comparison(e) : arithmetic(e);
    case ExprKind::kIn:
      return in_list(e);
    case ExprKind::kInTable:
      return in_table(e);
    case ExprKind::kIsNull:
      return is_null(e);
    case ExprKind::kStringTest:
      return string_test(e);
    // The parser refuses these two, and other trees have the same fault.
    case ExprKind::kRegex:
      return fail(Code::E0143, e.span, "a regular expression belongs only after `matches`");
    case ExprKind::kTuple:
      return fail(Code::E0134, e.span, "several values in parentheses are no value");
  }
  return {};
}

// A chain of a thousand `or`s is a tree as deep as it is long: it is walked without recursion.
Typed Binder::junction(const Expr& e) {
  std::vector<const Expr*> members;
  std::vector<const Expr*> open{&e};
  while (!open.empty()) {
    const Expr* top = open.back();
    open.pop_back();
    if (top->kind == ExprKind::kBinary && top->op == e.op) {
      open.push_back(top->args[1].get());
      open.push_back(top->args[0].get());
    } else {
      members.push_back(top);
    }
  }
  Ids ids;
  for (const Expr* member : members) {
    const Typed t = bind(*member);
    check_condition(*member, t);
    ids.push_back(t.id);
  }
  if (std::find(ids.begin(), ids.end(), kNoExpr) != ids.end()) return {};
  return boolean(node(e.op == ExprOp::kAnd ? Op::kAnd : Op::kOr, ids));
}

void Binder::check_condition(const Expr& e, const Typed& t) {
  if (!t.ok() || !t.type || *t.type == ValueType::kBool || *t.type == ValueType::kNull) return;
  report_types(false, e.span,
               "`" + text_of(e) + "` is " + with_article(*t.type) + ", which counts as false",
               "only `true` is true");
}

Typed Binder::logical_not(const Expr& e) {
  const Typed t = bind(*e.args[0]);
  if (!t.ok()) return {};
  check_condition(*e.args[0], t);
  return boolean(node(Op::kNot, {t.id}));
}

bool Binder::check_comparable(const Expr& at, const Typed& a, const Expr& b_expr, const Typed& b) {
  if (is_null_literal(b_expr) || (a.type && *a.type == ValueType::kNull)) {
    lang::Diagnostic& d =
        report(Code::W0402, at.span, "a comparison with null never holds, not even `!=`");
    d.help = "write `is null` or `is not null`";
    return true;
  }
  if (!a.type || !b.type || *b.type == ValueType::kNull || comparable(*a.type, *b.type)) {
    return true;
  }
  std::string help;
  const bool time = *a.type == ValueType::kDuration || *b.type == ValueType::kDuration;
  const auto number = [](const Typed& t) {
    return *t.type == ValueType::kInt || *t.type == ValueType::kFloat;
  };
  if (time && (number(a) || number(b))) help = "durations have a unit: 500ms, 5s, 10m, 2h, 7d";
  return report_types(a.declared || b.declared, at.span,
                      "a comparison of " + with_article(*a.type) + " with " +
                          with_article(*b.type) + " never holds",
                      "", std::move(help));
}

Typed Binder::comparison(const Expr& e) {
  const Typed a = bind(*e.args[0]);
  const Typed b = bind(*e.args[1]);
  if (!a.ok() || !b.ok()) return {};
  if (!check_comparable(e, a, *e.args[1], b)) return {};
  return boolean(node(comparison_op(e.op), {a.id, b.id}));
}

Typed Binder::arithmetic(const Expr& e) {
  const Typed a = bind(*e.args[0]);
  const Typed b = bind(*e.args[1]);
  if (!a.ok() || !b.ok()) return {};
  bool fits = true;
  Typed result;
  result.type = arithmetic_type(e.op, a, b, fits);
  result.declared = a.declared || b.declared;
  if (!fits) {
    const auto named = [&](const Typed& t, const Expr& of) {
      return t.type ? with_article(*t.type) : "`" + text_of(of) + "`";
    };
    const auto operator_text =
        snippet_->text.substr(std::min<std::size_t>(e.op_span.begin, snippet_->text.size()),
                              e.op_span.end - e.op_span.begin);
    if (!report_types(result.declared, e.span,
                      "`" + operator_text + "` of " + named(a, *e.args[0]) + " and " +
                          named(b, *e.args[1]) + " has no value",
                      "")) {
      return {};
    }
  }
  result.id = node(arithmetic_op(e.op), {a.id, b.id});
  return result;
}

Typed Binder::negate(const Expr& e) {
  Typed t = bind(*e.args[0]);
  if (!t.ok()) return {};
  if (t.type && *t.type != ValueType::kInt && *t.type != ValueType::kFloat &&
      *t.type != ValueType::kDuration && *t.type != ValueType::kNull) {
    if (!report_types(t.declared, e.span, "`-` of " + with_article(*t.type) + " has no value",
                      "")) {
      return {};
    }
    t.type.reset();
  }
  t.id = node(Op::kNegate, {t.id});
  return t;
}

// `x not in (a, b)` is `x != a and x != b`: false for null and for a member of another type, unlike
// `not (x in (a, b))`.
Typed Binder::in_list(const Expr& e) {
  const Typed subject = bind(*e.args[0]);
  bool ok = subject.ok();
  Ids members;
  for (std::size_t i = 1; i < e.args.size(); ++i) {
    const Typed member = bind(*e.args[i]);
    ok = ok && member.ok() && check_comparable(*e.args[i], subject, *e.args[i], member);
    members.push_back(member.id);
  }
  if (!ok || members.empty()) return {};
  const Op single = e.negated ? Op::kNe : Op::kEq;
  if (members.size() == 1) return boolean(node(single, {subject.id, members[0]}));
  if (!e.negated) {
    members.insert(members.begin(), subject.id);
    return boolean(node(Op::kIn, members));
  }
  for (ExprId& member : members) member = node(Op::kNe, {subject.id, member});
  return boolean(node(Op::kAnd, members));
}

Typed Binder::is_null(const Expr& e) {
  const Expr& of = *e.args[0];
  if (of.kind == ExprKind::kPath && of.path.size() == 1) {
    if (const auto name = find(of.path[0])) {
      const Typed t = name_is_null(of, *name);
      return t.ok() ? negated_if(e.negated, t.id) : t;
    }
  }
  const Typed t = bind(of);
  if (!t.ok()) return {};
  return negated_if(e.negated, node(Op::kIsNull, {t.id}));
}

Typed Binder::string_test(const Expr& e) {
  const Typed subject = bind(*e.args[0]);
  const bool takes_list = e.op == ExprOp::kContains;
  const auto testable = [&](const Typed& t, bool is_subject) {
    return !t.type || *t.type == ValueType::kString || *t.type == ValueType::kNull ||
           (takes_list && (!is_subject || *t.type == ValueType::kList));
  };
  bool ok = subject.ok();
  if (ok && !testable(subject, true)) {
    ok = report_types(subject.declared, e.span,
                      "a string test of " + with_article(*subject.type) + " never holds", "");
  }
  if (e.op == ExprOp::kMatches) return ok ? regex_test(e, subject) : Typed{};
  Ids args{subject.id};
  for (std::size_t i = 1; i < e.args.size(); ++i) {
    const Typed member = bind(*e.args[i]);
    ok = ok && member.ok();
    if (member.ok() && !testable(member, false)) {
      ok = report_types(member.declared, e.args[i]->span,
                        "a string test with " + with_article(*member.type) + " never holds", "",
                        "write a string in quotes") &&
           ok;
    }
    args.push_back(member.id);
  }
  return ok ? boolean(node(string_op(e.op), args)) : Typed{};
}

Typed Binder::regex_test(const Expr& e, const Typed& subject) {
  Ids tests;
  bool ok = true;
  for (std::size_t i = 1; i < e.args.size(); ++i) {
    const Expr& operand = *e.args[i];
    if (operand.kind != ExprKind::kRegex) {
      fail(Code::E0408, operand.span, "`matches` takes a regular expression",
           "write it between slashes: `matches /^adm/`, or use `like` or `contains`");
      ok = false;
      continue;
    }
    if (operand.flags.find_first_not_of('i') != std::string::npos) {
      fail(Code::E0408, operand.span, "no such flag: `" + operand.flags + "`",
           "the one flag is `i`: letters of either case");
      ok = false;
      continue;
    }
    std::string error;
    const ExprId id =
        context_.pool.matches(subject.id, operand.text, !operand.flags.empty(), error);
    if (id == kNoExpr) {
      fail(Code::E0408, operand.span, std::move(error));
      ok = false;
    }
    tests.push_back(id);
  }
  if (!ok || tests.empty()) return {};
  return boolean(tests.size() == 1 ? tests[0] : node(Op::kOr, tests));
}

}  // namespace weir::compiler
