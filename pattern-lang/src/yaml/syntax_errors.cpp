#include "yaml/syntax_errors.hpp"

#include <yaml-cpp/exceptions.h>

#include <algorithm>
#include <optional>

namespace weir::lang::yaml {
namespace {

struct Line {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

Line line_at(std::string_view text, std::uint32_t at) {
  Line line;
  const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  line.begin = before == std::string_view::npos ? 0 : static_cast<std::uint32_t>(before + 1);
  line.end = static_cast<std::uint32_t>(std::min(text.find('\n', at), text.size()));
  return line;
}

// The tab that a line is indented with, if any.
std::optional<std::uint32_t> indentation_tab(std::string_view text, Line line) {
  const std::size_t first = text.find_first_not_of(" \t", line.begin);
  const std::size_t tab = text.find('\t', line.begin);
  if (tab < std::min<std::size_t>(first, line.end)) return static_cast<std::uint32_t>(tab);
  return std::nullopt;
}

// yaml-cpp notices a tab only when what follows it makes no sense: look around the place.
std::optional<std::uint32_t> nearby_tab(std::string_view text, std::uint32_t at) {
  const Line here = line_at(text, at);
  if (auto tab = indentation_tab(text, here)) return tab;
  if (here.begin > 0) {
    if (auto tab = indentation_tab(text, line_at(text, here.begin - 1))) return tab;
  }
  if (here.end + 1 < text.size()) return indentation_tab(text, line_at(text, here.end + 1));
  return std::nullopt;
}

// The quote that was never closed: the first after the last node that was read.
std::uint32_t opening_quote(std::string_view text, std::uint32_t last, std::uint32_t at) {
  for (std::uint32_t i = last; i < at && i < text.size(); ++i) {
    const bool at_start =
        i == 0 || std::string_view(" \t\n[{,:").find(text[i - 1]) != std::string_view::npos;
    if (at_start && (text[i] == '"' || text[i] == '\'')) return i;
  }
  return at;
}

constexpr std::string_view kBraces =
    "between braces `,`, `?`, `[`, `]`, `{` and `}` end a value: put the value in quotes, or on a "
    "line "
    "of its own";

bool in_braces(std::string_view text, std::uint32_t at) {
  const Line line = line_at(text, at);
  const std::string_view before = text.substr(line.begin, at - line.begin);
  return before.find('{') != std::string_view::npos || before.find('[') != std::string_view::npos;
}

struct Words {
  std::string message;
  std::string help;
};

Words unknown_token(char c) {
  const std::string shown(1, c);
  if (c == '\t') return {"a tab where YAML wants blanks", "indent with blanks"};
  return {"a value cannot begin with `" + shown + "` in YAML", "put the value in quotes"};
}

Words words_for(std::string_view m, std::string_view text, std::uint32_t at) {
  namespace E = YAML::ErrorMsg;
  const char here = at < text.size() ? text[at] : '\0';
  const auto is = [&](std::string_view known) { return m.starts_with(known); };
  if (is(E::END_OF_MAP_FLOW)) return {"`{` is not closed here", std::string(kBraces)};
  if (is(E::END_OF_SEQ_FLOW)) return {"`[` is not closed here", std::string(kBraces)};
  if (is(E::FLOW_END)) return {"a closing bracket that nothing opened", std::string(kBraces)};
  if (is(E::END_OF_MAP)) {
    return {"this is no `key: value` of the mapping around it",
            "check its indentation, the `:` after the key, and quotes that end too early"};
  }
  if (is(E::END_OF_SEQ)) {
    return {"this is no `- item` of the list around it", "check its indentation"};
  }
  if (is(E::MAP_VALUE)) {
    return {"a `:` where YAML expects no key",
            "put a value that has `: ` in it in quotes; check the indentation of keys"};
  }
  if (is(E::MAP_KEY)) return {"a key where YAML expects none", "check the indentation"};
  if (is(E::BLOCK_ENTRY)) {
    return {"a `- ` where YAML expects no list item", "begin the list on a line of its own"};
  }
  if (is(E::ALIAS_NOT_FOUND) || is(E::CHAR_IN_ALIAS)) {
    return {"`*` begins an alias in YAML", "put the value in quotes: \"*\""};
  }
  if (is(E::UNKNOWN_ANCHOR)) {
    return {"`*` begins an alias in YAML, and nothing has this name",
            "put a value that begins with `*` in quotes"};
  }
  if (is(E::ANCHOR_NOT_FOUND) || is(E::CHAR_IN_ANCHOR)) {
    return {"`&` begins an anchor in YAML", "put a value that begins with `&` in quotes"};
  }
  if (is(E::INVALID_ESCAPE)) {
    return {"between double quotes this backslash begins no escape that YAML knows",
            "write it between single quotes, where a backslash is a backslash, or double it"};
  }
  if (is(E::INVALID_UNICODE) || is(E::INVALID_HEX)) {
    return {"this escape names no character", "write the character itself"};
  }
  if (is(E::CHAR_IN_BLOCK)) {
    return {"text on the line of `|` or `>`", "begin the text of the block on the next line"};
  }
  if (is(E::ZERO_INDENT_IN_BLOCK))
    return {"a block cannot be indented by 0", "leave the digit out"};
  if (is(E::UNKNOWN_TOKEN)) return unknown_token(here);
  return {"YAML: " + std::string(m), ""};
}

}  // namespace

void report_unclosed_quote(SourceReader& source, std::uint32_t at) {
  const auto size = static_cast<std::uint32_t>(source.clean().size());
  source.diagnostics()
      .report(Code::E0201, source.place(at, std::min(at + 1, size)), "this quote is never closed")
      .help =
      "a quote inside a quoted value is doubled between single quotes, and written \\\" between "
      "double ones";
}

void report_syntax_error(SourceReader& source, std::string_view message, std::uint32_t at,
                         std::uint32_t last, const Node* open_flow) {
  const std::string_view text = source.clean();
  at = std::min(at, static_cast<std::uint32_t>(text.size()));
  namespace E = YAML::ErrorMsg;
  if (message == E::EOF_IN_SCALAR || message == E::DOC_IN_SCALAR) {
    report_unclosed_quote(source, opening_quote(text, last, at));
    return;
  }
  if (const auto tab = nearby_tab(text, at)) {
    source.diagnostics()
        .report(Code::E0217, source.place(*tab, *tab + 1), "a tab is no indentation in YAML")
        .help = "indent with blanks";
    return;
  }
  if (open_flow != nullptr && (at == text.size() || text.substr(at).starts_with("---"))) {
    // Nothing more comes: the place to look at is where the bracket opens.
    source.report(Code::E0201, *open_flow, "this bracket is never closed").help =
        text[open_flow->at.begin] == '[' ? "add the missing `]`" : "add the missing `}`";
    return;
  }
  Words words = words_for(message, text, at);
  std::uint32_t end = at < text.size() && text[at] != '\n' ? at + 1 : at;
  const bool escape = message.starts_with(E::INVALID_ESCAPE) ||
                      message.starts_with(E::INVALID_UNICODE) ||
                      message.starts_with(E::INVALID_HEX);
  if (const std::size_t backslash = text.rfind('\\', at); escape && backslash < at) {
    end = at;
    at = static_cast<std::uint32_t>(backslash);
  }
  Diagnostic& d =
      source.diagnostics().report(Code::E0201, source.place(at, end), std::move(words.message));
  d.help = std::move(words.help);
  if (open_flow != nullptr) d.others.push_back({source.place(*open_flow), "opened here"});
  if (d.help != kBraces && in_braces(text, at)) d.notes.emplace_back(kBraces);
}

}  // namespace weir::lang::yaml
