// Tokens: what the lexical grammar makes of a text, and what the other two grammars are written
// over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/pattern-lang/parse.hpp"

namespace weir::lang {

enum class TokenKind : std::uint8_t {
  kEnd,
  kWord,      // text; word where it is a keyword
  kInt,       // integer
  kFloat,     // real
  kDuration,  // integer: nanoseconds
  kString,    // text: without its escapes
  kRegex,     // text: between the slashes; flags
  kLeftParen,
  kRightParen,
  kLeftBrace,
  kRightBrace,
  kLeftBracket,
  kRightBracket,
  kComma,
  kDot,
  kStar,
  kPlus,
  kMinus,
  kSlash,
  kPercent,
  kQuestion,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
};

/// Words that mean something somewhere. Those up to kKeep are the reserved keywords of patterns.
enum class Word : std::uint8_t {
  kNone,
  kSeq,
  kOr,
  kAnd,
  kNot,
  kNext,
  kAny,
  kAs,
  kWhere,
  kUntil,
  kWithin,
  kAfter,
  kMatch,
  kConsume,
  kSkip,
  kPast,
  kLast,
  kTo,
  kFirst,
  kKeep,
  kNull,
  kTrue,
  kFalse,
  kIn,
  kIs,
  kContains,
  kStartswith,
  kEndswith,
  kMatches,
  kLike,
  kTable,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Word word = Word::kNone;
  bool after_dropped = false;  // something before it meant nothing, and was reported and left out
  Span span;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;
  std::string flags;
};

/// Begins and ends with a kEnd token, so that a token's neighbours can always be asked.
using Tokens = std::vector<Token>;

/// Where a grammar stands: at[0] is the next token, at[-1] the last one taken.
using At = const Token*;

/// kNone where `text` is no keyword; case does not matter.
Word find_word(std::string_view text) noexcept;
/// No name of a step and no unquoted type.
bool is_reserved(Word word) noexcept;
/// Letters, digits and `_`, not beginning with a digit, not reserved: needs no quotes as a type.
bool is_plain_name(std::string_view text) noexcept;

/// The bytes of the code point at `text[0]` (1 where they are no UTF-8), and the code point.
struct CodePoint {
  std::size_t size = 1;
  char32_t value = 0xfffd;
};
CodePoint decode_utf8(std::string_view text) noexcept;
void append_utf8(std::string& out, char32_t code_point);
/// Letters of names: ASCII letters, `_`, and what lies beyond ASCII and is no blank or punctuation.
bool is_letter(char32_t c) noexcept;

/// Reports faults of one snippet; what comes after the first 50 is dropped.
class Reporter {
 public:
  Reporter(SnippetPtr snippet, Diagnostics& diagnostics)
      : snippet_(std::move(snippet)), diagnostics_(diagnostics) {}

  /// The diagnostic, to add to it; valid until the next report.
  Diagnostic& report(Code code, Span span, std::string message, std::string help = {});
  bool failed() const noexcept { return count_ > 0; }
  const SnippetPtr& snippet() const noexcept { return snippet_; }
  std::string_view text() const noexcept { return snippet_->text; }
  std::string_view text(Span span) const noexcept {
    return text().substr(span.begin, span.end - span.begin);
  }
  /// A string that is not closed swallows what would have closed a parenthesis.
  bool unclosed_string = false;

 private:
  SnippetPtr snippet_;
  Diagnostics& diagnostics_;
  Diagnostic dropped_{};
  int count_ = 0;
};

/// Text to tokens. Faults are reported and stand in the result as the nearest thing that was meant.
Tokens read_tokens(Reporter& reporter);

/// Pairs the parentheses: reports those without a partner, and mends the tokens so that every one
/// has one. False where the nesting is too deep for a recursive parser (that has been reported).
bool check_nesting(Tokens& tokens, Reporter& reporter);

}  // namespace weir::lang
