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
  const bool utf8 = weir::utf8::valid(expression);
  HsPattern pattern{std::string(expression), HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY};
  if (utf8) pattern.flags |= HS_FLAG_UTF8;
  if (ignore_case) pattern.flags |= HS_FLAG_CASELESS;
  std::string failure;
  if (!hs_accepts(pattern, failure)) {
    error = reason(std::move(failure));
    return nullptr;
  }
  return std::unique_ptr<Regex>(new Regex(std::move(pattern), ignore_case, utf8));
}

bool Regex::found_in(std::string_view text) const {
  std::call_once(compiled_, [this] {
    std::string error;
    database_ = HsDatabase::compile({&pattern_, 1}, error);
  });
  if (!database_) return false;  // no memory for it
  std::string room;
  // What Hyperscan finds in text that is no UTF-8 is undefined under HS_FLAG_UTF8.
  if (utf8_) text = repaired(text, room);
  bool found = false;
  database_->scan(text, on_match, &found);
  return found;
}

std::string_view repaired(std::string_view text, std::string& room) {
  if (weir::utf8::valid(text)) return text;
  room.clear();
  weir::utf8::append_repaired(room, text);
  return room;
}

}  // namespace weir::nfa
