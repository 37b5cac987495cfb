#include "lexical_builder.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

namespace weir::lang {
namespace {

constexpr std::uint64_t kTwoTo63 = std::uint64_t{1} << 63U;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
std::size_t count_digits(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && is_digit(text[n])) ++n;
  return n;
}

/// What people write for our units elsewhere; empty where nothing comes to mind.
std::string_view unit_meant(std::string_view unit) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 33> kKnown = {{
      {"sec", "s"},
      {"secs", "s"},
      {"second", "s"},
      {"seconds", "s"},
      {"S", "s"},
      {"min", "m"},
      {"mins", "m"},
      {"minute", "m"},
      {"minutes", "m"},
      {"M", "m"},
      {"hr", "h"},
      {"hrs", "h"},
      {"hour", "h"},
      {"hours", "h"},
      {"H", "h"},
      {"day", "d"},
      {"days", "d"},
      {"D", "d"},
      {"week", "w"},
      {"weeks", "w"},
      {"W", "w"},
      {"wk", "w"},
      {"wks", "w"},
      {"ms", "ms"},
      {"MS", "ms"},
      {"milli", "ms"},
      {"millis", "ms"},
      {"msec", "ms"},
      {"millisecond", "ms"},
      {"milliseconds", "ms"},
      {"Min", "m"},
      {"Ms", "ms"},
      {"msecs", "ms"},
  }};
  for (const auto& [word, meant] : kKnown) {
    if (word == unit) return meant;
  }
  return {};
}

bool is_unit(std::string_view unit) {
  return unit == "ms" || unit == "s" || unit == "m" || unit == "h" || unit == "d" || unit == "w";
}

/// Four hexadecimal digits at `at`.
std::optional<char32_t> hex4(std::string_view text, std::size_t at) {
  if (text.size() < at + 4) return std::nullopt;
  unsigned value = 0;
  const char* begin = text.data() + at;
  const auto [end, error] = std::from_chars(begin, begin + 4, value, 16);
  if (error != std::errc{} || end != begin + 4) return std::nullopt;
  return value;
}

constexpr std::string_view kUnitsHelp = "the units are ms, s, m, h, d and w: 250ms, 10s, 1h30m";

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

void LexicalBuilder::number(const char* at) {
  const std::string_view text = piece(at);
  std::size_t n = count_digits(text);
  bool whole = true;
  if (n < text.size() && text[n] == '.') {
    whole = false;
    n += 1 + count_digits(text.substr(n + 1));
  }
  std::size_t exponent = n;
  if (exponent < text.size() && (text[exponent] == 'e' || text[exponent] == 'E')) {
    ++exponent;
    if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
    const std::size_t digits = count_digits(text.substr(exponent));
    if (digits > 0) {
      n = exponent + digits;
      whole = false;
    }
  }
  Token& token = add(TokenKind::kInt, at);
  if (n < text.size()) {
    token.kind = TokenKind::kDuration;
    duration(token, text);
  } else if (whole) {
    integer(token, text);
  } else {
    token.kind = TokenKind::kFloat;
    real(token, text);
  }
}

void LexicalBuilder::integer(Token& token, std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const auto& before = tokens_[tokens_.size() - 2];
  // 2^63 itself has a place only behind a minus; it is kept as the number it will be.
  const bool negative = before.kind == TokenKind::kMinus;
  if (error != std::errc{} || value > kTwoTo63 || (value == kTwoTo63 && !negative)) {
    reporter_.report(Code::E0107, token.span, "this number is too large for 64 bits",
                     "whole numbers reach from -9223372036854775808 to 9223372036854775807; "
                     "larger ones are written as floats: 1e19");
    value = 0;
  }
  token.integer = static_cast<std::int64_t>(value);
}

void LexicalBuilder::real(Token& token, std::string_view digits) {
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), token.real);
  if (error != std::errc{} && !(token.real == 0 && digits.find("e-") != digits.npos)) {
    token.real = 0;
    reporter_.report(Code::E0107, token.span, "this number is out of the range of a float",
                     "floats reach to about 1.8e308");
  }
}

void LexicalBuilder::duration(Token& token, std::string_view text) {
  if (const auto d = parse_duration(text)) {
    token.integer = d->ns;
    token.text = text;
    return;
  }
  // Piece by piece, to point at the one that is wrong.
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t digits = count_digits(text.substr(at));
    std::size_t end = at + digits;
    if (end < text.size() && text[end] == '.') {
      reporter_.report(Code::E0110, token.span,
                       "`" + std::string(text) + "` is no duration: its numbers are whole",
                       "write it as a sum of smaller units: 1h30m for one and a half hours");
      return;
    }
    const std::size_t unit_begin = end;
    while (end < text.size() && !is_digit(text[end])) ++end;
    const std::string unit(text.substr(unit_begin, end - unit_begin));
    const Span span{token.span.begin + static_cast<std::uint32_t>(unit_begin),
                    token.span.begin + static_cast<std::uint32_t>(end)};
    if (unit.empty()) {
      reporter_.report(Code::E0108, token.span,
                       "the last number of `" + std::string(text) + "` has no unit",
                       std::string(kUnitsHelp));
      return;
    }
    if (!is_unit(unit)) {
      Diagnostic& d = reporter_.report(Code::E0109, span, "there is no unit `" + unit + "`");
      const std::string_view meant = unit_meant(unit);
      const std::string number(text.substr(at, unit_begin - at));
      d.help = meant.empty() ? std::string(kUnitsHelp)
                             : "did you mean `" + number + std::string(meant) + "`?";
      if (at == 0 && (unit == "x" || unit == "_" || unit == "b")) {
        d.help = "numbers are decimal and written without separators";
      }
      return;
    }
    at = end;
  }
  reporter_.report(Code::E0110, token.span, "this duration is too long",
                   "durations reach to about 292 years (15250w)");
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
      // `matches` is meant; `contains /x/` gets a diagnostic of its own. After a dot such a word is a
      // field, and kNone.
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
