// What is wrong with an expression, in the reader's words.
#include "pattern_faults.hpp"

namespace weir::lang::faults {

bool Explainer::in_condition() const {
  int depth = 0;
  for (At t = at_ - 1; t->span.end > 0; --t) {
    if (t->kind == TokenKind::kRightParen) ++depth;
    if (t->kind == TokenKind::kLeftParen && --depth < 0) return false;
    if (depth > 0) continue;
    if (t->word == Word::kWhere) return true;
    if (t->kind == TokenKind::kComma || t->word == Word::kUntil || t->word == Word::kWithin) {
      return false;
    }
  }
  return false;
}

void Explainer::operand() {
  const Token& last = at_[-1];
  if (at_->kind == TokenKind::kRegex) {
    report(Code::E0143, "a regular expression belongs only after `matches`",
           "write `matches " + text(at_) + "`, or a string in double quotes");
  } else if (at_->word == Word::kNot) {
    report(Code::E0140, "`not` belongs before a whole condition, not after " + before(),
           "put the condition into parentheses: (not …)");
  } else if (at_->kind == TokenKind::kLeftBracket) {
    report(Code::E0102, "lists are written in parentheses", "write (a, b)");
  } else if (is_clause_word(at_) || at_->word == Word::kAfter) {
    Diagnostic& d =
        report(Code::E0140, "a value is missing between " + before() + " and " + quoted(at_));
    d.help = "a field called " + quoted(at_) + " is read through a step's name: t." + text(at_);
  } else if (last.kind == TokenKind::kLess && at_->kind == TokenKind::kGreater) {
    report(Code::E0102, "`<>` is no operator", "write `!=`");
  } else if (last.kind == TokenKind::kEnd) {
    report(Code::E0140, "no expression begins with " + quoted(at_));
  } else if (is_end(at_)) {
    report(Code::E0140, "a value is missing after " + before());
  } else {
    report(Code::E0140, "a value is missing between " + before() + " and " + quoted(at_));
  }
}

void Explainer::expression_end() {
  if (at_->word == Word::kNot && (at_[1].word >= Word::kContains && at_[1].word <= Word::kLike)) {
    report(Code::E0102, "`not` does not stand before " + quoted(at_ + 1),
           "put it before the whole condition: not (a " + text(at_ + 1) + " …)");
  } else if (at_->kind == TokenKind::kComma) {
    report(Code::E0102, "one expression stands here, not several");
  } else if (at_->kind == TokenKind::kLeftBracket) {
    report(Code::E0142, "an index belongs right after a name", "write name[0].field");
  } else if (begins_value(at_) && !is_reserved(at_->word)) {
    if (misspelt(
            {"and", "or", "in", "is", "contains", "startswith", "endswith", "matches", "like"})) {
      return;
    }
    report(Code::E0102, "nothing joins " + before() + " and " + quoted(at_),
           at_->kind == TokenKind::kWord ? "an operator is missing, `and` perhaps" : "");
  } else {
    report(Code::E0102, "unexpected " + quoted(at_) + " after an expression");
  }
}

void Explainer::condition() {
  if (begins_value(at_) || is_comparison(at_) || at_->kind == TokenKind::kLeftBracket) {
    operand();
  } else if (at_->kind == TokenKind::kWord &&
             (is_comparison(at_ + 1) || at_[1].kind == TokenKind::kDot)) {
    report(Code::E0126, quoted(at_) + " is a keyword, not a field",
           "a field of this name is read through the step's name: t." + at_->text);
  } else {
    report(Code::E0119, "WHERE stands without a condition",
           "write what must hold, or remove the WHERE")
        .place.span = at_[-1].span;
  }
}

void Explainer::list_end() {
  if (begins_value(at_)) {
    report(Code::E0145, "a comma is missing between " + before() + " and " + quoted(at_));
  } else {
    report(Code::E0145, "a comma or `)` belongs here; " + found());
  }
}

}  // namespace weir::lang::faults
