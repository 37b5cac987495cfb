// like, lower and upper.
#include <cstring>

#include "functions.hpp"

namespace weir::nfa {
namespace {

unsigned byte_at(std::string_view s, std::size_t i) noexcept {
  return static_cast<unsigned char>(s[i]);
}

/// The index after the code point at `i`; bytes that are no UTF-8 count one by one.
std::size_t next_code_point(std::string_view s, std::size_t i) noexcept {
  const unsigned lead = byte_at(s, i);
  std::size_t more = lead >= 0xF0 ? 3 : (lead >= 0xE0 ? 2 : (lead >= 0xC0 ? 1 : 0));
  ++i;
  while (more > 0 && i < s.size() && (byte_at(s, i) & 0xC0U) == 0x80U) {
    ++i;
    --more;
  }
  return i;
}

/// Two-byte letters whose cases lie a fixed way apart. `low` and `high`: of the upper case letters.
struct CaseRange {
  unsigned low;
  unsigned high;
  unsigned distance;
};
constexpr CaseRange kRanges[] = {
    {0xC0, 0xD6, 32},   {0xD8, 0xDE, 32},    // Latin-1, less the multiplication sign
    {0x391, 0x3A1, 32}, {0x3A3, 0x3AB, 32},  // Greek
    {0x410, 0x42F, 32}, {0x400, 0x40F, 80},  // Cyrillic
};

/// Latin Extended-A has its letters in pairs, upper case first: on even code points up to U+0137
/// and from U+014A to U+0177, on odd ones elsewhere. Dotless and dotted i and a few singles stay.
unsigned pair_case(unsigned c, bool to_lower) noexcept {
  const bool even_pairs =
      (c >= 0x100 && c <= 0x12F) || (c >= 0x132 && c <= 0x137) || (c >= 0x14A && c <= 0x177);
  const bool odd_pairs = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
  if (!even_pairs && !odd_pairs) return c;
  const bool is_upper = (c % 2 == 0) == even_pairs;
  if (to_lower) return is_upper ? c + 1 : c;
  return is_upper ? c : c - 1;
}

unsigned change_case(unsigned c, bool to_lower) noexcept {
  for (const CaseRange& r : kRanges) {
    if (to_lower && c >= r.low && c <= r.high) return c + r.distance;
    if (!to_lower && c >= r.low + r.distance && c <= r.high + r.distance) return c - r.distance;
  }
  return pair_case(c, to_lower);
}

/// All letters that are changed keep their length in bytes, so that the result has that of `text`.
std::string_view changed(std::string_view text, bool to_lower, ValueArena& arena) {
  if (text.empty()) return text;
  auto* out = static_cast<char*>(arena.allocate(text.size(), 1));
  std::memcpy(out, text.data(), text.size());
  const char first = to_lower ? 'A' : 'a';
  const char last = to_lower ? 'Z' : 'z';
  for (std::size_t i = 0; i < text.size();) {
    const unsigned lead = byte_at(text, i);
    if (lead < 0x80) {
      if (out[i] >= first && out[i] <= last) out[i] = static_cast<char>(out[i] ^ 0x20);
      ++i;
      continue;
    }
    const std::size_t next = next_code_point(text, i);
    if (next - i == 2 && lead < 0xE0) {
      const unsigned c =
          change_case(((lead & 0x1FU) << 6) | (byte_at(text, i + 1) & 0x3FU), to_lower);
      out[i] = static_cast<char>(0xC0U | (c >> 6));
      out[i + 1] = static_cast<char>(0x80U | (c & 0x3FU));
    }
    i = next;
  }
  return {out, text.size()};
}

}  // namespace

std::string_view lower(std::string_view text, ValueArena& arena) {
  return changed(text, true, arena);
}

std::string_view upper(std::string_view text, ValueArena& arena) {
  return changed(text, false, arena);
}

// Greedy with one place to go back to: the last `*` may always take one code point more, and no
// earlier one needs to (R. Salz's wildmat, without its recursion).
bool like(std::string_view text, std::string_view pattern) noexcept {
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t t = 0;
  std::size_t p = 0;
  std::size_t star = kNone;  // in pattern, after the last `*`
  std::size_t taken = 0;     // in text, what that `*` covers so far ends here
  while (true) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      taken = t;
      continue;
    }
    if (t == text.size() && p == pattern.size()) return true;
    if (t < text.size() && p < pattern.size()) {
      if (pattern[p] == '?') {
        t = next_code_point(text, t);
        ++p;
        continue;
      }
      const std::size_t literal = pattern[p] == '\\' && p + 1 < pattern.size() ? p + 1 : p;
      if (pattern[literal] == text[t]) {
        ++t;
        p = literal + 1;
        continue;
      }
    }
    if (star == kNone || taken == text.size()) return false;
    taken = next_code_point(text, taken);
    t = taken;
    p = star;
  }
}

}  // namespace weir::nfa
