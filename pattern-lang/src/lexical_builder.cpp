#include "lexical_builder.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace weir::lang {
namespace {

/// Four hexadecimal digits at `at`.
std::optional<char32_t> hex4(std::string_view text, std::size_t at) {
  if (text.size() < at + 4) return std::nullopt;
  unsigned value = 0;
  const char* begin = text.data() + at;
  const auto [end, error] = std::from_chars(begin, begin + 4, value, 16);
  if (error != std::errc{} || end != begin + 4) return std::nullopt;
  return value;
}

}  // namespace

LexicalBuilder::LexicalBuilder(Reporter& reporter)
    : reporter_(reporter), text_(reporter.text().data()) {
  tokens_.reserve(reporter.text().size() / 4 + 2);
  tokens_.emplace_back();
}

Span LexicalBuilder::span_to(const char* end) const {
  return {static_cast<std::uint32_t>(start_ - text_), static_cast<std::uint32_t>(end - text_)};
}

Token& LexicalBuilder::add(TokenKind kind, const char* end) {
  Token& token = tokens_.emplace_back();
  token.kind = kind;
  token.span = span_to(end);
  token.after_dropped = std::exchange(dropped_, false);
  return token;
}

Tokens LexicalBuilder::take() {
  // The end stands right after the last token: a place that people can see.
  const Span last = tokens_.back().span;
  Token& end = tokens_.emplace_back();
  end.span = {last.end, last.end};
  end.after_dropped = dropped_;
  return std::move(tokens_);
}

void LexicalBuilder::word(const char* at) {
  Token& token = add(TokenKind::kWord, at);
  token.text = piece(at);
  // After a dot stands a field, whatever it is called.
  if (tokens_[tokens_.size() - 2].kind != TokenKind::kDot) token.word = find_word(token.text);
}

void LexicalBuilder::string(const char* at) {
  Token& token = add(TokenKind::kString, at);
  const std::string_view quoted = piece(at);
  unescape(token, quoted.substr(1, quoted.size() - 2), token.span.begin + 1);
}

void LexicalBuilder::unescape(Token& token, std::string_view body, std::uint32_t offset) {
  const auto bad = [&](std::size_t at, std::size_t size, std::string message, std::string help) {
    const auto begin = offset + static_cast<std::uint32_t>(at);
    reporter_.report(Code::E0111, {begin, begin + static_cast<std::uint32_t>(size)},
                     std::move(message), std::move(help));
  };
  std::string& out = token.text;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\\') {
      out += body[i];
      continue;
    }
    const std::size_t start = i++;
    switch (body[i]) {
      case '"':
      case '\\':
        out += body[i];
        break;
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case 'u': {
        auto unit = hex4(body, i + 1);
        if (!unit) {
          bad(start, 2, "`\\u` takes four hexadecimal digits", "write \\u00e9 for é");
          break;
        }
        i += 4;
        if (*unit >= 0xd800 && *unit <= 0xdbff && body.substr(i + 1, 2) == "\\u") {
          const auto low = hex4(body, i + 3);
          if (low && *low >= 0xdc00 && *low <= 0xdfff) {
            unit = 0x10000 + ((*unit - 0xd800) << 10U) + (*low - 0xdc00);
            i += 6;
          }
        }
        if (*unit >= 0xd800 && *unit <= 0xdfff) {
          bad(start, 6, "half of a surrogate pair is no character",
              "write both halves, \\ud83d\\ude00, or the character itself");
          break;
        }
        append_utf8(out, *unit);
        break;
      }
      default: {
        const std::size_t size = decode_utf8(body.substr(i)).size;
        const std::string escape(body.substr(start, 1 + size));
        bad(start, 1 + size, "there is no escape `" + escape + "` in a string",
            "a backslash itself is written \\\\; known are \\\" \\\\ \\n \\t \\uXXXX");
        i += size - 1;
      }
    }
  }
}

void LexicalBuilder::unclosed_string(const char* at) {
  // The other end of a string that was meant to go over several lines is no second fault.
  if (reporter_.unclosed_string) return;
  Token& token = add(TokenKind::kString, at);
  token.text = piece(at).substr(1);
  reporter_.unclosed_string = true;
  reporter_
      .report(Code::E0103, token.span, "this string is not closed",
              "a string ends with \" on the line on which it begins")
      .label = "begins here";
}

void LexicalBuilder::single_quoted(const char* at) {
  Token& token = add(TokenKind::kString, at);
  token.text = piece(at).substr(1, piece(at).size() - 2);
  reporter_.report(Code::E0106, token.span, "strings are written in double quotes",
                   "write \"" + token.text + "\"");
}

bool LexicalBuilder::regex_may_begin() const noexcept {
  switch (tokens_.back().kind) {
    case TokenKind::kInt:
    case TokenKind::kFloat:
    case TokenKind::kDuration:
    case TokenKind::kString:
    case TokenKind::kRegex:
    case TokenKind::kRightParen:
    case TokenKind::kRightBracket:
      return false;
    case TokenKind::kWord:
      // `matches` is meant; `contains /x/` gets a diagnostic of its own. After a dot such a word is
      // a field, and kNone.
      return tokens_.back().word >= Word::kContains && tokens_.back().word <= Word::kLike;
    default:
      return true;
  }
}

void LexicalBuilder::regex(const char* at) {
  Token& token = add(TokenKind::kRegex, at);
  const std::string_view text = piece(at);
  const std::size_t close = text.rfind('/');
  for (std::size_t i = 1; i < close; ++i) {
    // The slash is escaped for us alone; every other escape is the expression's own.
    if (text[i] == '\\' && text[i + 1] == '/') continue;
    if (text[i] == '\\') token.text += text[i++];
    token.text += text[i];
  }
  token.flags = text.substr(close + 1);
  for (std::size_t i = 0; i < token.flags.size(); ++i) {
    if (token.flags[i] == 'i' && token.flags.find('i') == i) continue;
    const auto begin = token.span.begin + static_cast<std::uint32_t>(close + 1 + i);
    reporter_.report(Code::E0113, {begin, begin + 1},
                     token.flags[i] == 'i' ? "flag `i` stands twice" : "there is no such flag",
                     "the only flag is i (case is not minded): /abc/i");
    break;
  }
}

void LexicalBuilder::unclosed_regex(const char* at) {
  Token& token = add(TokenKind::kRegex, at);
  token.text = piece(at).substr(1);
  reporter_.unclosed_string = true;
  reporter_
      .report(Code::E0112, token.span, "this regular expression is not closed",
              "it ends with / on the line on which it begins; a / inside it is written \\/")
      .label = "begins here";
}

void LexicalBuilder::sign(const char* at) {
  constexpr std::array<std::pair<std::string_view, TokenKind>, 22> kSigns = {{
      {"(", TokenKind::kLeftParen},     {")", TokenKind::kRightParen},
      {"{", TokenKind::kLeftBrace},     {"}", TokenKind::kRightBrace},
      {"[", TokenKind::kLeftBracket},   {"]", TokenKind::kRightBracket},
      {",", TokenKind::kComma},         {".", TokenKind::kDot},
      {"*", TokenKind::kStar},          {"+", TokenKind::kPlus},
      {"-", TokenKind::kMinus},         {"/", TokenKind::kSlash},
      {"%", TokenKind::kPercent},       {"?", TokenKind::kQuestion},
      {"==", TokenKind::kEqual},        {"=", TokenKind::kEqual},
      {"!=", TokenKind::kNotEqual},     {"<", TokenKind::kLess},
      {"<=", TokenKind::kLessEqual},    {">", TokenKind::kGreater},
      {">=", TokenKind::kGreaterEqual},
  }};
  for (const auto& [text, kind] : kSigns) {
    if (text == piece(at)) {
      add(kind, at);
      return;
    }
  }
}

void LexicalBuilder::unknown(const char* at) {
  const std::string_view text = piece(at);
  const CodePoint c = decode_utf8(text);
  const Span span = span_to(at);
  dropped_ = true;
  const auto report = [&](std::string message, std::string help) {
    reporter_.report(Code::E0106, span, std::move(message), std::move(help));
  };
  // One report for `&&` and `||`.
  const Token& before = tokens_.back();
  const std::string quoted = "`" + std::string(text) + "` means nothing here";
  if (text == "&" || text == "|") {
    if (span.begin > 0 && text_[span.begin - 1] == text[0]) return;
    report(quoted, text == "&" ? "conditions are joined with `and`" : "write `or`");
  } else if (text == "!") {
    report(quoted, "write `not` before a condition, `!=` between two values");
  } else if (text == ";") {
    report(quoted, "steps are separated by commas");
  } else if (text == "'") {
    report("this quote is not closed", "strings are written in double quotes: \"text\"");
  } else if (c.value == 0xfffd && text[0] != '\xef') {
    report("this byte is no UTF-8", "save the file as UTF-8");
  } else if (c.value == 0xa0 || c.value == 0x202f || (c.value >= 0x2000 && c.value <= 0x200b) ||
             c.value == 0x3000 || c.value == 0xfeff) {
    report("a blank that is no plain blank", "replace it by a space");
  } else if (c.value >= 0x2018 && c.value <= 0x201f) {
    report("typographic quotes do not quote here",
           "strings are written in double quotes: \"text\"");
  } else if (c.value < 0x20 || c.value == 0x7f) {
    report("a control character", "remove it");
  } else if (text == "@" || text == "$") {
    report(quoted, "names are letters, digits and `_`; quote a type that has others: \"a@b\"");
  } else {
    report(quoted,
           before.kind == TokenKind::kWord && before.span.end == span.begin
               ? "names are letters, digits and `_`; quote a type that has others: \"rule:id\""
               : "");
  }
}

}  // namespace weir::lang
