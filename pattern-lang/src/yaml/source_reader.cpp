#include "yaml/source_reader.hpp"

#include <algorithm>

namespace weir::lang::yaml {

SnippetPtr whole_file(std::shared_ptr<const SourceFile> file) {
  auto snippet = std::make_shared<Snippet>();
  snippet->text = file->text;
  snippet->file = std::move(file);
  return snippet;
}

Place SourceReader::place(std::uint32_t begin, std::uint32_t end) const {
  return {whole_, {clean_.to_file(begin), clean_.to_file(end)}};
}

Place SourceReader::place(const Node& node) const {
  std::uint32_t end = node.at.end;
  if (node.at.style == Style::kLiteral || node.at.style == Style::kFolded) {
    const std::size_t line_end = clean().find('\n', node.at.begin);
    end = static_cast<std::uint32_t>(std::min<std::size_t>(line_end, end));
  }
  return place(node.at.begin, end);
}

std::string_view SourceReader::written(const Node& node) const {
  return clean().substr(node.at.begin, node.at.end - node.at.begin);
}

SnippetPtr SourceReader::snippet(const Node& node, std::string what) const {
  auto out = std::make_shared<Snippet>();
  out->file = file_;
  out->text = node.value;
  out->what = std::move(what);
  out->file_offset = clean_.to_file(node.at.body);
  out->to_file.reserve(node.at.map.size());
  for (const std::uint32_t offset : node.at.map) out->to_file.push_back(clean_.to_file(offset));
  return out;
}

SnippetPtr SourceReader::part(const SnippetPtr& outer, std::uint32_t begin, std::uint32_t end,
                              std::string what) {
  auto out = std::make_shared<Snippet>();
  out->file = outer->file;
  out->text = outer->text.substr(begin, end - begin);
  out->what = std::move(what);
  out->file_offset = outer->file_position(begin);
  if (!outer->to_file.empty()) {
    out->to_file.assign(outer->to_file.begin() + begin, outer->to_file.begin() + end + 1);
  }
  return out;
}

Text SourceReader::text(const Node& node) const {
  Text out;
  out.value = node.value;
  out.place = {snippet(node), {0, static_cast<std::uint32_t>(node.value.size())}};
  return out;
}

}  // namespace weir::lang::yaml
