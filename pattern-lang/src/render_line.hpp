// One line of a file as diagnostics show it, and the carets below it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::lang {

/// The lines of a text: ended by "\n", "\r\n" or a "\r" alone.
class FileLines {
 public:
  explicit FileLines(std::string_view text);
  /// 0-based; the end of the text lies on the last line.
  std::size_t line_of(std::size_t offset) const noexcept;
  std::size_t begin(std::size_t line) const noexcept { return begins_[line]; }
  /// Without what ends it.
  std::string_view text(std::size_t line) const noexcept;

 private:
  std::string_view text_;
  std::vector<std::size_t> begins_;
};

/// A span on one line: bytes of the line, and what is said about it.
struct Mark {
  std::size_t begin;
  std::size_t end;
  std::string label;
  bool primary;
  bool joins_bar;  // an end of a span of several lines: a line leads to it from the margin
};

/// Four blanks for a tab, pictures for control characters, U+FFFD for bytes that are no UTF-8.
std::string clean_text(std::string_view text);

/// The line as shown: at most 160 columns, cut around the marks.
struct ShownLine {
  ShownLine(std::string_view line, const std::vector<Mark>& marks);
  /// The column in which the byte is shown.
  std::size_t column(std::size_t byte) const noexcept;
  std::string text;

 private:
  std::size_t column_of(std::size_t byte) const noexcept;

  std::size_t skipped_ = 0;           // bytes before those that are looked at
  std::vector<std::size_t> columns_;  // for each byte that is, and one past them
  std::size_t first_ = 0;             // the column that is shown first
  std::size_t last_ = 0;              // the first that is not
  std::size_t lead_ = 0;              // columns of "..." before it
};

struct MarkPiece {
  std::size_t blanks;
  std::string text;
  bool primary;
};
/// A row under the line.
struct MarkRow {
  std::size_t begin = 0;
  bool joins_bar = false;
  std::vector<MarkPiece> pieces;
};
std::vector<MarkRow> mark_rows(const ShownLine& line, std::vector<Mark> marks);

}  // namespace weir::lang
