#include "yaml/layout.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace weir::lang::yaml {
namespace {

bool block_style(const Node& node) {
  return node.kind == Kind::kScalar &&
         (node.at.style == Style::kLiteral || node.at.style == Style::kFolded);
}

std::size_t column_of(std::string_view text, std::uint32_t at) {
  const std::size_t line = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return line == std::string_view::npos ? at : at - line - 1;
}

// A `#` outside strings: a comment, or a regular expression with a # in it, which is treated as
// one.
bool may_have_comment(std::string_view text) {
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (in_string && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      in_string = !in_string;
    } else if (text[i] == '#' && !in_string) {
      return true;
    }
  }
  return false;
}

// Reads back as the same text without quotes (YAML 1.2, 7.3.3; yaml-cpp also ends one at `?` in
// braces).
bool plain_safe(std::string_view text, bool flow) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
    return false;
  if (std::string_view("-?:,[]{}#&*!|>'\"%@` =").find(text.front()) != std::string_view::npos)
    return false;
  if (text.back() == ':' || text.back() == ' ') return false;
  if (text.find_first_of("\n\t") != std::string_view::npos) return false;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos) {
    return false;
  }
  return !flow || (text.find_first_of(",[]{}?") == std::string_view::npos &&
                   text.find(':') == std::string_view::npos);
}

std::string single_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
  return out + "'";
}

std::string double_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

void append_indented(std::string& out, std::string_view text, std::size_t indent) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) out.append(indent, ' ').append(text.substr(0, end));
    out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

class Layout {
 public:
  Layout(std::string_view clean, const Tree& tree, const std::vector<Embedded>& embedded)
      : clean_(clean) {
    for (const Node& node : tree.nodes) {
      // An alias may repeat a value under other keys: its own is the first.
      for (const Entry& entry : node.entries) keys_.try_emplace(entry.value, entry.key);
    }
    for (const Embedded& item : embedded) {
      // A node that an alias repeats may be a pattern in one place and something else in another.
      const auto [at, fresh] = embedded_.try_emplace(item.node, &item);
      if (!fresh && at->second != nullptr && at->second->one_line != item.one_line)
        at->second = nullptr;
    }
  }

  std::optional<Piece> piece(const Node& node) const {
    if (node.kind != Kind::kScalar || !node.at.exact) return std::nullopt;
    const auto found = embedded_.find(&node);
    const Embedded* code = found == embedded_.end() ? nullptr : found->second;
    if (code != nullptr && may_have_comment(node.value)) code = nullptr;
    if (block_style(node)) return block(node, code);
    if (code != nullptr) return in_line(node, *code);
    if (node.at.style == Style::kPlain) return std::nullopt;
    return as_it_is(node);
  }

 private:
  Piece as_it_is(const Node& node) const {
    return {node.at.begin, node.at.end,
            std::string(clean_.substr(node.at.begin, node.at.end - node.at.begin))};
  }

  // Two more than the key, or the dash, that the scalar hangs on.
  std::optional<std::size_t> wanted_indent(const Node& node) const {
    if (node.parent == nullptr || node.parent->flow) return std::nullopt;
    if (node.parent->kind == Kind::kList) return column_of(clean_, node.parent->at.begin) + 2;
    const auto key = keys_.find(&node);
    if (key == keys_.end()) return std::nullopt;
    return column_of(clean_, key->second->at.begin) + 2;
  }

  Piece block(const Node& node, const Embedded* code) const {
    const Piece whole = as_it_is(node);
    const std::size_t header_end = std::min(whole.text.find('\n'), whole.text.size());
    std::string header = whole.text.substr(0, header_end);
    const std::size_t indicators = std::min(header.find_first_of(" \t#"), header.size());
    const bool indicated =
        header.substr(0, indicators).find_first_of("123456789") != std::string::npos;
    const auto indent = wanted_indent(node);
    if (indicated || !indent || header_end == whole.text.size()) return whole;
    while (header.ends_with(' ') || header.ends_with('\t')) header.pop_back();
    Piece out{node.at.begin, node.at.end, header + "\n"};
    if (code == nullptr) {
      reindent(out.text, std::string_view(whole.text).substr(header_end + 1), *indent);
      return out;
    }
    append_indented(out.text, code->wrapped, *indent);
    // `|+` keeps empty lines; so does the file.
    const std::size_t last = std::min(node.value.find_last_not_of('\n'), node.value.size() - 1);
    for (std::size_t i = last + 2; i < node.value.size(); ++i) out.text += '\n';
    return out;
  }

  static void reindent(std::string& out, std::string_view body, std::size_t indent) {
    const std::size_t first = std::min(body.find_first_not_of(" \n"), body.size());
    const std::size_t line = first == 0 ? std::string_view::npos : body.rfind('\n', first - 1);
    const std::size_t old = line == std::string_view::npos ? first : first - line - 1;
    while (!body.empty()) {
      const std::size_t end = std::min(body.find('\n'), body.size());
      // What is left of a line of blanks is content.
      if (end > old) out.append(indent, ' ').append(body.substr(old, end - old));
      if (end < body.size()) out += '\n';
      body.remove_prefix(std::min(end + 1, body.size()));
    }
  }

  Piece in_line(const Node& node, const Embedded& code) const {
    Piece out = as_it_is(node);
    if (code.one_line.find('\n') != std::string::npos) return out;
    const bool flow = node.parent != nullptr && node.parent->flow;
    if (code.pattern && !flow && too_long(node, code)) {
      if (const auto indent = wanted_indent(node); indent && ends_line(node)) {
        out.text = "|\n";
        append_indented(out.text, code.wrapped, *indent);
        out.text.pop_back();  // the line feed after it is there
        return out;
      }
    }
    switch (node.at.style) {
      case Style::kDoubleQuoted:
        out.text = double_quoted(code.one_line);
        break;
      case Style::kSingleQuoted:
        out.text = single_quoted(code.one_line);
        break;
      default:
        out.text = plain_safe(code.one_line, flow) ? code.one_line : single_quoted(code.one_line);
        break;
    }
    return out;
  }

  bool too_long(const Node& node, const Embedded& code) const {
    return code.wrapped.find('\n') != std::string::npos &&
           column_of(clean_, node.at.begin) + code.one_line.size() > kFormatWidth;
  }

  // Nothing but blanks between the scalar and the end of its line, and its key stands on that line.
  bool ends_line(const Node& node) const {
    const std::size_t next = clean_.find_first_not_of(" \t", node.at.end);
    if (next != std::string_view::npos && clean_[next] != '\n') return false;
    const std::size_t line = node.at.begin - column_of(clean_, node.at.begin);
    return clean_.find_first_not_of(" \t", line) < node.at.begin;
  }

  std::string_view clean_;
  std::unordered_map<const Node*, const Embedded*> embedded_;
  std::unordered_map<const Node*, const Node*> keys_;
};

}  // namespace

std::vector<Piece> layout(std::string_view clean, const Tree& tree,
                          const std::vector<Embedded>& embedded) {
  const Layout layout(clean, tree, embedded);
  std::vector<Piece> out;
  for (const Node& node : tree.nodes) {
    if (auto piece = layout.piece(node)) out.push_back(std::move(*piece));
  }
  std::sort(out.begin(), out.end(),
            [](const Piece& a, const Piece& b) { return a.begin < b.begin; });
  return out;
}

}  // namespace weir::lang::yaml
