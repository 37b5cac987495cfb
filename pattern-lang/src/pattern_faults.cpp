// What is wrong, in the reader's words, where an expectation point of a grammar failed.
#include <utility>

#include "pattern_builder.hpp"

namespace weir::lang {
namespace {

const std::vector<std::string>& clause_words() {
  static const std::vector<std::string> kWords = {"WHERE", "UNTIL", "WITHIN", "AS",
                                                  "AFTER", "NEXT",  "ANY"};
  return kWords;
}

bool is_clause_word(At at) {
  return at->word == Word::kWhere || at->word == Word::kUntil || at->word == Word::kWithin;
}
bool is_contiguity(At at) {
  return at->word == Word::kNext || at->word == Word::kAny;
}
bool is_simple_quantifier(At at) {
  return at->kind == TokenKind::kPlus || at->kind == TokenKind::kStar ||
         at->kind == TokenKind::kQuestion;
}
bool begins_value(At at) {
  switch (at->kind) {
    case TokenKind::kWord:
      return !is_clause_word(at) && at->word != Word::kAfter && at->word != Word::kAs;
    case TokenKind::kInt:
    case TokenKind::kFloat:
    case TokenKind::kDuration:
    case TokenKind::kString:
    case TokenKind::kRegex:
    case TokenKind::kLeftParen:
      return true;
    default:
      return false;
  }
}
/// The end, or a parenthesis that check_nesting put before it.
bool is_end(At at) {
  return at->span.begin == at->span.end;
}
bool is_comparison(At at) {
  return at->kind >= TokenKind::kEqual && at->kind <= TokenKind::kGreaterEqual;
}
std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return out;
}

class Explainer {
 public:
  Explainer(At at, Reporter& reporter) : at_(at), reporter_(reporter) {}
  void explain(Fault fault);

 private:
  Diagnostic& report(Code code, std::string message, std::string help = {}) {
    return reporter_.report(code, at_->span, std::move(message), std::move(help));
  }
  /// The token as written.
  std::string text(At t) const { return std::string(reporter_.text(t->span)); }
  std::string quoted(At t) const { return '`' + text(t) + '`'; }
  std::string found() const { return is_end(at_) ? "the text ends here" : "found " + quoted(at_); }
  std::string before() const { return at_[-1].span.end == 0 ? "the beginning" : quoted(at_ - 1); }
  bool misspelt(const std::vector<std::string>& known);
  bool in_condition() const;

  void operand();
  void expression_end();
  void element();
  void stray();
  void misplaced_keyword();
  void bounds();
  void name(std::string_view after);
  void condition();
  void duration();
  void list_end();
  void after_form();
  void skip_form();
  void pattern_end();

  At at_;
  Reporter& reporter_;
};

bool Explainer::misspelt(const std::vector<std::string>& known) {
  if (at_->kind != TokenKind::kWord) return false;
  const std::string meant = nearest(at_->text, known);
  if (meant.empty()) return false;
  report(Code::E0114, quoted(at_) + " is no keyword", "did you mean " + meant + '?');
  return true;
}

/// The clause before this place is a WHERE: what stands here may be meant to go on with it.
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
    report(Code::E0143, "a regular expression stands only after `matches`",
           "write `matches " + text(at_) + "`, or a string in double quotes");
  } else if (at_->word == Word::kNot) {
    report(Code::E0140, "`not` stands before a whole condition, not after " + before(),
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

/// Text where the expression before it is complete.
void Explainer::expression_end() {
  if (at_->word == Word::kNot && (at_[1].word >= Word::kContains && at_[1].word <= Word::kLike)) {
    report(Code::E0102, "`not` does not stand before " + quoted(at_ + 1),
           "put it before the whole condition: not (a " + text(at_ + 1) + " …)");
  } else if (at_->kind == TokenKind::kComma) {
    report(Code::E0102, "one expression stands here, not several");
  } else if (at_->kind == TokenKind::kLeftBracket) {
    report(Code::E0142, "an index stands right after a name", "write name[0].field");
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

void Explainer::element() {
  const Token& last = at_[-1];
  if (at_->word == Word::kAny && last.word == Word::kNot) {
    report(Code::E0128, "NOT takes no ANY",
           "NOT guards every event in between; NEXT NOT only the very next one");
  } else if (is_contiguity(at_) && last.word == Word::kNot) {
    report(Code::E0115, quoted(at_) + " stands before NOT, not after it", "write NEXT NOT");
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

/// A keyword, or a sign, that the grammar knows but not here.
void Explainer::misplaced_keyword() {
  switch (at_->word) {
    case Word::kAs:
      report(Code::E0101, "AS stands before the step's clauses, once",
             "write the name right after the event: a{2,} AS x WHERE …");
      break;
    case Word::kNext:
    case Word::kAny:
      report(Code::E0101, quoted(at_) + " stands before a step, or right after its quantifier",
             "before the next step a comma is missing, perhaps");
      break;
    case Word::kNot:
      report(Code::E0101, "NOT stands before an event", "a comma is missing before it, perhaps");
      break;
    case Word::kMatch:
      report(Code::E0101, "MATCH stands after AFTER", "write AFTER MATCH");
      break;
    case Word::kConsume:
    case Word::kSkip:
    case Word::kKeep:
      report(Code::E0101, quoted(at_) + " stands after AFTER MATCH",
             "write AFTER MATCH " + upper(at_->text));
      break;
    case Word::kSeq:
    case Word::kOr:
    case Word::kAnd:
      report(Code::E0101, quoted(at_) + " stands before its members, not between them",
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
    report(Code::E0101, "a condition stands after WHERE", "write WHERE before it");
  } else if (at_->kind == TokenKind::kWord &&
             (is_comparison(at_ + 1) || at_[1].kind == TokenKind::kDot ||
              (at_[1].word >= Word::kIn && at_[1].word <= Word::kLike))) {
    report(Code::E0101, "a condition stands after WHERE", "write WHERE before " + quoted(at_));
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
    report(Code::E0126, "a name stands without quotes", "names are letters, digits and `_`");
  } else {
    report(Code::E0126, "a name is missing after " + std::string(after) + "; " + found());
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

void Explainer::duration() {
  if (at_->kind == TokenKind::kInt) {
    const std::string n = text(at_);
    report(Code::E0108, "the duration " + quoted(at_) + " has no unit",
           "write " + n + "s, " + n + "m or " + n + 'h');
  } else if (at_->kind == TokenKind::kFloat) {
    report(Code::E0110, "a duration's numbers are whole, and it has a unit",
           "write it as a sum: 1h30m");
  } else if (at_->kind == TokenKind::kString) {
    report(Code::E0108, "a duration stands without quotes", "write " + at_->text);
  } else {
    report(Code::E0108, "a duration is missing after WITHIN; " + found(), "write 10s, 5m or 1h30m");
  }
}

void Explainer::list_end() {
  if (begins_value(at_)) {
    report(Code::E0145, "a comma is missing between " + before() + " and " + quoted(at_));
  } else {
    report(Code::E0145, "a comma or `)` belongs here; " + found());
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
    report(Code::E0101, quoted(at_) + " stands before AFTER MATCH", "AFTER MATCH comes last");
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
      report(Code::E0142, "an index stands right after a name", "write name[0].field");
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
      report(Code::E0101, "AFTER MATCH stands at the pattern's end, outside of all parentheses");
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

}  // namespace

void explain_fault(Fault fault, At at, Reporter& reporter) {
  // Told already: by what was left out before this place, or by what made the text end too early.
  const bool echo = at->after_dropped || (is_end(at) && at->kind != TokenKind::kEnd) ||
                    (is_end(at) && reporter.unclosed_string);
  if (echo && reporter.failed()) return;
  Explainer(at, reporter).explain(fault);
}

}  // namespace weir::lang
