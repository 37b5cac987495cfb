// Says what is wrong where an expectation point of a grammar failed. The token there and its
// neighbours are all that it knows.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pattern_builder.hpp"

namespace weir::lang::faults {

inline bool is_clause_word(At at) {
  return at->word == Word::kWhere || at->word == Word::kUntil || at->word == Word::kWithin;
}
inline bool is_contiguity(At at) {
  return at->word == Word::kNext || at->word == Word::kAny;
}
inline bool is_simple_quantifier(At at) {
  return at->kind == TokenKind::kPlus || at->kind == TokenKind::kStar ||
         at->kind == TokenKind::kQuestion;
}
inline bool begins_value(At at) {
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
inline bool is_end(At at) {
  return at->span.begin == at->span.end;
}
inline bool is_comparison(At at) {
  return at->kind >= TokenKind::kEqual && at->kind <= TokenKind::kGreaterEqual;
}
inline std::string upper(std::string_view text) {
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

}  // namespace weir::lang::faults
