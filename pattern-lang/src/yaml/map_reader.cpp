#include "yaml/map_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "weir/pattern-lang/config_file.hpp"
#include "yaml/secrets.hpp"

namespace weir::lang::yaml {
namespace {

constexpr int kMaxUnknownKeys = 20;

// Opening less closing parentheses, strings left aside.
int open_parens(std::string_view text) noexcept {
  int open = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\') {
      ++i;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string) {
      open += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
  }
  return open;
}

// `{n: percentile(x, 95)}` reads as n: "percentile(x" and "95)": null. How many of the entries
// after `first` are such leftovers; 0 where the value is whole.
std::size_t leftovers(const std::vector<Entry>& entries, std::size_t first) {
  const Node& value = *entries[first].value;
  if (!value.plain()) return 0;
  int open = open_parens(value.value);
  if (open <= 0) return 0;
  for (std::size_t i = first + 1; i < entries.size(); ++i) {
    const Entry& next = entries[i];
    if (next.key->kind != Kind::kScalar || next.value->kind != Kind::kNull) return 0;
    open += open_parens(next.key->value);
    if (open <= 0) return i - first;
  }
  return 0;
}

void report_cut(SourceReader& source, const Entry& entry, const Node& last) {
  const std::uint32_t begin = entry.value->at.begin;
  const std::string_view whole = source.clean().substr(begin, last.at.end - begin);
  Diagnostic& d = source.diagnostics().report(
      Code::E0226, source.place(begin, last.at.end),
      fmt::format("between braces YAML ends the value of `{}` at its comma", entry.key->value));
  const bool quotes = whole.find('\'') != std::string_view::npos;
  const bool secret = secret_key(entry.key->value);
  if (whole.find('\n') == std::string_view::npos && !quotes && !secret) {
    d.help = fmt::format("put it in quotes, {}: '{}', or write the values one a line",
                         entry.key->value, whole);
  } else {
    d.help = "put it in quotes, or write the values one a line";
  }
}

bool usable_key(SourceReader& source, const Node& key) {
  if (key.plain() && key.value == "<<") {
    source.report(Code::E0223, key, "merge keys (`<<`) are not part of YAML 1.2").help =
        "write the keys out";
    return false;
  }
  if (key.kind == Kind::kScalar) return true;
  source.report(Code::E0232, key, fmt::format("{} as a key", kind_name(key))).help =
      key.kind == Kind::kNull
          ? "a key is text; `null` and `~` stand in quotes"
          : "a key is text; a value that begins with `{` or `[` stands in quotes";
  return false;
}

bool also_called(const KeySpec& key, std::string_view word) noexcept {
  for (std::string_view words = key.also_called; !words.empty();) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (words.substr(0, end) == word) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

std::string suggestion(const MappingSpec& spec, std::string_view word) {
  for (const KeySpec& key : spec.keys) {
    if (also_called(key, word)) return std::string(key.name);
  }
  std::vector<std::string> names;
  for (const KeySpec& key : spec.keys) names.emplace_back(key.name);
  return nearest(word, names);
}

// Another mapping that has this key: people put `cooldown` beside `pattern`.
const MappingSpec* owner(std::span<const MappingSpec* const> specs, const MappingSpec& spec,
                         std::string_view word) {
  for (const MappingSpec* other : specs) {
    if (other == &spec || other->name == "format_line") continue;
    for (const KeySpec& key : other->keys) {
      if (key.name == word) return other;
    }
  }
  return nullptr;
}

}  // namespace

std::string_view kind_name(const Node& node) noexcept {
  switch (node.kind) {
    case Kind::kNull:
      return "nothing";
    case Kind::kScalar:
      return "text";
    case Kind::kList:
      return "a list";
    case Kind::kMap:
      return "a mapping";
  }
  return "nothing";
}

std::vector<TextEntry> read_entries(SourceReader& source, const Node& node, std::string_view what) {
  std::vector<TextEntry> out;
  if (node.kind != Kind::kMap) {
    source.report(Code::E0205, node, fmt::format("{} is {}, not a mapping", what, kind_name(node)))
        .help = "a mapping is written `key: value`, one a line and indented";
    return out;
  }
  std::unordered_map<std::string_view, const Node*> seen;
  for (std::size_t i = 0; i < node.entries.size(); ++i) {
    const Entry& entry = node.entries[i];
    if (!usable_key(source, *entry.key)) continue;
    TextEntry found{entry.key, entry.value, false};
    if (const std::size_t cut = node.flow ? leftovers(node.entries, i) : 0; cut > 0) {
      report_cut(source, entry, *node.entries[i + cut].key);
      found.cut = true;
      i += cut;
    }
    const auto [at, fresh] = seen.try_emplace(entry.key->value, entry.key);
    if (!fresh) {
      Diagnostic& d = source.report(Code::E0204, *entry.key,
                                    fmt::format("`{}` stands twice in {}", entry.key->value, what));
      d.label = "again here";
      d.others.push_back({source.place(*at->second), "first here"});
      d.help = "delete one of them";
      continue;
    }
    out.push_back(found);
  }
  return out;
}

MapReader::MapReader(SourceReader& source, const Node& node, const MappingSpec& spec,
                     std::string what)
    : source_(source), spec_(spec), what_(std::move(what)), ok_(node.kind == Kind::kMap) {
  entries_ = read_entries(source, node, what_);
  if (!ok_) return;
  merged_ = std::any_of(node.entries.begin(), node.entries.end(), [](const Entry& entry) {
    return entry.key->plain() && entry.key->value == "<<";
  });
  int unknown = 0;
  for (const TextEntry& entry : entries_) {
    const bool known = std::any_of(spec.keys.begin(), spec.keys.end(), [&](const KeySpec& key) {
      return key.name == entry.key->value;
    });
    // A mapping of many unknown keys has one fault, not many.
    if (!known && ++unknown <= kMaxUnknownKeys) report_unknown(entry);
  }
  report_missing(node);
}

const Node* MapReader::find(std::string_view key) const noexcept {
  for (const TextEntry& entry : entries_) {
    if (entry.key->value == key) return entry.cut ? nullptr : entry.value;
  }
  return nullptr;
}

bool MapReader::has(std::string_view key) const noexcept {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const TextEntry& entry) { return entry.key->value == key; });
}

bool MapReader::meant(std::string_view key) const {
  return merged_ || has(key) ||
         std::any_of(entries_.begin(), entries_.end(), [&](const TextEntry& entry) {
           return suggestion(spec_, entry.key->value) == key;
         });
}

void MapReader::report_unknown(const TextEntry& entry) {
  const std::string_view word = plain_head(entry.key->value);
  Diagnostic& d =
      source_.report(Code::E0202, *entry.key, fmt::format("unknown key `{}` in {}", word, what_));
  if (word.size() < entry.key->value.size()) {
    d.help = "a blank stands between the colon and the value";
    return;
  }
  if (const std::string meant = suggestion(spec_, word); !meant.empty()) {
    d.help = fmt::format("did you mean \"{}\"?", meant);
    return;
  }
  if (const MappingSpec* other = owner(source_.specs, spec_, word)) {
    d.help = fmt::format("`{}` is a key of {}", word, other->title);
  }
  std::vector<std::string_view> names;
  for (const KeySpec& key : spec_.keys) names.push_back(key.name);
  d.notes.push_back(fmt::format("{} has the keys {}", spec_.title, fmt::join(names, ", ")));
}

void MapReader::report_missing(const Node& node) {
  for (const KeySpec& key : spec_.keys) {
    if (!key.required || meant(key.name)) continue;
    const Node* id = find("id");
    source_
        .report(Code::E0203, id != nullptr && id->kind == Kind::kScalar ? *id : node,
                fmt::format("{} has no `{}`", what_, key.name))
        .help = fmt::format("add `{}:`", key.name);
  }
}

}  // namespace weir::lang::yaml
