// Words, names and characters.
#include <array>
#include <utility>

#include "lexical_token.hpp"

namespace weir::lang {
namespace {

constexpr std::array<std::pair<std::string_view, Word>, 30> kWords = {{
    {"seq", Word::kSeq},
    {"or", Word::kOr},
    {"and", Word::kAnd},
    {"not", Word::kNot},
    {"next", Word::kNext},
    {"any", Word::kAny},
    {"as", Word::kAs},
    {"where", Word::kWhere},
    {"until", Word::kUntil},
    {"within", Word::kWithin},
    {"after", Word::kAfter},
    {"match", Word::kMatch},
    {"consume", Word::kConsume},
    {"skip", Word::kSkip},
    {"past", Word::kPast},
    {"last", Word::kLast},
    {"to", Word::kTo},
    {"first", Word::kFirst},
    {"keep", Word::kKeep},
    {"null", Word::kNull},
    {"true", Word::kTrue},
    {"false", Word::kFalse},
    {"in", Word::kIn},
    {"is", Word::kIs},
    {"contains", Word::kContains},
    {"startswith", Word::kStartswith},
    {"endswith", Word::kEndswith},
    {"matches", Word::kMatches},
    {"like", Word::kLike},
    {"table", Word::kTable},
}};

bool equals_lower(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

constexpr bool between(char32_t c, char32_t low, char32_t high) {
  return c >= low && c <= high;
}

/// A message quotes what it is about, and that may be a string of many kilobytes.
std::string shortened(std::string text) {
  constexpr std::size_t kMostBytes = 400;
  if (text.size() <= kMostBytes) return text;
  std::size_t end = kMostBytes;
  while ((static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  text.resize(end);
  return text + "…";
}

}  // namespace

Word find_word(std::string_view text) noexcept {
  for (const auto& [name, word] : kWords) {
    if (equals_lower(text, name)) return word;
  }
  return Word::kNone;
}

bool is_reserved(Word word) noexcept {
  return word != Word::kNone && word <= Word::kFalse;
}

bool is_plain_name(std::string_view text) noexcept {
  if (text.empty() || is_reserved(find_word(text))) return false;
  bool first = true;
  while (!text.empty()) {
    const CodePoint c = decode_utf8(text);
    const bool digit = between(c.value, '0', '9');
    if (!is_letter(c.value) && !(digit && !first)) return false;
    first = false;
    text.remove_prefix(c.size);
  }
  return true;
}

CodePoint decode_utf8(std::string_view text) noexcept {
  if (text.empty()) return {0, 0xfffd};
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {1, lead};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {};
  char32_t value = lead & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return {};
    value = (value << 6U) | (byte(i) & 0x3fU);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[size] || value > 0x10ffff || between(value, 0xd800, 0xdfff)) return {};
  return {size, value};
}

void append_utf8(std::string& out, char32_t c) {
  const auto tail = [&](unsigned shift) {
    out += static_cast<char>(0x80U | ((c >> shift) & 0x3fU));
  };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0U | (c >> 6U));
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0U | (c >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0U | (c >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

bool is_letter(char32_t c) noexcept {
  if (c < 0x80) return between(c, 'a', 'z') || between(c, 'A', 'Z') || c == '_';
  // Blanks, signs and quotes that word processors put in the place of ASCII ones.
  const bool sign = between(c, 0x80, 0xbf) || c == 0xd7 || c == 0xf7 ||
                    between(c, 0x2000, 0x2bff) || between(c, 0x3000, 0x303f) ||
                    between(c, 0xe000, 0xf8ff) || between(c, 0xfe00, 0xfe6f) ||
                    between(c, 0xff00, 0xff20) || c == 0xfeff || between(c, 0xfff0, 0xffff);
  return !sign || c == 0xaa || c == 0xb5 || c == 0xba;
}

Diagnostic& Reporter::report(Code code, Span span, std::string message, std::string help) {
  constexpr int kMost = 50;
  ++count_;
  if (count_ > kMost) return dropped_;
  Diagnostic& d = diagnostics_.report(code, Place{snippet_, span}, shortened(std::move(message)));
  d.help = shortened(std::move(help));
  return d;
}

}  // namespace weir::lang
