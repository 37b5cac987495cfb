// The expression grammar, in EBNF:
//
//   expression = conjunction { "or" conjunction } ;
//   conjunction= negation { "and" negation } ;
//   negation   = "not" negation | comparison ;
//   comparison = sum [ relation ] ;                          one relation: comparisons do not chain
//   relation   = ( "==" | "=" | "!=" | "<" | "<=" | ">" | ">=" ) sum
//              | [ "not" ] "in" ( "table" "(" name ")" | list )
//              | "is" [ "not" ] "null"
//              | ( "contains" | "startswith" | "endswith" | "matches" | "like" )
//                ( "(" test { "," test } ")" | test ) ;
//   test       = regex | sum ;                               regex: after "matches" only
//   list       = "(" expression { "," expression } ")" ;
//   sum        = product { ( "+" | "-" ) product } ;
//   product    = unary { ( "*" | "/" | "%" ) unary } ;
//   unary      = "-" unary | operand ;
//   operand    = number | string | duration | "true" | "false" | "null" | list
//              | name "(" [ expression { "," expression } ] ")" { "." member }
//              | name "[" [ "-" ] integer "]" { "." member }
//              | name { "." member } ;
//
// A list of one is that expression in parentheses, one of several is the key of a table. A member
// may be any word, a name any word that does not mean something where an operand stands.
#pragma once

#include "expression.hpp"

namespace weir::lang::grammar {

using Build = PatternBuilder;

inline bool is_comparison(At at, int) {
  return at->kind >= TokenKind::kEqual && at->kind <= TokenKind::kGreaterEqual;
}
inline bool is_test(At at, int) {
  return at->word >= Word::kContains && at->word <= Word::kLike;
}

/// A word that may be the head of a path. Those that mean a relation may where a dot or another
/// relation follows: `like > 5`.
inline bool is_operand_name(At at, int) {
  if (at->kind != TokenKind::kWord) return false;
  switch (at->word) {
    case Word::kIn:
    case Word::kIs:
    case Word::kContains:
    case Word::kStartswith:
    case Word::kEndswith:
    case Word::kMatches:
    case Word::kLike:
      return at[1].kind == TokenKind::kDot || is_comparison(at + 1, 0) || is_test(at + 1, 0) ||
             at[1].word == Word::kIs || at[1].word == Word::kIn;
    case Word::kOr:
    case Word::kAnd:
    case Word::kNot:
    case Word::kNull:
    case Word::kTrue:
    case Word::kFalse:
    case Word::kWhere:
    case Word::kUntil:
    case Word::kWithin:
    case Word::kAfter:
      return false;
    default:
      return true;
  }
}
inline bool is_call(At at, int) {
  return is_operand_name(at, 0) && at[1].kind == TokenKind::kLeftParen;
}
inline bool is_literal(At at, int) {
  switch (at->kind) {
    case TokenKind::kInt:
    case TokenKind::kFloat:
    case TokenKind::kDuration:
    case TokenKind::kString:
      return true;
    default:
      return at->word == Word::kNull || at->word == Word::kTrue || at->word == Word::kFalse;
  }
}
inline bool is_relation(At at, int) {
  return is_comparison(at, 0) || is_test(at, 0) || at->word == Word::kIn || at->word == Word::kIs ||
         (at->word == Word::kNot && at[1].word == Word::kIn);
}
inline bool is_sum_operator(At at, int) {
  return at->kind == TokenKind::kPlus || at->kind == TokenKind::kMinus;
}
inline bool is_product_operator(At at, int) {
  return at->kind == TokenKind::kStar || at->kind == TokenKind::kSlash ||
         at->kind == TokenKind::kPercent;
}

const auto comma = token(TokenKind::kComma);
const auto left_paren = token(TokenKind::kLeftParen);
const auto right_paren = token(TokenKind::kRightParen);
const auto dot = token(TokenKind::kDot);

const auto member = token(TokenKind::kWord)[call<&Build::path_member>];
const auto members = *(dot >> need(Fault::kField, member));

const auto arguments = need(Fault::kOperand, expression) >>
                       *(comma >> need(Fault::kOperand, expression));

const auto list = left_paren[call<&Build::list_begin>] >> arguments >>
                  need(Fault::kListEnd, right_paren);

const auto function_call = (token_if(is_call) >> left_paren)[call<&Build::call_begin>] >>
                           (right_paren | (arguments >> need(Fault::kListEnd, right_paren))) >>
                           x3::eps[call<&Build::call_end>] >> members;

const auto index_number = -token(TokenKind::kMinus) >> token(TokenKind::kInt);
const auto index = token(TokenKind::kLeftBracket) >> need(Fault::kIndex, index_number) >>
                   need(Fault::kIndexEnd, token(TokenKind::kRightBracket))[call<&Build::index>];
const auto path = token_if(is_operand_name)[call<&Build::path_head>] >> -index >> members >>
                  need(Fault::kNoIndexHere, !token(TokenKind::kLeftBracket));

const auto operand_def = token_if(is_literal)[call<&Build::literal>] |
                         (list >> x3::eps[call<&Build::paren_end>]) | function_call | path;

const auto unary_def = (token(TokenKind::kMinus)[call<&Build::op>] >>
                        need(Fault::kOperand, unary) >> x3::eps[call<&Build::fold_negate>]) |
                       operand;

const auto product = unary >> *(token_if(is_product_operator)[call<&Build::op>] >>
                                need(Fault::kOperand, unary) >> x3::eps[call<&Build::fold_binary>]);

using SumRule = x3::rule<struct SumId>;
inline constexpr SumRule sum = "sum";
const auto sum_def = product >>
                     *(token_if(is_sum_operator)[call<&Build::op>] >>
                       need(Fault::kOperand, product) >> x3::eps[call<&Build::fold_binary>]);

const auto in_table = word(Word::kTable) >> left_paren >>
                      need(Fault::kTableName, token(TokenKind::kWord)) >>
                      need(Fault::kListEnd, right_paren)[call<&Build::fold_in_table>];
const auto in_list = list >> x3::eps[call<&Build::fold_in>];

const auto test = token(TokenKind::kRegex)[call<&Build::regex>] | sum;
const auto test_list = left_paren[call<&Build::list_begin>] >> need(Fault::kOperand, test) >>
                       *(comma >> need(Fault::kOperand, test)) >>
                       need(Fault::kListEnd, right_paren)[call<&Build::test_list>];

const auto relation =
    (token_if(is_comparison)[call<&Build::op>] >> need(Fault::kOperand, sum) >>
     x3::eps[call<&Build::fold_binary>]) |
    ((-word(Word::kNot) >> word(Word::kIn))[call<&Build::op>] >>
     need(Fault::kListOrTable, in_table | in_list)) |
    (word(Word::kIs)[call<&Build::op>] >>
     need(Fault::kNull, -word(Word::kNot) >> word(Word::kNull))[call<&Build::fold_is_null>]) |
    (token_if(is_test)[call<&Build::op>] >> need(Fault::kOperand, test_list | test) >>
     x3::eps[call<&Build::fold_test>]);

const auto comparison = sum >> -(relation >> need(Fault::kConditionEnd, !token_if(is_relation)));

const auto negation_def = (word(Word::kNot)[call<&Build::op>] >> need(Fault::kOperand, negation) >>
                           x3::eps[call<&Build::fold_not>]) |
                          comparison;

const auto conjunction = negation >>
                         *(word(Word::kAnd)[call<&Build::op>] >> need(Fault::kOperand, negation) >>
                           x3::eps[call<&Build::fold_binary>]);

const auto expression_def = conjunction >> *(word(Word::kOr)[call<&Build::op>] >>
                                             need(Fault::kOperand, conjunction) >>
                                             x3::eps[call<&Build::fold_binary>]);

const auto whole_expression_def = need(Fault::kOperand, expression) >>
                                  need(Fault::kExpressionEnd, token(TokenKind::kEnd));

BOOST_SPIRIT_DEFINE(expression, negation, sum, unary, operand, whole_expression)

}  // namespace weir::lang::grammar
