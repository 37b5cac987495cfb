#include "yaml/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "weir/pattern-lang/parse.hpp"
#include "weir/pattern-lang/print.hpp"
#include "yaml/layout.hpp"

namespace weir::lang::yaml {
namespace {

bool digits(std::string_view s) noexcept {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void report_kind(SourceReader& source, const Node& node, std::string_view what,
                 std::string_view wanted) {
  Diagnostic& d = source.report(
      Code::E0205, node,
      node.kind == Kind::kNull ? fmt::format("{} has no value", what)
                               : fmt::format("{} is {}, not {}", what, kind_name(node), wanted));
  if (node.kind == Kind::kNull) {
    d.help = "give it one, or delete the key";
  } else if (node.kind == Kind::kMap && node.flow) {
    d.help = "`{` begins a mapping in YAML: put text that begins with it in quotes";
  } else if (node.kind == Kind::kList && node.flow) {
    d.help = "`[` begins a list in YAML: put text that begins with it in quotes";
  }
}

bool is_scalar(SourceReader& source, const Node& node, std::string_view what,
               std::string_view wanted) {
  if (node.kind == Kind::kScalar) return true;
  report_kind(source, node, what, wanted);
  return false;
}

// A name with a comma in it, bare, is a list that lacks its brackets.
bool is_name(SourceReader& source, const Text& text, const Node& node, std::string_view what) {
  const std::string_view value = text.value;
  if (value.empty() || value.find_first_not_of(" \t\n") == std::string_view::npos) {
    source.report(Code::E0230, node, fmt::format("a name in {} is empty", what));
    return false;
  }
  if (node.plain() && value.find(',') != std::string_view::npos) {
    source.report(Code::E0230, node, fmt::format("{} is one name with a comma in it", what)).help =
        fmt::format("a list stands in brackets: [{}]", value);
    return false;
  }
  return true;
}

}  // namespace

bool boolean_word(std::string_view text) noexcept {
  static constexpr std::string_view kWords[] = {"yes",  "Yes",  "YES",  "no",    "No",    "NO",
                                                "on",   "On",   "ON",   "off",   "Off",   "OFF",
                                                "true", "True", "TRUE", "false", "False", "FALSE"};
  return std::find(std::begin(kWords), std::end(kWords), text) != std::end(kWords);
}

bool sexagesimal(std::string_view text) noexcept {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  std::size_t parts = 0;
  for (;;) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    const std::string_view part = text.substr(0, colon);
    if (!digits(part) || (parts > 0 && (part.size() > 2 || (part.size() == 2 && part[0] > '5')))) {
      return false;
    }
    ++parts;
    if (colon == text.size()) return parts > 1;
    text.remove_prefix(colon + 1);
  }
}

bool octal_looking(std::string_view text) noexcept {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && digits(text);
}

std::optional<Text> read_text(SourceReader& source, const Node& node, std::string_view what) {
  if (!is_scalar(source, node, what, "text")) return std::nullopt;
  if (node.plain() && boolean_word(node.value)) {
    source
        .report(Code::E0215, node,
                fmt::format("bare `{}` in {} is a boolean to many YAML readers", node.value, what))
        .help = fmt::format("put it in quotes: \"{}\"", node.value);
    return std::nullopt;
  }
  return source.text(node);
}

std::vector<Text> read_texts(SourceReader& source, const Node& node, std::string_view what) {
  std::vector<Text> out;
  if (node.kind != Kind::kList) {
    if (node.kind == Kind::kMap) {
      report_kind(source, node, what, "text or a list of texts");
    } else if (auto text = read_text(source, node, what)) {
      out.push_back(std::move(*text));
    }
    return out;
  }
  for (const Node* item : node.items) {
    if (auto text = read_text(source, *item, what)) out.push_back(std::move(*text));
  }
  return out;
}

std::vector<Text> read_names(SourceReader& source, const Node& node, std::string_view what) {
  std::vector<Text> out;
  const std::vector<const Node*> one{&node};
  if (node.kind == Kind::kMap) {
    report_kind(source, node, what, "a name or a list of names");
    return out;
  }
  if (node.kind == Kind::kList && node.items.empty()) {
    source.report(Code::E0205, node, fmt::format("{} is an empty list", what));
  }
  for (const Node* item : node.kind == Kind::kList ? node.items : one) {
    auto text = read_text(source, *item, what);
    if (text && is_name(source, *text, *item, what)) out.push_back(std::move(*text));
  }
  return out;
}

std::optional<bool> read_bool(SourceReader& source, const Node& node, std::string_view what) {
  if (!is_scalar(source, node, what, "true or false")) return std::nullopt;
  const std::string& value = node.value;
  if (node.plain() && (value == "true" || value == "True" || value == "TRUE")) return true;
  if (node.plain() && (value == "false" || value == "False" || value == "FALSE")) return false;
  Diagnostic& d = source.report(Code::E0214, node,
                                fmt::format("{} is `{}`, neither true nor false", what, value));
  d.help = "write true or false";
  if (boolean_word(value)) {
    const char first = static_cast<char>(value[0] | 0x20);
    const bool yes =
        first == 'y' || first == 't' || (value.size() == 2 && (value[1] | 0x20) == 'n');
    d.help =
        fmt::format("write {}{}", yes ? "true" : "false", node.plain() ? "" : ", without quotes");
  }
  return std::nullopt;
}

std::optional<std::uint64_t> read_number(SourceReader& source, const Node& node,
                                         std::string_view what, std::uint64_t min,
                                         std::uint64_t max) {
  if (!is_scalar(source, node, what, "a whole number")) return std::nullopt;
  const std::string& value = node.value;
  if (node.plain() && octal_looking(value)) {
    const std::size_t first = std::min(value.find_first_not_of('0'), value.size() - 1);
    source
        .report(Code::E0213, node,
                fmt::format("`{}` is a number to the base of 8 for some YAML readers", value))
        .help = fmt::format("write {}", value.substr(first));
    return std::nullopt;
  }
  std::uint64_t number = 0;
  const char* end = value.data() + value.size();
  const auto [at, error] = std::from_chars(value.data(), end, number);
  if (node.plain() && error == std::errc{} && at == end && number >= min && number <= max) {
    return number;
  }
  Diagnostic& d =
      source.report(Code::E0213, node, fmt::format("{} is `{}`, not a whole number", what, value));
  const bool negative = value.starts_with('-') && digits(std::string_view(value).substr(1));
  if (digits(value) || negative) {
    d.message = node.plain() ? fmt::format("{} is {}, out of its range", what, value)
                             : fmt::format("{} is text, not a number", what);
  }
  d.help = max == UINT64_MAX ? fmt::format("write a number of at least {}", min)
                             : fmt::format("write a number from {} to {}", min, max);
  return std::nullopt;
}

std::optional<std::size_t> read_word(SourceReader& source, const Node& node, std::string_view what,
                                     std::span<const std::string_view> words) {
  if (!is_scalar(source, node, what, "a word")) return std::nullopt;
  const auto found = std::find(words.begin(), words.end(), node.value);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  Diagnostic& d = source.report(Code::E0206, node,
                                fmt::format("{} is `{}`, which it cannot be", what, node.value));
  const std::string meant = nearest(node.value, {words.begin(), words.end()});
  d.help = meant.empty() ? fmt::format("write one of {}", fmt::join(words, ", "))
                         : fmt::format("did you mean \"{}\"?", meant);
  if (!meant.empty()) d.notes.push_back(fmt::format("one of {}", fmt::join(words, ", ")));
  return std::nullopt;
}

std::vector<std::pair<Text, Text>> read_types(SourceReader& source, const Node& node,
                                              std::string_view what) {
  static constexpr std::string_view kTypes[] = {"int", "float", "bool", "string", "timestamp"};
  std::vector<std::pair<Text, Text>> out;
  for (const TextEntry& entry : read_entries(source, node, what)) {
    const std::string of = fmt::format("the type of `{}`", entry.key->value);
    if (!entry.cut && read_word(source, *entry.value, of, kTypes)) {
      out.emplace_back(source.text(*entry.key), source.text(*entry.value));
    }
  }
  return out;
}

KeyDef read_key(SourceReader& source, const Node& node) {
  KeyDef key;
  key.place = source.place(node);
  if (node.kind != Kind::kMap) {
    key.fields = read_names(source, node, "`key`");
    return key;
  }
  for (const TextEntry& entry : read_entries(source, node, "`key`")) {
    if (entry.cut) continue;
    auto fields =
        read_names(source, *entry.value, fmt::format("the key of `{}`", entry.key->value));
    if (!fields.empty()) key.by_type.emplace_back(source.text(*entry.key), std::move(fields));
  }
  // The alert's key has the names of the first entry: every type has as many fields.
  for (const auto& [type, fields] : key.by_type) {
    if (fields.size() == key.by_type.front().second.size()) continue;
    source.diagnostics()
        .report(Code::E0229, type.place,
                fmt::format("the key of `{}` has {} field{}, that of `{}` has {}", type.value,
                            fields.size(), fields.size() == 1 ? "" : "s",
                            key.by_type.front().first.value, key.by_type.front().second.size()))
        .help = "every type names the same fields of the key, in the same order";
  }
  if (node.entries.empty()) source.report(Code::E0205, node, "`key` is an empty mapping");
  return key;
}

SnippetPtr read_code(SourceReader& source, const Node& node, std::string_view what,
                     std::string snippet_what) {
  if (!is_scalar(source, node, what, "text")) return nullptr;
  return source.snippet(node, std::move(snippet_what));
}

ExprText read_expression(SourceReader& source, const Node& node, std::string_view what,
                         std::string snippet_what) {
  constexpr std::size_t kUsualIndent = 6;
  SnippetPtr snippet = read_code(source, node, what, std::move(snippet_what));
  if (!snippet) return {};
  ExprText out = parse_expression(std::move(snippet), source.diagnostics());
  if (source.embedded != nullptr && out.root) {
    source.embedded->push_back({&node, false, print_expression(*out.root),
                                print_expression(*out.root, kFormatWidth - kUsualIndent)});
  }
  return out;
}

std::optional<Pattern> read_pattern(SourceReader& source, const Node& node,
                                    std::string snippet_what) {
  SnippetPtr snippet = read_code(source, node, "`pattern`", std::move(snippet_what));
  if (!snippet) return std::nullopt;
  std::optional<Pattern> out = parse_pattern(std::move(snippet), source.diagnostics());
  if (source.embedded != nullptr && out) {
    source.embedded->push_back(
        {&node, true, print_pattern(*out, kMaxPatternBytes), print_pattern(*out)});
  }
  return out;
}

}  // namespace weir::lang::yaml
