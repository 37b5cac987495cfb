// Texts that people wrote, and places in them. Every node of an AST has a Span; every diagnostic a
// Place, which leads from the pattern text to file, line and column of the YAML around it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weir::lang {

/// Bytes [begin, end) of a snippet's text.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  friend bool operator==(Span, Span) = default;
};

/// A whole file as read.
struct SourceFile {
  std::string path;  // as the user named it
  std::string text;
};

/// A piece of a file that has a grammar of its own: a pattern, an expression, a scalar; or the whole
/// file. Immutable, shared by all nodes parsed from it.
struct Snippet {
  std::shared_ptr<const SourceFile> file;
  std::string text;
  /// For each byte of `text`, and one past it, its byte offset in `file->text`: block scalars lose
  /// their indentation, quoted ones their escapes. Empty: `text` is the file from `file_offset` on.
  std::vector<std::uint32_t> to_file;
  std::uint32_t file_offset = 0;
  /// What the snippet is, for people: "pattern of rule `card-testing`"; may be empty.
  std::string what;

  std::uint32_t file_position(std::uint32_t offset) const noexcept;
};
using SnippetPtr = std::shared_ptr<const Snippet>;

/// A snippet that is a file (or a text without one: `path` then is a name such as "<pattern>").
SnippetPtr make_snippet(std::string path, std::string text);

struct Place {
  SnippetPtr snippet;
  Span span;
};

/// 1-based; columns count code points.
struct LineColumn {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};
LineColumn line_column(std::string_view text, std::uint32_t offset) noexcept;

}  // namespace weir::lang
