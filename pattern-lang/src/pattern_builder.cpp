#include "pattern_builder.hpp"

#include <algorithm>
#include <utility>

namespace weir::lang {
namespace {

Contiguity contiguity_of(const Token& t) {
  return t.word == Word::kNext ? Contiguity::kNext : Contiguity::kAny;
}

std::string_view name_of(ClauseKind kind) {
  switch (kind) {
    case ClauseKind::kWhere:
      return "WHERE";
    case ClauseKind::kUntil:
      return "UNTIL";
    case ClauseKind::kWithin:
      return "WITHIN";
  }
  return {};
}

/// Of the clause that the step has; none where it was dropped for a fault.
std::optional<Span> clause_span(const Step& step, ClauseKind kind) {
  if (kind == ClauseKind::kWhere && step.where) return step.where->span;
  if (kind == ClauseKind::kUntil && step.until) return step.until->span;
  if (kind == ClauseKind::kWithin && step.within) return step.within->span;
  return std::nullopt;
}

}  // namespace

At PatternBuilder::unwind() {
  const Guard guard = guards_.back();
  guards_.pop_back();
  // Only what this step or clause has opened: an UNTIL around it is still being read.
  steps_.resize(std::min(steps_.size(), guard.steps));
  clauses_.resize(std::min(clauses_.size(), guard.clauses));
  clear_expression();
  return guard.begin;
}

At PatternBuilder::drop_step() {
  return unwind();
}

At PatternBuilder::drop_clause() {
  return unwind();
}

void PatternBuilder::step_begin(At at) {
  guard(at);
  steps_.emplace_back().span.begin = at->span.begin;
}

void PatternBuilder::finish_step(At at) {
  step().span.end = at[-1].span.end;
  guards_.pop_back();
}

void PatternBuilder::member_end(At at) {
  finish_step(at);
  Step done = std::move(steps_.back());
  steps_.pop_back();
  step().element.members.push_back(std::move(done));
}

void PatternBuilder::keyword(At at) {
  step().keyword = contiguity_of(at[-1]);
  step().keyword_span = at[-1].span;
}

void PatternBuilder::negate(At at) {
  step().negated = true;
  step().not_span = at[-1].span;
}

void PatternBuilder::named(At at) {
  Element& element = step().element;
  const Token& t = at[-1];
  element.kind = t.kind == TokenKind::kStar     ? ElementKind::kAny
                 : t.kind == TokenKind::kString ? ElementKind::kQuoted
                                                : ElementKind::kType;
  element.name = t.text;
  element.span = t.span;
  if (t.kind == TokenKind::kString && t.text.empty()) {
    reporter_.report(Code::E0118, t.span, "an event type has a name", "`*` stands for every type");
  }
}

void PatternBuilder::group_begin(At at) {
  Element& element = step().element;
  const Token& t = at[-1];
  element.kind = t.word == Word::kSeq   ? ElementKind::kSeq
                 : t.word == Word::kOr  ? ElementKind::kOr
                 : t.word == Word::kAnd ? ElementKind::kAnd
                                        : ElementKind::kParen;
  element.span.begin = t.span.begin;
}

void PatternBuilder::group_end(At at) {
  step().element.span.end = at[-1].span.end;
}

void PatternBuilder::quantifier(At at) {
  Quantifier q;
  q.span = at[-1].span;
  q.min = at[-1].kind == TokenKind::kPlus ? 1 : 0;
  if (at[-1].kind == TokenKind::kQuestion) q.max = 1;
  step().quantifier = q;
}

std::uint32_t PatternBuilder::bound(const Token& number) {
  // Negative here: 2^63, which the lexer stores so.
  if (number.integer < 0 || number.integer > kMaxRepeat) {
    reporter_.report(Code::E0125, number.span, "this bound is too large",
                     "a quantifier counts to " + std::to_string(kMaxRepeat) + " at most");
    return kMaxRepeat;
  }
  return static_cast<std::uint32_t>(number.integer);
}

void PatternBuilder::bounds_begin(At at) {
  Quantifier q;
  q.span = at[-1].span;
  q.min = 0;
  step().quantifier = q;
}
void PatternBuilder::lower(At at) {
  step().quantifier->min = bound(at[-1]);
  step().quantifier->max = step().quantifier->min;
}
void PatternBuilder::upper(At at) {
  step().quantifier->max = bound(at[-1]);
}
void PatternBuilder::upper_open(At) {
  step().quantifier->max.reset();
}
void PatternBuilder::bounds_end(At at) {
  step().quantifier->span.end = at[-1].span.end;
}

void PatternBuilder::reluctant(At at) {
  step().quantifier->greed = Greed::kReluctant;
  bounds_end(at);
}
void PatternBuilder::possessive(At at) {
  step().quantifier->greed = Greed::kPossessive;
  bounds_end(at);
}
void PatternBuilder::between(At at) {
  step().quantifier->between = contiguity_of(at[-1]);
}

void PatternBuilder::as(At at) {
  step().as = Name{at[-1].text, at[-1].span};
}

void PatternBuilder::begin_clause(ClauseKind kind, At at) {
  const Token& t = at[-1];
  auto& order = step().clause_order;
  if (std::find(order.begin(), order.end(), kind) != order.end()) {
    const bool whole = steps_.size() == 1;
    const std::string name(name_of(kind));
    Diagnostic& d = reporter_.report(
        Code::E0117, t.span, name + " stands twice on " + (whole ? "the pattern" : "one step"));
    d.help = kind == ClauseKind::kWhere ? "join the conditions with `and`"
             : whole                    ? "keep one of them"
                     : "keep one of them; a clause for the whole pattern belongs "
                       "after the last parenthesis";
    if (const auto first = clause_span(step(), kind)) {
      d.others.push_back({Place{reporter_.snippet(), *first}, "the first one"});
    }
  } else {
    order.push_back(kind);
  }
  guard(&t);
  clauses_.push_back(&t);
}

void PatternBuilder::where_begin(At at) {
  begin_clause(ClauseKind::kWhere, at);
}
void PatternBuilder::where_end(At) {
  step().where = take_expression();
  clauses_.pop_back();
}

void PatternBuilder::until_begin(At at) {
  begin_clause(ClauseKind::kUntil, at);
  // Read into a step of its own, which until_end turns into the clause.
  steps_.emplace_back();
}
void PatternBuilder::until_end(At at) {
  Step read = std::move(steps_.back());
  steps_.pop_back();
  Until until;
  until.element = std::move(read.element);
  until.where = std::move(read.where);
  until.span = {clauses_.back()->span.begin, at[-1].span.end};
  step().until = std::move(until);
  clauses_.pop_back();
}

void PatternBuilder::within_begin(At at) {
  begin_clause(ClauseKind::kWithin, at);
}
void PatternBuilder::within_end(At at) {
  step().within = Within{{at[-1].integer}, at[-1].span, at[-1].text};
  clauses_.pop_back();
}

void PatternBuilder::after_begin(At at) {
  after_token_ = at - 1;
}

void PatternBuilder::after(AfterKind kind, At at) {
  after_ = After{kind, {}, {after_token_->span.begin, at[-1].span.end}};
}

void PatternBuilder::after_to_name(At at) {
  after(at[-2].word == Word::kFirst ? AfterKind::kSkipToFirst : AfterKind::kSkipToLast, at);
  after_->name = Name{at[-1].text, at[-1].span};
}

Pattern PatternBuilder::take_pattern() {
  Pattern pattern;
  pattern.snippet = reporter_.snippet();
  pattern.root = std::move(steps_.front());
  pattern.after = std::move(after_);
  return pattern;
}

}  // namespace weir::lang
