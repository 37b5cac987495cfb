// What the lexical grammar's semantic actions talk to: it turns pieces of text into tokens.
#pragma once

#include <string_view>

#include "lexical_token.hpp"

namespace weir::lang {

class LexicalBuilder {
 public:
  explicit LexicalBuilder(Reporter& reporter);

  // Called with the place after the piece; begin() has been called at its start.
  void begin(const char* at) { start_ = at; }
  void word(const char* at);
  void number(const char* at);
  void string(const char* at);
  void unclosed_string(const char* at);
  void regex(const char* at);
  void unclosed_regex(const char* at);
  void sign(const char* at);
  void single_quoted(const char* at);
  void unknown(const char* at);

  /// A slash here begins a regular expression: nothing stands before it that could be divided.
  bool regex_may_begin() const noexcept;

  /// All tokens, with the two that frame them. Call once, at the end.
  Tokens take();

 private:
  Token& add(TokenKind kind, const char* end);
  Span span_to(const char* end) const;
  std::string_view piece(const char* end) const {
    return {start_, static_cast<std::size_t>(end - start_)};
  }
  void integer(Token& token, std::string_view digits);
  void real(Token& token, std::string_view digits);
  void duration(Token& token, std::string_view text);
  void clock_time(Token& token, std::string_view text);
  void unescape(Token& token, std::string_view body, std::uint32_t offset);

  Reporter& reporter_;
  const char* text_;
  const char* start_ = nullptr;
  Tokens tokens_;
  bool dropped_ = false;
};

}  // namespace weir::lang
