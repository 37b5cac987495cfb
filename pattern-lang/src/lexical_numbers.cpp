// Numbers and durations: digits to tokens.
#include <array>
#include <charconv>
#include <utility>

#include "lexical_builder.hpp"

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

constexpr std::string_view kUnitsHelp = "the units are ms, s, m, h, d and w: 250ms, 10s, 1h30m";

}  // namespace

/// 12:30, as clocks and YAML 1.1 write it.
void LexicalBuilder::clock_time(Token& token, std::string_view text) {
  Diagnostic& d =
      reporter_.report(Code::E0108, token.span, "`" + std::string(text) + "` is no duration");
  const std::size_t colon = text.find(':');
  const std::string first(text.substr(0, colon));
  const std::string second(text.substr(colon + 1));
  const std::size_t more = second.find(':');
  if (more != second.npos) {
    d.help = "write " + first + 'h' + second.substr(0, more) + 'm' + second.substr(more + 1) + 's';
  } else {
    d.help = "write " + first + 'm' + second + "s or " + first + 'h' + second + 'm';
  }
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
  if (text.find(':') != text.npos) {
    token.kind = TokenKind::kDuration;
    clock_time(token, text);
  } else if (n < text.size()) {
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

}  // namespace weir::lang
