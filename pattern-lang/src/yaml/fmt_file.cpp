// Formatting a file: read it, lay out its pieces, clean up what is between them, check the result.
#include "weir/pattern-lang/fmt_file.hpp"

#include <algorithm>
#include <memory>

#include "weir/pattern-lang/rule_file.hpp"
#include "yaml/document_reader.hpp"
#include "yaml/layout.hpp"

namespace weir::lang {
namespace {

using yaml::Embedded;
using yaml::Piece;
using yaml::SourceReader;
using yaml::Tree;

// Text between pieces: no blanks at the ends of its lines. Its last line goes on in the next piece.
void append_stripped(std::string& out, std::string_view gap) {
  while (!gap.empty()) {
    const std::size_t end = gap.find('\n');
    if (end == std::string_view::npos) {
      out.append(gap);
      return;
    }
    std::string_view line = gap.substr(0, end);
    while (line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
    out.append(line) += '\n';
    gap.remove_prefix(end + 1);
  }
}

std::string assemble(std::string_view clean, const std::vector<Piece>& pieces) {
  std::string out;
  out.reserve(clean.size() + clean.size() / 8);
  std::size_t at = 0;
  for (const Piece& piece : pieces) {
    if (piece.begin < at) continue;
    append_stripped(out, clean.substr(at, piece.begin - at));
    out.append(piece.text);
    at = piece.end;
  }
  // Blank lines at the end of the file go, unless a block scalar holds them.
  std::string rest;
  append_stripped(rest, clean.substr(std::min(at, clean.size())));
  while (rest.ends_with(' ') || rest.ends_with('\t') || rest.ends_with('\n')) rest.pop_back();
  out.append(rest);
  if (!out.empty() && !out.ends_with('\n')) out += '\n';
  return out;
}

std::string with_crlf(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 16);
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

struct Formatted {
  std::string text;
  std::string dump;
};

// Nothing where the file has errors.
std::optional<Formatted> format_once(std::shared_ptr<const SourceFile> file,
                                     Diagnostics& diagnostics) {
  std::vector<Embedded> embedded;
  std::vector<Piece> pieces;
  Diagnostics found;
  const auto before = [&](const Tree&, SourceReader& source) {
    embedded.clear();
    source.embedded = &embedded;
  };
  const auto after = [&](const Tree& tree, SourceReader& source) {
    std::vector<Piece> more = yaml::layout(source.clean(), tree, embedded);
    std::move(more.begin(), more.end(), std::back_inserter(pieces));
  };
  const auto documents = yaml::read_documents(file, found, before, after);
  for (const Diagnostic& d : found.sorted()) diagnostics.add(d);
  if (found.has_errors()) return std::nullopt;

  // Read without errors above, so that the text is clean.
  Diagnostics none;
  const auto clean = yaml::CleanText::make(yaml::whole_file(file), none);
  if (!clean) return std::nullopt;
  Formatted out;
  const std::string body = assemble(clean->text(), pieces);
  out.text = file->text.substr(0, clean->bom()) + (clean->all_crlf() ? with_crlf(body) : body);
  for (const RuleDocument& document : documents) out.dump += dump(document) + "---\n";
  return out;
}

std::string dump_of(const std::string& path, const std::string& text, Diagnostics& diagnostics) {
  auto file = std::make_shared<SourceFile>();
  file->path = path;
  file->text = text;
  std::string out;
  for (const RuleDocument& document : read_rule_file(std::move(file), diagnostics)) {
    out += dump(document) + "---\n";
  }
  return out;
}

}  // namespace

std::optional<std::string> format_rule_file(const SourceFile& file, Diagnostics& diagnostics) {
  auto copy = std::make_shared<SourceFile>(file);
  // A block at the end of the file gets the line feed that its value would have had.
  const bool unfinished = !copy->text.empty() && !copy->text.ends_with('\n');
  if (unfinished) copy->text += copy->text.find("\r\n") != std::string::npos ? "\r\n" : "\n";
  const auto formatted = format_once(copy, diagnostics);
  if (!formatted) return std::nullopt;
  Diagnostics again;
  if (dump_of(file.path, formatted->text, again) == formatted->dump && !again.has_errors()) {
    return formatted->text;
  }
  Diagnostic& d = diagnostics.report(Code::E0299, {yaml::whole_file(copy), {0, 0}},
                                     "formatting this file would change what it says");
  d.help = "the file is left as it is; please report this";
  return file.text;
}

}  // namespace weir::lang
