#include "mask_json.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace weir::runtime {
namespace {

/// Codecs take no deeper records; should one come, what lies deeper is masked as one text.
constexpr int kMaxDepth = 1024;

void append_utf8(std::string& out, std::uint32_t c) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

/// The four hex digits at `at`, or 0xFFFF where there are none: no code point of a text.
std::uint32_t hex4(std::string_view s, std::size_t at) {
  std::uint32_t c = 0;
  if (at + 4 > s.size()) return 0xFFFF;
  const auto [end, error] = std::from_chars(s.data() + at, s.data() + at + 4, c, 16);
  return error == std::errc() && end == s.data() + at + 4 ? c : 0xFFFF;
}

/// Walks a record; either notes what its masked paths hold or writes it with them hidden.
class RecordWalk {
 public:
  RecordWalk(std::string_view record, const std::function<bool(std::string_view)>& masked,
             HiddenTexts& hidden, std::string* out)
      : in_(record), masked_(masked), hidden_(hidden), out_(out) {}

  /// False where the record is no JSON object.
  bool run() {
    if (in_.peek() != '{') return false;
    object({}, false, 0);
    return !in_.failed() && in_.peek() == '\0';
  }

 private:
  void write(std::string_view s) {
    if (out_ != nullptr) *out_ += s;
  }

  void value(const std::string& path, bool hide, int depth) {
    const char c = in_.peek();
    if (depth > kMaxDepth) {
      const std::string_view deep = in_.skip_value();
      if (out_ != nullptr) append_json_string(*out_, masked_text(deep));
    } else if (c == '{') {
      object(path, hide, depth);
    } else if (c == '[') {
      array(path, hide, depth);
    } else {
      scalar(c == '"' ? in_.string_token() : in_.scalar_token(), hide);
    }
  }

  void object(const std::string& path, bool hide, int depth) {
    in_.take('{');
    write("{");
    bool first = true;
    while (!in_.failed() && in_.peek() != '}') {
      if (!first) separator();
      first = false;
      const std::string_view name = in_.string_token();
      write(name);
      if (!in_.take(':')) return;
      write(":");
      const std::string text = unescape_json(name);
      const std::string inner = path.empty() ? text : path + "." + text;
      // Added by the engine: what kind of event it is and when is no field's value.
      const bool header = depth == 0 && (text == "type" || text == "ts") && !masked_(inner);
      if (header) {
        write(in_.skip_value());
      } else {
        value(inner, hide || masked_(inner), depth + 1);
      }
    }
    in_.take('}');
    write("}");
  }

  void array(const std::string& path, bool hide, int depth) {
    in_.take('[');
    write("[");
    bool first = true;
    while (!in_.failed() && in_.peek() != ']') {
      if (!first) separator();
      first = false;
      value(path, hide, depth + 1);
    }
    in_.take(']');
    write("]");
  }

  void separator() {
    in_.take(',');
    write(",");
  }

  void scalar(std::string_view token, bool hide) {
    if (in_.failed()) return;
    const bool string = token.front() == '"';
    if (hide && token != "null") {
      const std::string text = scalar_text(token);
      if (out_ == nullptr) {
        hidden_.add(text);
      } else {
        append_json_string(*out_, masked_text(text));
      }
      return;
    }
    if (out_ == nullptr) return;
    if (string && !hidden_.empty()) {
      const std::string text = unescape_json(token);
      const std::string shown = hidden_.hide_in(text);
      if (shown != text) return append_json_string(*out_, shown);
    }
    write(token);
  }

  JsonCursor in_;
  const std::function<bool(std::string_view)>& masked_;
  HiddenTexts& hidden_;
  std::string* out_;  // null: only note
};

}  // namespace

char JsonCursor::peek() noexcept {
  while (at_ < json_.size() &&
         (json_[at_] == ' ' || json_[at_] == '\t' || json_[at_] == '\n' || json_[at_] == '\r')) {
    ++at_;
  }
  return at_ < json_.size() ? json_[at_] : '\0';
}

bool JsonCursor::take(char c) noexcept {
  if (failed_ || peek() != c || at_ >= json_.size()) {
    failed_ = true;
    return false;
  }
  ++at_;
  return true;
}

std::string_view JsonCursor::string_token() noexcept {
  if (!take('"')) return {};
  const std::size_t start = at_ - 1;
  while (at_ < json_.size() && json_[at_] != '"') at_ += json_[at_] == '\\' ? 2U : 1U;
  if (at_ >= json_.size()) {
    failed_ = true;
    return {};
  }
  ++at_;
  return json_.substr(start, at_ - start);
}

std::string_view JsonCursor::scalar_token() noexcept {
  peek();
  const std::size_t start = at_;
  constexpr std::string_view kEnds = ",:]}[{\" \t\r\n";
  while (at_ < json_.size() && kEnds.find(json_[at_]) == std::string_view::npos) ++at_;
  if (at_ == start) failed_ = true;
  return json_.substr(start, at_ - start);
}

std::string_view JsonCursor::skip_value() {
  peek();
  const std::size_t start = at_;
  int depth = 0;
  do {
    const char c = peek();
    if (c == '"') {
      string_token();
    } else if (c == '{' || c == '[') {
      ++depth;
      ++at_;
    } else if (depth > 0 && (c == '}' || c == ']')) {
      --depth;
      ++at_;
    } else if (depth > 0 && (c == ',' || c == ':')) {
      ++at_;
    } else {
      scalar_token();
    }
  } while (depth > 0 && !failed_);
  return json_.substr(start, at_ - start);
}

std::string unescape_json(std::string_view token) {
  std::string out;
  if (token.size() < 2) return out;
  const std::string_view s = token.substr(1, token.size() - 2);
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] != '\\' || i + 1 == s.size()) {
      out += s[i];
      continue;
    }
    constexpr std::string_view kFrom = "bfnrt";
    constexpr std::string_view kTo = "\b\f\n\r\t";
    const char c = s[++i];
    if (c == 'u') {
      std::uint32_t code = hex4(s, i + 1);
      i += 4;
      if (code >= 0xD800 && code < 0xDC00 && s.substr(std::min(i + 1, s.size()), 2) == "\\u") {
        const std::uint32_t low = hex4(s, i + 3);
        if (low >= 0xDC00 && low < 0xE000) {
          code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
          i += 6;
        }
      }
      append_utf8(out, code >= 0xD800 && code < 0xE000 ? 0xFFFD : code);
    } else if (const std::size_t at = kFrom.find(c); at != std::string_view::npos) {
      out += kTo[at];
    } else {
      out += c;
    }
  }
  return out;
}

std::string scalar_text(std::string_view token) {
  if (token.empty()) return {};
  if (token.front() == '"') return unescape_json(token);
  const char* const end = token.data() + token.size();
  std::int64_t integer = 0;
  if (const auto r = std::from_chars(token.data(), end, integer);
      r.ec == std::errc() && r.ptr == end) {
    return to_text(Value::integer(integer));
  }
  double real = 0;
  if (const auto r = std::from_chars(token.data(), end, real);
      r.ec == std::errc() && r.ptr == end) {
    return to_text(Value::real(real));
  }
  return std::string(token);
}

void for_each_member(std::string_view object,
                     const std::function<void(std::string_view, std::string_view)>& member) {
  JsonCursor in(object);
  in.take('{');
  while (!in.failed() && in.peek() != '}') {
    const std::string name = unescape_json(in.string_token());
    in.take(':');
    const std::string_view value = in.skip_value();
    if (in.failed()) return;
    member(name, value);
    if (in.peek() != '}') in.take(',');
  }
}

void append_masked_record(std::string& out, std::string_view record,
                          const std::function<bool(std::string_view)>& masked,
                          HiddenTexts repeated) {
  // Twice over: a string may repeat what stands masked after it.
  std::string shown;
  if (RecordWalk(record, masked, repeated, nullptr).run() &&
      RecordWalk(record, masked, repeated, &shown).run()) {
    out += shown;
  } else {
    append_json_string(out, masked_text(record));
  }
}

}  // namespace weir::runtime
