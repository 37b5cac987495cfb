#include "regex.hpp"

#include <hs/hs.h>

#include <cctype>

#include "weir/event/utf8.hpp"

namespace weir::nfa {
namespace {

std::string reason(std::string text) {
  if (text.find("Zero-width assertions") != std::string::npos ||
      text.find("Lookahead") != std::string::npos || text.find("lookbehind") != std::string::npos) {
    return "look-around has no place in a regular expression that is matched in linear time";
  }
  if (text.find("Back-references") != std::string::npos) {
    return "back-references have no place in a regular expression that is matched in linear time";
  }
  if (text.find("too large") != std::string::npos || text.find("limit") != std::string::npos) {
    return "the regular expression is too large: " + text;
  }
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
  if (text.empty()) return "the regular expression cannot be compiled";
  text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
  return "the regular expression cannot be compiled: " + text;
}

constexpr std::string_view kAsciiEscapes = "dwsnrtf";  // in classes, too
constexpr std::string_view kAsciiAnchors = "bAzZ";

bool is_alphanumeric(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// What follows a backslash stands for ASCII characters, or for a place between them.
bool ascii_escape(std::string_view rest, bool in_class) noexcept {
  if (rest.empty()) return false;
  const char c = rest[0];
  if (!is_alphanumeric(c)) return static_cast<unsigned char>(c) < 0x80;
  if (kAsciiEscapes.find(c) != std::string_view::npos) return true;
  return !in_class && kAsciiAnchors.find(c) != std::string_view::npos;
}

/// The length of a class of ASCII characters, with its brackets; 0 where it is none.
std::size_t ascii_class(std::string_view rest) noexcept {
  // [^...] takes what is no ASCII; []...] is the exception that it looks like.
  if (rest.size() < 2 || rest[1] == '^' || rest[1] == ']') return 0;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    const char c = rest[i];
    if (c == ']') return i + 1;
    if (c == '[' || static_cast<unsigned char>(c) >= 0x80) return 0;  // [[:alpha:]]
    if (c == '\\' && !ascii_escape(rest.substr(++i), true)) return 0;
  }
  return 0;
}

int on_match(unsigned, unsigned long long, unsigned long long, unsigned, void* found) {
  *static_cast<bool*>(found) = true;
  return 1;  // the first is enough
}

}  // namespace

std::unique_ptr<Regex> Regex::make(std::string_view expression, bool ignore_case,
                                   std::string& error) {
  // Hyperscan takes a C string.
  if (expression.find('\0') != std::string_view::npos) {
    error = "a regular expression cannot hold NUL; write \\x00";
    return nullptr;
  }
  Sees sees = Sees::kCodePoints;
  if (sees_ascii_alone(expression, ignore_case)) sees = Sees::kAscii;
  if (!weir::utf8::valid(expression)) sees = Sees::kBytes;
  HsPattern pattern{std::string(expression), HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY};
  if (sees == Sees::kCodePoints) pattern.flags |= HS_FLAG_UTF8;
  if (ignore_case) pattern.flags |= HS_FLAG_CASELESS;
  std::string failure;
  if (!hs_accepts(pattern, failure)) {
    error = reason(std::move(failure));
    return nullptr;
  }
  return std::unique_ptr<Regex>(new Regex(std::move(pattern), ignore_case, sees));
}

bool Regex::found_in(std::string_view text) const {
  std::call_once(compiled_, [this] {
    std::string error;
    database_ = HsDatabase::compile({&pattern_, 1}, error);
  });
  if (!database_) return false;  // no memory for it
  std::string room;
  // What Hyperscan finds in text that is no UTF-8 is undefined under HS_FLAG_UTF8.
  if (sees_ == Sees::kCodePoints) text = repaired(text, room);
  bool found = false;
  database_->scan(text, on_match, &found);
  return found;
}

bool sees_ascii_alone(std::string_view e, bool ignore_case) noexcept {
  // Without case k and s are also U+212A and U+017F.
  if (ignore_case) return false;
  for (std::size_t i = 0; i < e.size(); ++i) {
    const std::string_view rest = e.substr(i + 1);
    switch (e[i]) {
      case '\\':
        if (!ascii_escape(rest, false)) return false;
        ++i;
        break;
      case '[': {
        const std::size_t size = ascii_class(e.substr(i));
        if (size == 0) return false;
        i += size - 1;
        break;
      }
      case '.':
        if (!rest.starts_with('*')) return false;
        break;
      case '(':
        // Flags, names, verbs ...
        if (rest.starts_with('*') || (rest.starts_with('?') && !rest.starts_with("?:"))) {
          return false;
        }
        break;
      default:
        if (static_cast<unsigned char>(e[i]) >= 0x80) return false;
    }
  }
  return true;
}

std::string_view repaired(std::string_view text, std::string& room) {
  if (weir::utf8::valid(text)) return text;
  room.clear();
  weir::utf8::append_repaired(room, text);
  return room;
}

}  // namespace weir::nfa
