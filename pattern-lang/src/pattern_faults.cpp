// What is wrong with a pattern, in the reader's words.
#include "pattern_faults.hpp"

namespace weir::lang {
namespace faults {
namespace {

const std::vector<std::string>& clause_words() {
  static const std::vector<std::string> kWords = {"WHERE", "UNTIL", "WITHIN", "AS",
                                                  "AFTER", "NEXT",  "ANY"};
  return kWords;
}

}  // namespace

bool Explainer::misspelt(const std::vector<std::string>& known) {
  if (at_->kind != TokenKind::kWord) return false;
  const std::string meant = nearest(at_->text, known);
  if (meant.empty()) return false;
  report(Code::E0114, quoted(at_) + " is no keyword", "did you mean " + meant + '?');
  return true;
}

void Explainer::element() {
  const Token& last = at_[-1];
  if (at_->word == Word::kAny && last.word == Word::kNot) {
    report(Code::E0128, "NOT takes no ANY",
           "NOT guards every event in between; NEXT NOT only the very next one");
  } else if (is_contiguity(at_) && last.word == Word::kNot) {
    report(Code::E0115, quoted(at_) + " belongs before NOT, not after it", "write NEXT NOT");
  } else if (is_contiguity(at_) && is_contiguity(&last)) {
    report(Code::E0115, "a step takes one keyword before it, and here are two",
           at_->word == last.word ? "remove one of them"
                                  : "NEXT is the very next event, ANY any later one: keep one");
  } else if (at_->word == Word::kNot && last.word == Word::kNot) {
    report(Code::E0115, "NOT stands here twice", "remove one of them");
  } else if (is_reserved(at_->word) && !is_clause_word(at_) && at_->word != Word::kAs &&
             at_->word != Word::kAfter) {
    report(Code::E0126, quoted(at_) + " is a keyword, not an event type",
           "if a type has this name, quote it: \"" + at_->text + '"');
  } else if (at_->kind == TokenKind::kInt || at_->kind == TokenKind::kFloat ||
             at_->kind == TokenKind::kDuration) {
    report(Code::E0118, "an event type does not begin with a digit",
           "if a type has this name, quote it: \"" + text(at_) + '"');
  } else if (is_end(at_)) {
    report(Code::E0118, "a step is missing after " + before());
  } else if (last.kind == TokenKind::kComma || last.kind == TokenKind::kLeftParen) {
    report(Code::E0118, "a step is missing between " + before() + " and " + quoted(at_),
           at_->kind == TokenKind::kRightParen ? "remove the last comma"
           : is_reserved(at_->word) ? "a type of this name is quoted: \"" + at_->text + '"'
                                    : "");
  } else {
    report(Code::E0118, "an event is missing between " + before() + " and " + quoted(at_),
           "a step waits for an event type, a quoted type, `*` or a group");
  }
}

void Explainer::misplaced_keyword() {
  switch (at_->word) {
    case Word::kAs:
      report(Code::E0101, "AS belongs before the step's clauses, once",
             "write the name right after the event: a{2,} AS x WHERE …");
      break;
    case Word::kNext:
    case Word::kAny:
      report(Code::E0101, quoted(at_) + " belongs before a step, or right after its quantifier",
             "before the next step a comma is missing, perhaps");
      break;
    case Word::kNot:
      report(Code::E0101, "NOT belongs before an event", "a comma is missing before it, perhaps");
      break;
    case Word::kMatch:
      report(Code::E0101, "MATCH belongs after AFTER", "write AFTER MATCH");
      break;
    case Word::kConsume:
    case Word::kSkip:
    case Word::kKeep:
      report(Code::E0101, quoted(at_) + " belongs after AFTER MATCH",
             "write AFTER MATCH " + upper(at_->text));
      break;
    case Word::kSeq:
    case Word::kOr:
    case Word::kAnd:
      report(Code::E0101, quoted(at_) + " belongs before its members, not between them",
             "write " + upper(at_->text) + "(a, b); for a group of its own a comma is missing");
      break;
    default:
      report(Code::E0101, "unexpected " + quoted(at_) + " after " + before());
  }
}

void Explainer::stray() {
  const Token& last = at_[-1];
  if (at_->kind == TokenKind::kWord && at_->word != Word::kNone && is_reserved(at_->word)) {
    if (in_condition() && (at_->word == Word::kNot)) {
      expression_end();
    } else {
      misplaced_keyword();
    }
  } else if (last.kind == TokenKind::kDuration && at_->kind == TokenKind::kDuration) {
    report(Code::E0110, "the parts of a duration are written together",
           "write " + text(at_ - 1) + text(at_));
  } else if (at_->kind == TokenKind::kWord && at_[1].kind == TokenKind::kLeftParen &&
             !in_condition() && last.kind == TokenKind::kWord) {
    report(Code::E0101, "a comma is missing between " + before() + " and " + quoted(at_));
  } else if (last.kind == TokenKind::kWord && at_->kind == TokenKind::kLeftParen) {
    const std::string meant = nearest(last.text, {"SEQ", "OR", "AND", "NOT", "NEXT", "ANY"});
    Diagnostic& d = report(Code::E0114, "no parenthesis stands after " + before());
    if (meant.empty()) {
      d.code = Code::E0101;
      d.help = "groups are SEQ(…), OR(…) and AND(…)";
    } else {
      d.message = before() + " is no keyword";
      d.place.span = last.span;
      d.help = "did you mean " + meant + '?';
    }
  } else if (at_->kind == TokenKind::kMinus && last.kind == TokenKind::kWord && !in_condition()) {
    report(Code::E0101, "a type with other characters than letters, digits and `_` is quoted",
           "write \"" + text(at_ - 1) + '-' +
               (at_[1].kind == TokenKind::kWord ? at_[1].text : "…") + '"');
  } else if (at_->kind == TokenKind::kDot && !in_condition()) {
    report(Code::E0101, "a type with other characters than letters, digits and `_` is quoted",
           "write \"" + text(at_ - 1) + '.' +
               (at_[1].kind == TokenKind::kWord ? at_[1].text : "…") + '"');
  } else if (is_simple_quantifier(at_) || at_->kind == TokenKind::kLeftBrace) {
    if (in_condition()) {
      report(Code::E0101, "unexpected " + quoted(at_) + " after " + before());
    } else {
      report(Code::E0121, "a step takes one quantifier, right after its event",
             "write it as event, quantifier, AS name, clauses: a{2,} AS x WHERE …");
    }
  } else if (misspelt(clause_words())) {
    return;
  } else if (in_condition()) {
    expression_end();
  } else if (is_comparison(at_)) {
    report(Code::E0101, "a condition belongs after WHERE", "write WHERE before it");
  } else if (at_->kind == TokenKind::kWord &&
             (is_comparison(at_ + 1) || at_[1].kind == TokenKind::kDot ||
              (at_[1].word >= Word::kIn && at_[1].word <= Word::kLike))) {
    report(Code::E0101, "a condition belongs after WHERE", "write WHERE before " + quoted(at_));
  } else if (begins_value(at_)) {
    report(Code::E0101, "unexpected " + quoted(at_) + " after " + before(),
           "a comma is missing between two steps, perhaps");
  } else {
    report(Code::E0101, "unexpected " + quoted(at_) + " after " + before());
  }
}

void Explainer::bounds() {
  if (at_->kind == TokenKind::kMinus && at_[-1].kind == TokenKind::kInt) {
    report(Code::E0121, "the bounds of a quantifier are separated by a comma",
           "write {" + text(at_ - 1) + ',' + (at_[1].kind == TokenKind::kInt ? text(at_ + 1) : "") +
               '}');
  } else if (at_->kind == TokenKind::kMinus) {
    report(Code::E0121, "a bound is not negative");
  } else if (at_->kind == TokenKind::kFloat) {
    report(Code::E0121, "a bound is a whole number");
  } else {
    report(Code::E0121, "a quantifier is {n}, {n,}, {n,m} or {,m}; " + found());
  }
}

void Explainer::name(std::string_view after) {
  if (at_->kind == TokenKind::kWord && is_reserved(at_->word)) {
    report(Code::E0126, quoted(at_) + " is a keyword, not a name", "choose another name");
  } else if (at_->kind == TokenKind::kString) {
    report(Code::E0126, "a name is written without quotes", "names are letters, digits and `_`");
  } else {
    report(Code::E0126, "a name is missing after " + std::string(after) + "; " + found());
  }
}

void Explainer::duration() {
  if (at_->kind == TokenKind::kInt) {
    const std::string n = text(at_);
    report(Code::E0108, "the duration " + quoted(at_) + " has no unit",
           "write " + n + "s, " + n + "m or " + n + 'h');
  } else if (at_->kind == TokenKind::kFloat) {
    report(Code::E0110, "a duration's numbers are whole, and it has a unit",
           "write it as a sum: 1h30m");
  } else if (at_->kind == TokenKind::kString) {
    report(Code::E0108, "a duration is written without quotes", "write " + at_->text);
  } else {
    report(Code::E0108, "a duration is missing after WITHIN; " + found(), "write 10s, 5m or 1h30m");
  }
}

void Explainer::after_form() {
  constexpr std::string_view kForms =
      "forms are CONSUME, SKIP PAST LAST, SKIP TO NEXT, SKIP TO FIRST name, SKIP TO LAST name, "
      "KEEP";
  Diagnostic& d = report(Code::E0120, is_end(at_) ? "AFTER MATCH says what happens to open runs"
                                                  : "there is no AFTER MATCH " + text(at_));
  d.help = kForms;
  if (at_->kind != TokenKind::kWord) return;
  const std::string meant = nearest(at_->text, {"CONSUME", "SKIP", "KEEP"});
  if (!meant.empty()) d.help = "did you mean " + meant + '?';
}

void Explainer::skip_form() {
  Diagnostic& d = report(Code::E0120, "SKIP is followed by PAST LAST or TO …; " + found());
  d.help = "write SKIP PAST LAST, SKIP TO NEXT, SKIP TO FIRST name or SKIP TO LAST name";
}

void Explainer::pattern_end() {
  if (at_->kind == TokenKind::kComma) {
    report(Code::E0139, "a pattern is one step, and here begins a second",
           "put them together: SEQ(a, b)");
  } else if (is_clause_word(at_)) {
    report(Code::E0101, quoted(at_) + " belongs before AFTER MATCH", "AFTER MATCH comes last");
  } else {
    report(Code::E0101, "the pattern is complete before " + quoted(at_));
  }
}

void Explainer::explain(Fault fault) {
  switch (fault) {
    case Fault::kOperand:
      return operand();
    case Fault::kConditionEnd:
      report(Code::E0133, "comparisons do not chain", "join two with `and`: a < b and b < c");
      return;
    case Fault::kRightParen:
      report(Code::E0139, "what stands in parentheses is one step; " + found(),
             "several steps are put together with SEQ, OR or AND");
      return;
    case Fault::kListOrTable:
      report(Code::E0135, "`in` takes a list in parentheses or a table; " + found(),
             "write in (a, b) or in table(name)");
      return;
    case Fault::kListEnd:
      return list_end();
    case Fault::kTableName:
      report(Code::E0145, "the name of a table belongs here; " + found());
      return;
    case Fault::kNull:
      report(Code::E0141, "`is` goes with `null` and `not null` only", "write == instead");
      return;
    case Fault::kField:
      report(Code::E0144, "a field's name is missing after the dot; " + found());
      return;
    case Fault::kIndex:
    case Fault::kIndexEnd:
      report(Code::E0142, "an index is one whole number; " + found(),
             "write name[0].field for the first event, name[-1].field for the last");
      return;
    case Fault::kNoIndexHere:
      report(Code::E0142, "an index belongs right after a name", "write name[0].field");
      return;
    case Fault::kExpressionEnd:
      return expression_end();
    case Fault::kElement:
      return element();
    case Fault::kGroupParen:
      report(Code::E0101, "a parenthesis is missing after " + before(),
             "write " + upper(at_[-1].text) + "(a, b); a type of this name is quoted");
      return;
    case Fault::kGroupMember:
      report(Code::E0116, "a group has at least one step",
             "write the steps between the parentheses")
          .place.span = {at_[-1].span.begin, at_->span.end};
      return;
    case Fault::kStepEnd:
      report(Code::E0101, "AFTER MATCH belongs at the pattern's end, outside of all parentheses");
      return;
    case Fault::kBound:
    case Fault::kQuantifierEnd:
      return bounds();
    case Fault::kAsName:
      return name("AS");
    case Fault::kCondition:
      return condition();
    case Fault::kUntilElement:
      report(Code::E0132, "UNTIL takes an event, or an OR of events; " + found(),
             "write UNTIL logout, or UNTIL logout WHERE …");
      return;
    case Fault::kDuration:
      return duration();
    case Fault::kClause:
      return stray();
    case Fault::kMatchWord:
      report(Code::E0120, "MATCH is missing after AFTER", "write AFTER MATCH");
      return;
    case Fault::kAfterForm:
      return after_form();
    case Fault::kSkipForm:
      return skip_form();
    case Fault::kSkipName:
      return name("SKIP TO " + upper(at_[-1].text));
    case Fault::kPatternEnd:
      return pattern_end();
  }
}

}  // namespace faults

void explain_fault(Fault fault, At at, Reporter& reporter) {
  // Told already: by what was left out before this place, or by what made the text end too early.
  const bool echo = at->after_dropped || (faults::is_end(at) && at->kind != TokenKind::kEnd) ||
                    (faults::is_end(at) && reporter.unclosed_string);
  if (echo && reporter.failed()) return;
  faults::Explainer(at, reporter).explain(fault);
}

}  // namespace weir::lang
