// The pattern grammar, in EBNF:
//
//   pattern    = step [ "AFTER" "MATCH" after ] ;
//   step       = [ "NEXT" | "ANY" ] [ "NOT" ] element [ quantifier ] [ "AS" name ] { clause } ;
//   clause     = "WHERE" expression | "UNTIL" element [ "WHERE" expression ] | "WITHIN" duration ;
//   element    = name | string | "*" | ( "SEQ" | "OR" | "AND" | ) "(" step { "," step } ")" ;
//                                              without a word before it, a parenthesis holds one
//                                              step
//   quantifier = ( "+" | "*" | "?" | "{" bounds "}" ) [ "?" | "+" ] [ "NEXT" | "ANY" ] ;
//   bounds     = integer [ "," [ integer ] ] | "," integer ;
//   after      = "CONSUME" | "KEEP" | "SKIP" "PAST" "LAST" | "SKIP" "TO" "NEXT"
//              | "SKIP" "TO" ( "FIRST" | "LAST" ) name ;
//
// A WHERE right after UNTIL's element is the UNTIL's. That a clause stands once is for the builder.
//
// Recovery: a fault in a clause drops the clause, and reading goes on at the next clause or at the
// end of the step; any other fault drops the step, and reading goes on at the next comma of its
// level.
#pragma once

#include "expression.hpp"
#include "pattern.hpp"

namespace weir::lang::grammar {

using Build = PatternBuilder;

inline bool is_name(At at, int) {
  return at->kind == TokenKind::kWord && !is_reserved(at->word);
}
inline bool is_contiguity(At at, int) {
  return at->word == Word::kNext || at->word == Word::kAny;
}
inline bool is_clause(At at, int) {
  return at->word == Word::kWhere || at->word == Word::kUntil || at->word == Word::kWithin;
}
inline bool is_comparison(At at, int) {
  return at->kind >= TokenKind::kEqual && at->kind <= TokenKind::kGreaterEqual;
}
inline bool is_group(At at, int) {
  return at->word == Word::kSeq || at->word == Word::kOr || at->word == Word::kAnd;
}
inline bool is_simple_quantifier(At at, int) {
  return at->kind == TokenKind::kPlus || at->kind == TokenKind::kStar ||
         at->kind == TokenKind::kQuestion;
}
inline bool ends_step(At at, int) {
  return at->kind == TokenKind::kComma || at->kind == TokenKind::kRightParen ||
         at->kind == TokenKind::kEnd || at->word == Word::kAfter;
}

/// The first token from `at` on that `stop` holds for and that stands in no parenthesis opened
/// since `begin`; at the latest the one that closes the level, or the last.
template <typename Stop>
At recover(At begin, At at, At last, Stop stop) {
  int depth = 0;
  bool in_brackets = false;  // [1, 2] and {3-5, 7}: their commas end nothing
  for (At t = begin; t != last; ++t) {
    switch (t->kind) {
      case TokenKind::kEnd:
        return t;
      case TokenKind::kRightParen:
        if (--depth < 0) return t;
        continue;
      case TokenKind::kLeftParen:
        ++depth;
        continue;
      case TokenKind::kLeftBracket:
      case TokenKind::kLeftBrace:
        in_brackets = true;
        continue;
      case TokenKind::kRightBracket:
      case TokenKind::kRightBrace:
        in_brackets = false;
        continue;
      case TokenKind::kComma:
        if (in_brackets) continue;
        break;
      default:
        break;
    }
    if (depth == 0 && t >= at && stop(t)) return t;
  }
  return last;
}

struct MemberId {
  template <typename Context>
  x3::error_handler_result on_error(At& first, const At& last,
                                    const x3::expectation_failure<At>& failure,
                                    const Context& context) {
    auto& builder = x3::get<BuilderTag>(context);
    explain_fault(fault_of(failure), failure.where(), builder.reporter());
    const At begin = builder.drop_step();
    first =
        recover(begin, failure.where(), last, [](At t) { return t->kind == TokenKind::kComma; });
    return x3::error_handler_result::accept;
  }
};
struct ClauseId {
  template <typename Context>
  x3::error_handler_result on_error(At& first, const At& last,
                                    const x3::expectation_failure<At>& failure,
                                    const Context& context) {
    auto& builder = x3::get<BuilderTag>(context);
    explain_fault(fault_of(failure), failure.where(), builder.reporter());
    const At begin = builder.drop_clause();
    const At at = failure.where();
    // A stray word is passed over, and so is a field that has the name of a clause: WHERE within
    // > 5.
    const bool field = is_comparison(at + 1, 0) || at[1].kind == TokenKind::kDot;
    const bool skipped = at == begin || (is_clause(at, 0) && field);
    first = recover(begin, at + (skipped ? 1 : 0), last,
                    [](At t) { return ends_step(t, 0) || is_clause(t, 0); });
    return x3::error_handler_result::accept;
  }
};

const x3::rule<MemberId> group_member = "step";
const x3::rule<ClauseId> clause = "clause";
const x3::rule<struct ElementId> element = "event or group";
const x3::rule<struct StepId> step = "step";

const auto left_paren = token(TokenKind::kLeftParen);
const auto right_paren = token(TokenKind::kRightParen);
const auto comma = token(TokenKind::kComma);
const auto integer = token(TokenKind::kInt);

const auto group = token_if(is_group)[call<&Build::group_begin>] >>
                   need(Fault::kGroupParen, left_paren) >>
                   need(Fault::kGroupMember, !right_paren) >> group_member >>
                   *(comma >> group_member) >>
                   need(Fault::kRightParen, right_paren)[call<&Build::group_end>];
const auto paren = left_paren[call<&Build::group_begin>] >>
                   need(Fault::kGroupMember, !right_paren) >> group_member >>
                   need(Fault::kRightParen, right_paren)[call<&Build::group_end>];
const auto event =
    (token_if(is_name) | token(TokenKind::kString) | token(TokenKind::kStar))[call<&Build::named>];
const auto element_def = group | paren | event;

const auto bounds = (integer[call<&Build::lower>] >>
                     -(comma[call<&Build::upper_open>] >> -integer[call<&Build::upper>])) |
                    (comma >> integer[call<&Build::upper>]);
const auto braces = token(TokenKind::kLeftBrace)[call<&Build::bounds_begin>] >>
                    need(Fault::kBound, bounds) >>
                    need(Fault::kQuantifierEnd,
                         token(TokenKind::kRightBrace))[call<&Build::bounds_end>];
const auto quantifier = (token_if(is_simple_quantifier)[call<&Build::quantifier>] | braces) >>
                        -(token(TokenKind::kQuestion)[call<&Build::reluctant>] |
                          token(TokenKind::kPlus)[call<&Build::possessive>]) >>
                        -token_if(is_contiguity)[call<&Build::between>];

const auto condition = need(Fault::kCondition, expression) >> x3::eps[call<&Build::where_end>];
const auto where = word(Word::kWhere)[call<&Build::where_begin>] >> condition;
// The WHERE in an UNTIL is read into the step that stands for the UNTIL, as that step's clause.
const auto until_where =
    word(Word::kWhere)[call<&Build::where_begin>] >> condition >> x3::eps[call<&Build::clause_end>];
const auto until = word(Word::kUntil)[call<&Build::until_begin>] >>
                   need(Fault::kUntilElement, element) >> -until_where
                   >> x3::eps[call<&Build::until_end>];
const auto within = word(Word::kWithin)[call<&Build::within_begin>] >>
                    need(Fault::kDuration, token(TokenKind::kDuration))[call<&Build::within_end>];
const auto stray = (!token_if(ends_step))[call<&Build::stray_begin>] >>
                   need(Fault::kClause, x3::eps(false));
const auto clause_def = (where | until | within | stray) >> x3::eps[call<&Build::clause_end>];

const auto step_def = x3::eps[call<&Build::step_begin>] >>
                      -token_if(is_contiguity)[call<&Build::keyword>] >>
                      -word(Word::kNot)[call<&Build::negate>] >> need(Fault::kElement, element) >>
                      -quantifier >> -(word(Word::kAs) >>
                                       need(Fault::kAsName, token_if(is_name))[call<&Build::as>]) >>
                      *clause;

const auto group_member_def =
    step >> need(Fault::kStepEnd, &(comma | right_paren)) >> x3::eps[call<&Build::member_end>];

const auto skip_name = need(Fault::kSkipName, token_if(is_name))[call<&Build::after_to_name>];
const auto skip_to = word(Word::kNext)[call<&Build::after_to_next>] |
                     ((word(Word::kFirst) | word(Word::kLast)) >> skip_name);
const auto skip = (word(Word::kPast) >>
                   need(Fault::kSkipForm, word(Word::kLast))[call<&Build::after_past_last>]) |
                  (word(Word::kTo) >> need(Fault::kSkipForm, skip_to));
const auto after_form = word(Word::kConsume)[call<&Build::after_consume>] |
                        word(Word::kKeep)[call<&Build::after_keep>] |
                        (word(Word::kSkip) >> need(Fault::kSkipForm, skip));
const auto after = word(Word::kAfter)[call<&Build::after_begin>] >>
                   need(Fault::kMatchWord, word(Word::kMatch)) >>
                   need(Fault::kAfterForm, after_form);

const auto pattern_def = step >> x3::eps[call<&Build::root_end>] >> -after >>
                         need(Fault::kPatternEnd, token(TokenKind::kEnd));

BOOST_SPIRIT_DEFINE(group_member, clause, element, step, pattern)

}  // namespace weir::lang::grammar
