#include "predicate_shape.hpp"

namespace weir::nfa {

LikeShape like_shape(std::string_view pattern) {
  LikeShape shape;
  bool front = false;  // `*` before the text
  bool back = false;   // `*` after it
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '?') return {};
    if (c == '*') {
      (shape.text.empty() ? front : back) = true;
      continue;
    }
    if (back) return {};  // text on both sides of a `*`
    const bool escaped = c == '\\' && i + 1 < pattern.size();
    shape.text += escaped ? pattern[++i] : c;
  }
  // `*` stops between code points only.
  if (front && !shape.text.empty() &&
      (static_cast<unsigned char>(shape.text[0]) & 0xC0U) == 0x80U) {
    return {};
  }
  if (front && shape.text.empty()) back = true;
  if (front) {
    shape.kind = back ? LikeShape::Kind::kContains : LikeShape::Kind::kEndswith;
  } else {
    shape.kind = back ? LikeShape::Kind::kStartswith : LikeShape::Kind::kEquals;
  }
  return shape;
}

}  // namespace weir::nfa
