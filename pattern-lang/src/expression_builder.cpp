#include "expression_builder.hpp"

#include <limits>
#include <utility>

namespace weir::lang {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

ExprPtr make(ExprKind kind, Span span) {
  auto e = std::make_unique<Expr>();
  e->kind = kind;
  e->span = span;
  return e;
}

Span join(Span a, Span b) {
  return {a.begin, b.end};
}

ExprOp operator_of(const Token& t) {
  switch (t.kind) {
    case TokenKind::kEqual:
      return ExprOp::kEq;
    case TokenKind::kNotEqual:
      return ExprOp::kNe;
    case TokenKind::kLess:
      return ExprOp::kLt;
    case TokenKind::kLessEqual:
      return ExprOp::kLe;
    case TokenKind::kGreater:
      return ExprOp::kGt;
    case TokenKind::kGreaterEqual:
      return ExprOp::kGe;
    case TokenKind::kPlus:
      return ExprOp::kAdd;
    case TokenKind::kMinus:
      return ExprOp::kSub;
    case TokenKind::kStar:
      return ExprOp::kMul;
    case TokenKind::kSlash:
      return ExprOp::kDiv;
    case TokenKind::kPercent:
      return ExprOp::kMod;
    default:
      break;
  }
  switch (t.word) {
    case Word::kOr:
      return ExprOp::kOr;
    case Word::kAnd:
      return ExprOp::kAnd;
    case Word::kContains:
      return ExprOp::kContains;
    case Word::kStartswith:
      return ExprOp::kStartswith;
    case Word::kEndswith:
      return ExprOp::kEndswith;
    case Word::kMatches:
      return ExprOp::kMatches;
    case Word::kLike:
      return ExprOp::kLike;
    default:
      return ExprOp::kNone;
  }
}

Value value_of(const Token& t) {
  switch (t.kind) {
    case TokenKind::kInt:
      return Value::integer(t.integer);
    case TokenKind::kFloat:
      return Value::real(t.real);
    case TokenKind::kDuration:
      return Value::duration({t.integer});
    case TokenKind::kString:
      return Value::string(t.text);
    default:
      return t.word == Word::kNull ? Value::null() : Value::boolean(t.word == Word::kTrue);
  }
}

bool is_lookup(const Expr& e) {
  return e.kind == ExprKind::kCall && e.text == "lookup";
}

}  // namespace

ExprPtr ExpressionBuilder::pop() {
  ExprPtr e = std::move(operands_.back());
  operands_.pop_back();
  return e;
}

const Token* ExpressionBuilder::pop_operator() {
  const Token* t = operators_.back();
  operators_.pop_back();
  return t;
}

std::vector<ExprPtr> ExpressionBuilder::pop_from(std::size_t begin) {
  const auto first = operands_.begin() + static_cast<std::ptrdiff_t>(begin);
  std::vector<ExprPtr> out(std::make_move_iterator(first),
                           std::make_move_iterator(operands_.end()));
  operands_.erase(first, operands_.end());
  return out;
}

void ExpressionBuilder::clear_expression() {
  operands_.clear();
  operators_.clear();
  lists_.clear();
}

ExprPtr ExpressionBuilder::take_expression() {
  ExprPtr e = pop();
  if (e->kind == ExprKind::kTuple) misplaced_tuple(*e);
  check_tuples(*e);
  return e;
}

void ExpressionBuilder::literal(At at) {
  auto e = make(ExprKind::kLiteral, at[-1].span);
  e->literal = OwnedValue(value_of(at[-1]));
  if (at[-1].kind == TokenKind::kDuration) e->text = at[-1].text;
  push(std::move(e));
}

void ExpressionBuilder::regex(At at) {
  auto e = make(ExprKind::kRegex, at[-1].span);
  e->text = at[-1].text;
  e->flags = at[-1].flags;
  push(std::move(e));
}

void ExpressionBuilder::path_head(At at) {
  auto e = make(ExprKind::kPath, at[-1].span);
  e->path.push_back(at[-1].text);
  push(std::move(e));
}

void ExpressionBuilder::path_member(At at) {
  top()->path.push_back(at[-1].text);
  top()->span.end = at[-1].span.end;
}

void ExpressionBuilder::index(At at) {
  // at[-1] is the bracket, at[-2] the number, at[-3] perhaps a minus.
  Expr& e = *top();
  e.kind = ExprKind::kIndex;
  const bool negative = at[-3].kind == TokenKind::kMinus;
  // 2^63 is stored as its own negative: only a minus may stand before it.
  e.index = negative && at[-2].integer != kLeast ? -at[-2].integer : at[-2].integer;
  e.op_span = {at[negative ? -4 : -3].span.begin, at[-1].span.end};
  e.span.end = at[-1].span.end;
}

void ExpressionBuilder::fold_binary() {
  const Token* t = pop_operator();
  ExprPtr right = pop();
  ExprPtr left = pop();
  auto e = make(ExprKind::kBinary, join(left->span, right->span));
  e->op = operator_of(*t);
  e->op_span = t->span;
  e->args.push_back(std::move(left));
  e->args.push_back(std::move(right));
  push(std::move(e));
}

void ExpressionBuilder::fold_not() {
  const Token* t = pop_operator();
  ExprPtr operand = pop();
  auto e = make(ExprKind::kNot, join(t->span, operand->span));
  e->op_span = t->span;
  e->args.push_back(std::move(operand));
  push(std::move(e));
}

void ExpressionBuilder::fold_negate() {
  const Token* t = pop_operator();
  const Span span = join(t->span, top()->span);
  const Value v = top()->literal.get();
  if (top()->kind == ExprKind::kLiteral) {
    // A minus belongs to the number after it: -5 is a literal, so that it is printed as it was
    // read.
    const bool unsigned_text = reporter_.text()[top()->span.begin] != '-';
    if (v.type() == ValueType::kInt && (v.as_int() > 0 || v.as_int() == kLeast) && unsigned_text) {
      if (v.as_int() != kLeast) top()->literal = OwnedValue(Value::integer(-v.as_int()));
      top()->span = span;
      return;
    }
    if (v.type() == ValueType::kFloat && v.as_float() > 0) {
      top()->literal = OwnedValue(Value::real(-v.as_float()));
      top()->span = span;
      return;
    }
    if (v.type() == ValueType::kDuration && v.as_duration().ns > 0) {
      top()->literal = OwnedValue(Value::duration({-v.as_duration().ns}));
      top()->text.insert(0, 1, '-');
      top()->span = span;
      return;
    }
  }
  auto e = make(ExprKind::kNegate, span);
  e->op_span = t->span;
  e->args.push_back(pop());
  push(std::move(e));
}

void ExpressionBuilder::list_begin(At at) {
  lists_.push_back({operands_.size(), at - 1});
}

void ExpressionBuilder::paren_end(At at) {
  const List list = lists_.back();
  lists_.pop_back();
  const Span span = join(list.open->span, at[-1].span);
  auto members = pop_from(list.begin);
  if (members.size() == 1) {
    push(std::move(members.front()));
    // With the parentheses, so that what is built around it covers them.
    top()->span = span;
    return;
  }
  auto e = make(ExprKind::kTuple, span);
  e->args = std::move(members);
  push(std::move(e));
}

void ExpressionBuilder::call_begin(At at) {
  op(at - 1);
  list_begin(at);
}

void ExpressionBuilder::call_end(At at) {
  const List list = lists_.back();
  lists_.pop_back();
  const Token* name = pop_operator();
  auto e = make(ExprKind::kCall, join(name->span, at[-1].span));
  e->text = name->text;
  e->op_span = name->span;
  e->args = pop_from(list.begin);
  push(std::move(e));
}

void ExpressionBuilder::fold_in(At at) {
  const List list = lists_.back();
  lists_.pop_back();
  const Token* t = pop_operator();
  auto members = pop_from(list.begin);
  ExprPtr operand = pop();
  auto e = make(ExprKind::kIn, join(operand->span, at[-1].span));
  e->negated = t[-1].word == Word::kNot;
  e->op_span = join(t[e->negated ? -1 : 0].span, t->span);
  e->list_form = true;
  e->args.push_back(std::move(operand));
  for (ExprPtr& member : members) e->args.push_back(std::move(member));
  push(std::move(e));
}

void ExpressionBuilder::fold_in_table(At at) {
  const Token* t = pop_operator();
  ExprPtr operand = pop();
  auto e = make(ExprKind::kInTable, join(operand->span, at[-1].span));
  e->negated = t[-1].word == Word::kNot;
  e->op_span = join(t[e->negated ? -1 : 0].span, t->span);
  e->text = at[-2].text;
  e->args.push_back(std::move(operand));
  push(std::move(e));
}

void ExpressionBuilder::fold_is_null(At at) {
  const Token* t = pop_operator();
  ExprPtr operand = pop();
  auto e = make(ExprKind::kIsNull, join(operand->span, at[-1].span));
  e->negated = at[-2].word == Word::kNot;
  e->op_span = join(t->span, at[-1].span);
  e->args.push_back(std::move(operand));
  push(std::move(e));
}

void ExpressionBuilder::test_list(At at) {
  // The list becomes a tuple for a moment; fold_test takes it apart.
  const List list = lists_.back();
  lists_.pop_back();
  auto e = make(ExprKind::kTuple, join(list.open->span, at[-1].span));
  e->list_form = true;
  e->args = pop_from(list.begin);
  push(std::move(e));
}

void ExpressionBuilder::fold_test(At) {
  const Token* t = pop_operator();
  ExprPtr right = pop();
  ExprPtr left = pop();
  auto e = make(ExprKind::kStringTest, join(left->span, right->span));
  e->op = operator_of(*t);
  e->op_span = t->span;
  e->args.push_back(std::move(left));
  if (right->kind == ExprKind::kTuple && right->list_form) {
    e->list_form = true;
    for (ExprPtr& member : right->args) e->args.push_back(std::move(member));
  } else {
    e->args.push_back(std::move(right));
  }
  for (std::size_t i = 1; i < e->args.size() && e->op != ExprOp::kMatches; ++i) {
    if (e->args[i]->kind != ExprKind::kRegex) continue;
    reporter_.report(Code::E0143, e->args[i]->span,
                     "a regular expression belongs only after `matches`",
                     "write `matches /…/`, or a string in double quotes");
  }
  push(std::move(e));
}

void ExpressionBuilder::misplaced_tuple(const Expr& e) {
  reporter_.report(Code::E0134, e.span, "several values in parentheses are no value",
                   "such a key stands before `in table(…)` or in `lookup(table, (a, b)).column`");
}

/// A tuple is no value: it is the key of a lookup, or what stands before `in table`.
void ExpressionBuilder::check_tuples(const Expr& e) {
  for (std::size_t i = 0; i < e.args.size(); ++i) {
    const Expr& arg = *e.args[i];
    const bool allowed = (e.kind == ExprKind::kInTable && i == 0) || (is_lookup(e) && i == 1);
    if (arg.kind == ExprKind::kTuple && !allowed) misplaced_tuple(arg);
    check_tuples(arg);
  }
}

}  // namespace weir::lang
