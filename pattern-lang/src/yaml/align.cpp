#include "yaml/align.hpp"

#include <algorithm>

namespace weir::lang::yaml {
namespace {

bool blank(char c) noexcept {
  return c == ' ' || c == '\t';
}

class Walker {
 public:
  Walker(std::string_view text, std::string_view value, Alignment& out)
      : text_(text), value_(value), out_(out), at_(out.begin) {}

  void plain() {
    if (text_.substr(at_).starts_with(value_) && value_.find('\n') == std::string_view::npos) {
      out_.body = at_;
      out_.end = at_ + static_cast<std::uint32_t>(value_.size());
      return;
    }
    ok_ = walk_flow('\0');
    finish(at_);
  }

  void quoted(char quote) {
    ++at_;
    const std::string_view rest = text_.substr(at_);
    // No escapes and one line: the value stands there as it is.
    if (rest.starts_with(value_) && rest.size() > value_.size() && rest[value_.size()] == quote &&
        value_.find_first_of(quote == '"' ? "\n\\" : "\n'") == std::string_view::npos) {
      out_.body = at_;
      out_.end = at_ + static_cast<std::uint32_t>(value_.size()) + 1;
      return;
    }
    ok_ = walk_flow(quote);
    while (at_ < text_.size() && text_[at_] != quote)
      at_ += text_[at_] == '\\' && quote == '"' ? 2 : 1;
    out_.closed = at_ < size();
    finish(std::min(at_ + 1, size()));
  }

  void literal() {
    skip_header();
    std::size_t v = 0;
    while (v < value_.size()) {
      const std::size_t stop = std::min(value_.find('\n', v), value_.size());
      const std::uint32_t line_end = end_of_line(at_);
      const std::size_t length = stop - v;
      const std::size_t start = line_end - length;
      ok_ = ok_ && length <= line_end - at_ && (length == 0 || matches(start, v, length));
      if (!ok_) break;
      for (std::size_t i = 0; i < length; ++i) push(start + i);
      if (stop < value_.size()) push(line_end);
      at_ = std::min(line_end + 1, size());
      v = stop + 1;
    }
    finish(at_);
  }

  void folded() {
    skip_header();
    const std::size_t indent = folded_indent();
    std::size_t v = 0;
    while (v < value_.size() && ok_) {
      const std::uint32_t line_end = end_of_line(at_);
      if (value_[v] == '\n') {  // an empty line, or a break that is kept
        push(line_end);
        ++v;
        at_ = std::min(line_end + 1, size());
        continue;
      }
      if (blank_line(at_, line_end) && line_end < size()) {  // its break was folded away
        at_ = line_end + 1;
        continue;
      }
      const std::size_t start = std::min<std::size_t>(at_ + indent, line_end);
      const std::size_t length = line_end - start;
      ok_ = length > 0 && v + length <= value_.size() && matches(start, v, length);
      if (!ok_) break;
      for (std::size_t i = 0; i < length; ++i) push(start + i);
      v += length;
      if (v < value_.size()) {
        ok_ = value_[v] == ' ' || value_[v] == '\n';
        push(line_end);
        ++v;
      }
      at_ = std::min(line_end + 1, size());
    }
    finish(at_);
  }

 private:
  std::uint32_t size() const { return static_cast<std::uint32_t>(text_.size()); }
  void push(std::size_t offset) { out_.map.push_back(static_cast<std::uint32_t>(offset)); }

  bool matches(std::size_t start, std::size_t v, std::size_t length) const {
    return text_.substr(start, length) == value_.substr(v, length);
  }

  std::uint32_t end_of_line(std::uint32_t from) const {
    return static_cast<std::uint32_t>(std::min(text_.find('\n', from), text_.size()));
  }

  bool blank_line(std::uint32_t from, std::uint32_t to) const {
    return std::all_of(text_.begin() + from, text_.begin() + to, blank);
  }

  // The line with | or >, its indicators and its comment.
  void skip_header() { at_ = std::min(end_of_line(at_) + 1, size()); }

  // How far a folded block is indented: its first line that is not blank, less the blanks that the
  // value shows there.
  std::size_t folded_indent() const {
    const std::size_t in_value = std::min(value_.find_first_not_of('\n'), value_.size());
    std::size_t shown = 0;
    while (in_value + shown < value_.size() && value_[in_value + shown] == ' ') ++shown;
    for (std::uint32_t line = at_; line < size();) {
      const std::uint32_t line_end = end_of_line(line);
      if (!blank_line(line, line_end)) {
        std::size_t blanks = 0;
        while (text_[line + blanks] == ' ') ++blanks;
        return blanks - std::min(shown, blanks);
      }
      line = line_end + 1;
    }
    return 0;
  }

  // Plain and quoted scalars: line breaks fold, quotes have escapes. `quote` is 0 for plain ones.
  bool walk_flow(char quote) {
    std::size_t v = 0;
    while (v < value_.size()) {
      if (at_ >= size()) return false;
      const char c = text_[at_];
      if (blank(c) || c == '\n') {
        const std::uint32_t run_end = end_of_blanks();
        if (text_.substr(at_, run_end - at_).find('\n') != std::string_view::npos) {
          v = fold(v, run_end, false);
          continue;
        }
      }
      if (quote == '\'' && c == '\'') {
        if (value_[v] != '\'') return false;
        push(at_);
        at_ += 2;
        ++v;
        continue;
      }
      if (quote == '"' && c == '\\') {
        if (!escape(v)) return false;
        continue;
      }
      if (c != value_[v]) return false;
      push(at_++);
      ++v;
    }
    return true;
  }

  std::uint32_t end_of_blanks() const {
    std::uint32_t end = at_;
    while (end < size() && (blank(text_[end]) || text_[end] == '\n')) ++end;
    return end;
  }

  // One break is a blank in the value (none after a backslash), n breaks are n - 1 line feeds.
  std::size_t fold(std::size_t v, std::uint32_t run_end, bool escaped) {
    bool first = true;
    for (std::uint32_t i = at_; i < run_end; ++i) {
      if (text_[i] != '\n') continue;
      if (first) {
        first = false;
        if (!escaped && v < value_.size() && value_[v] == ' ') {
          push(i);
          ++v;
        }
        continue;
      }
      if (v < value_.size() && value_[v] == '\n') {
        push(i);
        ++v;
      }
    }
    at_ = run_end;
    return v;
  }

  bool escape(std::size_t& v) {
    const std::uint32_t start = at_;
    if (at_ + 1 >= size()) return false;
    const char kind = text_[at_ + 1];
    if (kind == '\n') {
      ++at_;
      v = fold(v, end_of_blanks(), true);
      return true;
    }
    const std::uint32_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
    std::size_t produced = 1;
    if (digits > 0) {
      std::uint32_t code = 0;
      for (std::uint32_t i = 0; i < digits && start + 2 + i < size(); ++i) {
        const char h = text_[start + 2 + i];
        const int digit = h <= '9' ? h - '0' : (h | 0x20) - 'a' + 10;
        code = code * 16 + (static_cast<std::uint32_t>(digit) & 15U);
      }
      produced = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    } else if (kind == 'L' || kind == 'P') {
      produced = 3;
    }
    for (std::size_t i = 0; i < produced && v < value_.size(); ++i, ++v) push(start);
    at_ = start + 2 + digits;
    return true;
  }

  void finish(std::uint32_t end) {
    if (!ok_ || out_.map.size() != value_.size()) {
      out_.exact = false;
      out_.map.assign(value_.size(), out_.begin);
    }
    out_.body = out_.map.empty() ? at_ : out_.map.front();
    out_.end = std::max(end, out_.begin);
    const std::uint32_t last = out_.map.empty() ? out_.body : out_.map.back() + 1;
    out_.map.push_back(std::min(last, size()));
  }

  std::string_view text_;
  std::string_view value_;
  Alignment& out_;
  std::uint32_t at_;
  bool ok_ = true;
};

}  // namespace

std::uint32_t skip_properties(std::string_view text, std::uint32_t at) noexcept {
  const auto size = static_cast<std::uint32_t>(text.size());
  while (at < size && (text[at] == '!' || text[at] == '&')) {
    while (at < size && !blank(text[at]) && text[at] != '\n') ++at;
    while (at < size && (blank(text[at]) || text[at] == '\n' || text[at] == '#')) {
      if (text[at] != '#') {
        ++at;
        continue;
      }
      while (at < size && text[at] != '\n') ++at;
    }
  }
  return at;
}

Alignment align_scalar(std::string_view text, std::uint32_t mark, std::string_view value) {
  Alignment out;
  out.begin = skip_properties(text, std::min(mark, static_cast<std::uint32_t>(text.size())));
  Walker walker(text, value, out);
  switch (out.begin < text.size() ? text[out.begin] : '\0') {
    case '\'':
      out.style = Style::kSingleQuoted;
      walker.quoted('\'');
      break;
    case '"':
      out.style = Style::kDoubleQuoted;
      walker.quoted('"');
      break;
    case '|':
      out.style = Style::kLiteral;
      walker.literal();
      break;
    case '>':
      out.style = Style::kFolded;
      walker.folded();
      break;
    default:
      walker.plain();
      break;
  }
  return out;
}

}  // namespace weir::lang::yaml
