#include "weir/pattern-lang/source.hpp"

#include <algorithm>
#include <utility>

namespace weir::lang {

std::uint32_t Snippet::file_position(std::uint32_t offset) const noexcept {
  if (to_file.empty()) {
    return file_offset + std::min(offset, static_cast<std::uint32_t>(text.size()));
  }
  return to_file[std::min<std::size_t>(offset, to_file.size() - 1)];
}

SnippetPtr make_snippet(std::string path, std::string text) {
  auto file = std::make_shared<SourceFile>();
  file->path = std::move(path);
  file->text = std::move(text);
  auto snippet = std::make_shared<Snippet>();
  snippet->text = file->text;
  snippet->file = std::move(file);
  return snippet;
}

LineColumn line_column(std::string_view text, std::uint32_t offset) noexcept {
  const std::size_t end = std::min<std::size_t>(offset, text.size());
  LineColumn at;
  for (std::size_t i = 0; i < end; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // A carriage return ends a line unless a line feed, which then does, follows.
    const bool lone_return = byte == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
    if (byte == '\n' || lone_return) {
      ++at.line;
      at.column = 1;
    } else if ((byte & 0xc0U) != 0x80U) {
      ++at.column;
    }
  }
  return at;
}

}  // namespace weir::lang
