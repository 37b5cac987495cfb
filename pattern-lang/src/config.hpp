// The iterators and contexts that the grammars are instantiated for, and what they share. Headers
// of X3 are included by the grammars and by parse.cpp alone.
#pragma once

#include <boost/spirit/home/x3.hpp>
#include <functional>

#include "lexical_builder.hpp"
#include "lexical_token.hpp"
#include "pattern_builder.hpp"

namespace weir::lang::grammar {

namespace x3 = boost::spirit::x3;

/// Under this tag a context holds the builder that semantic actions talk to. No rule has an
/// attribute: that keeps types small, and compile times.
struct BuilderTag;

// ---- lexical: over characters, with a skipper for blanks and comments
using CharIterator = const char*;
inline const auto blank = x3::ascii::space | ('#' >> *(x3::char_ - x3::eol));
using CharContext =
    x3::context<BuilderTag, LexicalBuilder,
                x3::phrase_parse_context<std::remove_const_t<decltype(blank)>>::type>;

// ---- expression, pattern: over tokens
using TokenIterator = At;
using TokenContext = x3::context<BuilderTag, PatternBuilder>;

/// The semantic action that calls a member function of the builder. It is handed the place after
/// what has been parsed: at[-1] is the last token (or character) of it.
template <auto kMember>
struct Do {
  template <typename Context>
  void operator()(const Context& context) const {
    auto& builder = x3::get<BuilderTag>(context);
    const auto at = x3::_where(context).begin();
    if constexpr (std::is_invocable_v<decltype(kMember), decltype(builder), decltype(at)>) {
      std::invoke(kMember, builder, at);
    } else {
      std::invoke(kMember, builder);
    }
  }
};
template <auto kMember>
inline constexpr Do<kMember> call{};

/// One token that a predicate holds for. The predicate may look at the token's neighbours.
struct TokenIf : x3::parser<TokenIf> {
  using attribute_type = x3::unused_type;
  static const bool has_attribute = false;
  bool (*holds)(At at, int what);
  int what;

  constexpr TokenIf(bool (*predicate)(At, int), int argument) : holds(predicate), what(argument) {}

  template <typename Iterator, typename Context, typename RuleContext, typename Attribute>
  bool parse(Iterator& first, const Iterator& last, const Context&, RuleContext&,
             Attribute&) const {
    if (first == last || !holds(first, what)) return false;
    ++first;
    return true;
  }
};

inline TokenIf token(TokenKind kind) {
  return {[](At at, int what) { return static_cast<int>(at->kind) == what; },
          static_cast<int>(kind)};
}
inline TokenIf word(Word w) {
  return {[](At at, int what) {
            return at->kind == TokenKind::kWord && static_cast<int>(at->word) == what;
          },
          static_cast<int>(w)};
}
inline TokenIf token_if(bool (*predicate)(At, int)) {
  return {predicate, 0};
}

/// An expectation point with a fault of its own: where the subject does not match, it throws an
/// expectation_failure that names the fault.
template <typename Subject>
struct Need : x3::unary_parser<Subject, Need<Subject>> {
  using base_type = x3::unary_parser<Subject, Need<Subject>>;
  static const bool is_pass_through_unary = true;
  Fault fault;

  constexpr Need(const Subject& needed, Fault f) : base_type(needed), fault(f) {}

  template <typename Iterator, typename Context, typename RuleContext, typename Attribute>
  bool parse(Iterator& first, const Iterator& last, const Context& context, RuleContext& rcontext,
             Attribute& attribute) const {
    if (this->subject.parse(first, last, context, rcontext, attribute)) return true;
    throw x3::expectation_failure<Iterator>(first, std::string(1, static_cast<char>(fault)));
  }
};
template <typename Subject>
auto need(Fault fault, const Subject& subject) {
  using Parser = typename x3::extension::as_parser<Subject>::value_type;
  return Need<Parser>(x3::as_parser(subject), fault);
}
inline Fault fault_of(const x3::expectation_failure<TokenIterator>& failure) {
  return static_cast<Fault>(failure.which().front());
}

}  // namespace weir::lang::grammar
