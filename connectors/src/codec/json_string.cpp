#include "codec/json_string.hpp"

#include <algorithm>
#include <cstdint>

namespace weir::connectors {
namespace {

constexpr std::string_view kSimple = "\"\\/bfnrt";
constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
constexpr std::size_t kUnicode = 6;  // \uXXXX

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char letter = static_cast<char>(c | 0x20);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/// The four digits after "\u".
std::uint32_t code_unit(std::string_view text, std::size_t at) {
  std::uint32_t unit = 0;
  for (std::size_t i = 0; i < 4; ++i)
    unit = unit << 4 | static_cast<std::uint32_t>(hex_digit(text[at + i]));
  return unit;
}

/// UTF-8 of a code point at `out`; behind it.
char* put_code_point(char* out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
  return out;
}

/// Writes what "\uXXXX" at `at` stands for, a pair of surrogates as one, and moves behind both.
char* put_unicode(char* out, std::string_view text, std::size_t& at) {
  constexpr std::uint32_t kReplacement = 0xFFFD;
  const std::uint32_t unit = code_unit(text, at + 2);
  at += kUnicode;
  if (unit < 0xD800 || unit > 0xDFFF) return put_code_point(out, unit);
  if (unit < 0xDC00 && text.size() >= at + kUnicode && text.substr(at, 2) == "\\u") {
    const std::uint32_t low = code_unit(text, at + 2);
    if (low >= 0xDC00 && low <= 0xDFFF) {
      at += kUnicode;
      return put_code_point(out, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
    }
  }
  return put_code_point(out, kReplacement);
}

}  // namespace

std::size_t json_escape_length(std::string_view text, std::size_t at) noexcept {
  if (text.size() - at < 2) return 0;
  if (text[at + 1] != 'u') return kSimple.find(text[at + 1]) == kSimple.npos ? 0 : 2;
  if (text.size() - at < kUnicode) return 0;
  for (std::size_t i = 2; i < kUnicode; ++i) {
    if (hex_digit(text[at + i]) < 0) return 0;
  }
  return kUnicode;
}

bool json_escapes_valid(std::string_view text) noexcept {
  for (std::size_t at = text.find('\\'); at != text.npos; at = text.find('\\', at)) {
    const std::size_t length = json_escape_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::size_t unescape_json(std::string_view text, char* out) noexcept {
  const char* const begin = out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t escape = std::min(text.find('\\', at), text.size());
    out = std::copy_n(text.data() + at, escape - at, out);
    at = escape;
    if (at == text.size()) break;
    if (text[at + 1] == 'u') {
      out = put_unicode(out, text, at);
    } else {
      *out++ = kMeanings[kSimple.find(text[at + 1])];
      at += 2;
    }
  }
  return static_cast<std::size_t>(out - begin);
}

std::string_view unescape_json(std::string_view text, ValueArena& arena) {
  if (text.find('\\') == text.npos) return text;
  auto* const out = static_cast<char*>(arena.allocate(text.size(), 1));
  return {out, unescape_json(text, out)};
}

}  // namespace weir::connectors
