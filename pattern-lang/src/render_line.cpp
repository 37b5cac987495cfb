#include "render_line.hpp"

#include <algorithm>

#include "lexical_token.hpp"

namespace weir::lang {
namespace {

constexpr std::size_t kWidest = 160;
constexpr std::size_t kMostBytes = 4096;

/// Columns that a terminal gives to a code point: none to marks that combine, two to East Asian
/// wide ones and pictures (a short form of Unicode's EastAsianWidth.txt).
std::size_t width_of(char32_t c) {
  const auto in = [&](char32_t low, char32_t high) { return c >= low && c <= high; };
  if (in(0x300, 0x36f) || in(0x200b, 0x200f) || in(0xfe00, 0xfe0f) || c == 0xfeff) return 0;
  if (in(0x1100, 0x115f) || in(0x2e80, 0xa4cf) || in(0xac00, 0xd7a3) || in(0xf900, 0xfaff) ||
      in(0xfe30, 0xfe6f) || in(0xff00, 0xff60) || in(0xffe0, 0xffe6) || in(0x1f300, 0x1faff) ||
      in(0x20000, 0x3fffd)) {
    return 2;
  }
  return 1;
}

struct Shown {
  std::string text;
  std::size_t width = 0;
};

Shown show(const CodePoint& c, std::string_view bytes) {
  if (c.value == '\t') return {"    ", 4};
  Shown out;
  if (c.value < 0x20) {
    append_utf8(out.text, 0x2400 + c.value);
    out.width = 1;
  } else if (c.value == 0x7f) {
    append_utf8(out.text, 0x2421);
    out.width = 1;
  } else if (c.value >= 0x80 && (c.value < 0xa0 || (c.value >= 0x202a && c.value <= 0x202e) ||
                                 (c.value >= 0x2066 && c.value <= 0x2069) || c.value == 0xfffd)) {
    // Also what would turn the direction of writing, and so hide code.
    append_utf8(out.text, 0xfffd);
    out.width = 1;
  } else {
    out.text = bytes.substr(0, c.size);
    out.width = width_of(c.value);
  }
  return out;
}

}  // namespace

FileLines::FileLines(std::string_view text) : text_(text), begins_{0} {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool lone_return = text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
    if (text[i] == '\n' || lone_return) begins_.push_back(i + 1);
  }
}

std::size_t FileLines::line_of(std::size_t offset) const noexcept {
  const auto next = std::upper_bound(begins_.begin(), begins_.end(), offset);
  return static_cast<std::size_t>(next - begins_.begin()) - 1;
}

std::string_view FileLines::text(std::size_t line) const noexcept {
  const std::size_t end = line + 1 < begins_.size() ? begins_[line + 1] : text_.size();
  std::string_view out = text_.substr(begins_[line], end - begins_[line]);
  if (line + 1 < begins_.size()) {
    if (out.ends_with('\n')) out.remove_suffix(1);
    if (out.ends_with('\r')) out.remove_suffix(1);
  }
  return out;
}

std::string clean_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const CodePoint c = decode_utf8(text);
    out += show(c, text).text;
    text.remove_prefix(c.size);
  }
  return out;
}

ShownLine::ShownLine(std::string_view line, const std::vector<Mark>& marks) {
  struct Piece {
    std::size_t column;
    std::string text;
  };
  std::vector<Piece> pieces;
  std::size_t column = 0;
  // Of a line of many kilobytes only the surroundings of the first mark are looked at.
  std::size_t begin = 0;
  std::size_t end = line.size();
  if (line.size() > kMostBytes) {
    std::size_t from = marks.empty() ? 0 : line.size();
    for (const Mark& m : marks) from = std::min(from, m.begin);
    begin = from > kMostBytes / 4 ? from - kMostBytes / 4 : 0;
    end = std::min(begin + kMostBytes, line.size());
    const auto inside = [&](std::size_t at) {
      return at < line.size() && (static_cast<unsigned char>(line[at]) & 0xc0U) == 0x80U;
    };
    for (int i = 0; i < 3 && inside(begin); ++i) ++begin;
    for (int i = 0; i < 3 && inside(end); ++i) ++end;
  }
  const bool cut_before = begin > 0;
  const bool cut_after = end < line.size();
  skipped_ = begin;
  for (std::string_view rest = line.substr(begin, end - begin); !rest.empty();) {
    const CodePoint c = decode_utf8(rest);
    Shown shown = show(c, rest);
    columns_.insert(columns_.end(), c.size, column);
    pieces.push_back({column, std::move(shown.text)});
    column += shown.width;
    rest.remove_prefix(c.size);
  }
  columns_.push_back(column);
  last_ = column;
  if (column > kWidest) {
    // The marks, with some text around them; where they are too far apart, the first.
    std::size_t from = marks.empty() ? 0 : column;
    for (const Mark& m : marks) from = std::min(from, column_of(m.begin));
    constexpr std::size_t kBefore = 40;
    first_ = std::min(from > kBefore ? from - kBefore : 0, column - kWidest);
    last_ = first_ + kWidest;
  }
  if (first_ > 0 || cut_before) {
    text = "...";
    lead_ = 3;
  }
  for (const Piece& piece : pieces) {
    if (piece.column >= first_ && piece.column < last_) text += piece.text;
  }
  if (last_ < column || cut_after) text += "...";
}

std::size_t ShownLine::column_of(std::size_t byte) const noexcept {
  return columns_[std::min(byte - std::min(byte, skipped_), columns_.size() - 1)];
}

std::size_t ShownLine::column(std::size_t byte) const noexcept {
  return lead_ + std::clamp(column_of(byte), first_, last_) - first_;
}

std::vector<MarkRow> mark_rows(const ShownLine& line, std::vector<Mark> marks) {
  std::vector<MarkRow> rows;
  // Ends of spans of several lines get rows of their own.
  for (const Mark& m : marks) {
    if (!m.joins_bar) continue;
    MarkRow row;
    row.joins_bar = true;
    row.begin = line.column(m.begin);
    const std::string sign = m.primary ? "^" : "-";
    row.pieces.push_back({0, sign + (m.label.empty() ? "" : ' ' + m.label), m.primary});
    rows.push_back(std::move(row));
  }
  std::erase_if(marks, [](const Mark& m) { return m.joins_bar; });
  if (marks.empty()) return rows;
  std::stable_sort(marks.begin(), marks.end(),
                   [](const Mark& a, const Mark& b) { return a.begin < b.begin; });

  // The carets, all in one row; a primary one hides a secondary one that it overlaps.
  std::string signs;
  for (const bool primary : {false, true}) {
    for (const Mark& m : marks) {
      if (m.primary != primary) continue;
      const std::size_t begin = line.column(m.begin);
      const std::size_t end = std::max(line.column(m.end), begin + 1);
      if (signs.size() < end) signs.resize(end, ' ');
      std::fill(signs.begin() + static_cast<std::ptrdiff_t>(begin),
                signs.begin() + static_cast<std::ptrdiff_t>(end), primary ? '^' : '-');
    }
  }
  MarkRow carets;
  for (std::size_t i = 0; i < signs.size();) {
    const std::size_t begin = std::min(signs.find_first_not_of(' ', i), signs.size());
    const std::size_t end = std::min(signs.find_first_not_of(signs[begin], begin), signs.size());
    carets.pieces.push_back({begin - i, signs.substr(begin, end - begin), signs[begin] == '^'});
    i = end;
  }
  // The last label stands beside its carets, where nothing lies to the right of them.
  std::vector<const Mark*> hanging;
  for (const Mark& m : marks) {
    if (!m.label.empty()) hanging.push_back(&m);
  }
  if (!hanging.empty() && std::max(line.column(hanging.back()->end),
                                   line.column(hanging.back()->begin) + 1) >= signs.size()) {
    carets.pieces.push_back({1, hanging.back()->label, hanging.back()->primary});
    hanging.pop_back();
  }
  rows.push_back(std::move(carets));

  // The others hang below, the rightmost first, so that no label crosses a line.
  while (!hanging.empty()) {
    MarkRow bars;
    MarkRow label;
    std::size_t at = 0;
    for (std::size_t i = 0; i < hanging.size(); ++i) {
      const std::size_t column = line.column(hanging[i]->begin);
      if (i > 0 && column < at) continue;  // two labels of one place share a line
      bars.pieces.push_back({column - at, "|", hanging[i]->primary});
      if (i + 1 < hanging.size()) {
        label.pieces.push_back({column - at, "|", hanging[i]->primary});
      } else {
        label.pieces.push_back({column - at, hanging[i]->label, hanging[i]->primary});
      }
      at = column + 1;
    }
    const std::size_t last = line.column(hanging.back()->begin);
    // Two labels of one column: the bar of the first gave way, the text of the second is due.
    if (label.pieces.empty() || label.pieces.back().text == "|") {
      if (!label.pieces.empty()) label.pieces.pop_back();
      std::size_t used = 0;
      for (const MarkPiece& piece : label.pieces) used += piece.blanks + piece.text.size();
      label.pieces.push_back(
          {last - std::min(last, used), hanging.back()->label, hanging.back()->primary});
    }
    rows.push_back(std::move(bars));
    rows.push_back(std::move(label));
    hanging.pop_back();
  }
  return rows;
}

}  // namespace weir::lang
