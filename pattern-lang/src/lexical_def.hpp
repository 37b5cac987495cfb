// The lexical grammar, in EBNF:
//
//   tokens  = { token } ;                 between tokens: blanks, and comments ("#" to the line's
//   end) token   = word | number | string | regex | sign ; word    = letter { letter | digit } ;
//   letter: is_letter() number  = digit { digit } [ "." digit { digit } ] [ ("e" | "E") [ "+" | "-"
//   ] digit { digit } ]
//             { letter | digit } { ":" digit { digit } } ;
//             what follows the digits must be a duration's units; 12:30 is taken whole to be
//             refused
//   string  = '"' { any - ( '"' | "\" | line end ) | "\" any } '"' ;  escapes: \" \\ \n \t \uXXXX
//   regex   = "/" { any - ( "/" | "\" | line end ) | "\" any } "/" { letter } ;
//             only where no operand stands before it, which it would divide
//   sign    = "(" | ")" | "{" | "}" | "[" | "]" | "," | "." | "*" | "+" | "-" | "/" | "%" | "?"
//           | "==" | "=" | "!=" | "<" | "<=" | ">" | ">=" ;
#pragma once

#include "lexical.hpp"

namespace weir::lang::grammar {

/// One code point: a letter of names, or (kAll) any at all; bytes that are no UTF-8 are one each.
template <bool kAll>
struct CodePointParser : x3::parser<CodePointParser<kAll>> {
  using attribute_type = x3::unused_type;
  static const bool has_attribute = false;

  template <typename Iterator, typename Context, typename RuleContext, typename Attribute>
  bool parse(Iterator& first, const Iterator& last, const Context&, RuleContext&,
             Attribute&) const {
    if (first == last) return false;
    const CodePoint c = decode_utf8({first, static_cast<std::size_t>(last - first)});
    if (!kAll && !is_letter(c.value)) return false;
    first += c.size;
    return true;
  }
};

using Lex = LexicalBuilder;
const CodePointParser<false> letter;
const CodePointParser<true> any_character;
const auto digit = x3::ascii::digit;

const auto regex_may_begin = x3::eps[([](const auto& context) {
  x3::_pass(context) = x3::get<BuilderTag>(context).regex_may_begin();
})];

const auto word_token = (letter >> *(letter | digit))[call<&Lex::word>];

const auto fraction = '.' >> +digit;
const auto exponent = (x3::lit('e') | 'E') >> -(x3::lit('+') | '-') >> +digit;
const auto number_token =
    (+digit >> -fraction >> -exponent >> *(letter | digit) >> *(':' >> +digit))[call<&Lex::number>];

const auto escaped = '\\' >> (any_character - x3::eol);
const auto string_body = *(escaped | (any_character - (x3::lit('"') | '\\' | x3::eol)));
const auto string_token = '"' >> string_body >> (x3::lit('"')[call<&Lex::string>] |
                                                 (-x3::lit('\\'))[call<&Lex::unclosed_string>]);

const auto regex_body = *(escaped | (any_character - (x3::lit('/') | '\\' | x3::eol)));
const auto regex_token = regex_may_begin >> '/' >> regex_body >>
                         (('/' >> *letter)[call<&Lex::regex>] |
                          (-x3::lit('\\'))[call<&Lex::unclosed_regex>]);

const auto sign_token =
    (x3::lit("==") | "!=" | "<=" | ">=" | x3::char_("][(){},.*+/%?=<>-"))[call<&Lex::sign>];

const auto single_quoted =
    ('\'' >> *(any_character - (x3::lit('\'') | x3::eol)) >> '\'')[call<&Lex::single_quoted>];

const auto tokens_def =
    *x3::lexeme[x3::eps[call<&Lex::begin>] >>
                (word_token | number_token | string_token | regex_token | sign_token |
                 single_quoted | any_character[call<&Lex::unknown>])];

BOOST_SPIRIT_DEFINE(tokens)

}  // namespace weir::lang::grammar
