// events:, formats:, tables:, derive:
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "lexical_token.hpp"
#include "yaml/document_reader.hpp"
#include "yaml/values.hpp"

namespace weir::lang::yaml {
namespace {

// A class is named without quotes in patterns, a table in `in table(name)`.
void check_identifier(SourceReader& source, const Node& key, std::string_view what) {
  if (is_reserved(find_word(key.value))) {
    source
        .report(Code::E0230, key,
                fmt::format("`{}` is a keyword of patterns and cannot name {}", key.value, what))
        .help = "choose another name";
  } else if (!is_plain_name(key.value)) {
    source.report(Code::E0230, key, fmt::format("`{}` cannot name {}", key.value, what)).help =
        "a name is written in letters, digits and _, and does not begin with a digit";
  }
}

std::optional<Format> read_format(SourceReader& source, const TextEntry& entry) {
  static constexpr std::string_view kBases[] = {"syslog", "access-log", "text", "json"};
  const std::string name = fmt::format("format `{}`", entry.key->value);
  const MapReader map(source, *entry.value, kFormatSpec, name);
  if (!map.ok()) return std::nullopt;
  Format out;
  out.name = source.text(*entry.key);
  if (const Node* node = map.find("base")) {
    if (auto i = read_word(source, *node, "`base`", kBases)) out.base = static_cast<FormatBase>(*i);
  }
  if (const Node* node = map.find("on")) {
    if (auto on = read_text(source, *node, "`on`")) out.on = std::move(*on);
  }
  const Node* lines = map.find("lines");
  if (lines == nullptr) return out;
  std::size_t index = 0;
  for (const Node* item : read_items(source, *lines, "`lines`")) {
    const MapReader line(source, *item, kFormatLineSpec,
                         fmt::format("line {} of {}", ++index, name));
    if (!line.ok()) continue;
    FormatLine read;
    if (const Node* node = line.find("type")) {
      const auto names = read_names(source, *node, "`type`");
      if (names.size() == 1) read.type = names.front();
      if (names.size() > 1) source.report(Code::E0205, *node, "`type` is a list, not one type");
    }
    if (const Node* node = line.find("match")) {
      if (auto match = read_text(source, *node, "`match`")) read.match = std::move(*match);
    }
    if (const Node* node = line.find("types")) read.types = read_types(source, *node, "`types`");
    out.lines.push_back(std::move(read));
  }
  return out;
}

std::optional<TableDef> read_table(SourceReader& source, const TextEntry& entry) {
  const std::string name = fmt::format("table `{}`", entry.key->value);
  const MapReader map(source, *entry.value, kTableSpec, name);
  if (!map.ok()) return std::nullopt;
  TableDef out;
  out.name = source.text(*entry.key);
  if (map.meant("csv") == map.meant("ndjson")) {
    source
        .report(Code::E0231, *entry.key,
                fmt::format("{} has {}", name, map.has("csv") ? "two files" : "no file"))
        .help = "give it one of `csv: path` and `ndjson: path`";
  }
  out.ndjson = map.has("ndjson");
  if (const Node* node = map.find(out.ndjson ? "ndjson" : "csv")) {
    if (auto path = read_text(source, *node, "the path")) {
      out.path = std::move(*path);
      out.full_path = joined_path(source, out.path.value);
      if (out.path.empty()) source.report(Code::E0205, *node, "the path is empty");
    }
  }
  if (const Node* node = map.find("key")) out.key = read_names(source, *node, "`key`");
  if (const Node* node = map.find("types")) out.types = read_types(source, *node, "`types`");
  return out;
}

Derive read_derive(SourceReader& source, const MapReader& map, const std::string& name) {
  Derive out;
  if (const Node* node = map.find("id")) {
    if (auto id = read_text(source, *node, "`id`")) out.id = std::move(*id);
    out.place = source.place(*node);
    if (node->kind == Kind::kScalar && node->value.empty()) {
      source.report(Code::E0230, *node, "the id is empty");
    }
  }
  if (const Node* node = map.find("description")) {
    if (auto text = read_text(source, *node, "`description`")) out.description = std::move(*text);
  }
  if (const Node* node = map.find("from")) out.from = read_names(source, *node, "`from`");
  if (const Node* node = map.find("where")) {
    out.where = read_expression(source, *node, "`where`", "`where` of " + name);
  }
  if (const Node* node = map.find("key")) out.key = read_key(source, *node);
  if (const Node* node = map.find("window")) {
    out.window = read_window(source, *node).value_or(WindowDef{});
  }
  const Node* values = map.find("values");
  if (values == nullptr) return out;
  const auto entries = read_entries(source, *values, "`values`");
  if (values->kind == Kind::kMap && entries.empty()) {
    source.report(Code::E0205, *values, "`values` is an empty mapping").help =
        "name at least one value: n: count()";
  }
  for (const TextEntry& entry : entries) {
    if (entry.cut) continue;
    const std::string value = fmt::format("`{}`", entry.key->value);
    out.values.emplace_back(
        source.text(*entry.key),
        read_expression(source, *entry.value, value, fmt::format("value {} of {}", value, name)));
  }
  return out;
}

}  // namespace

void read_event_classes(SourceReader& source, const Node& node, RuleDocument& out) {
  for (const TextEntry& entry : read_entries(source, node, "`events`")) {
    if (entry.cut) continue;
    check_identifier(source, *entry.key, "an event class");
    const std::string name = fmt::format("event class `{}`", entry.key->value);
    const MapReader map(source, *entry.value, kEventClassSpec, name);
    if (!map.ok()) continue;
    EventClass& read = out.events.emplace_back();
    read.name = source.text(*entry.key);
    if (const Node* from = map.find("from")) read.from = read_names(source, *from, "`from`");
    if (const Node* where = map.find("where")) {
      read.where = read_expression(source, *where, "`where`", "`where` of " + name);
    }
  }
}

void read_formats(SourceReader& source, const Node& node, RuleDocument& out) {
  for (const TextEntry& entry : read_entries(source, node, "`formats`")) {
    if (entry.cut) continue;
    if (auto format = read_format(source, entry)) out.formats.push_back(std::move(*format));
  }
}

void read_tables(SourceReader& source, const Node& node, RuleDocument& out) {
  for (const TextEntry& entry : read_entries(source, node, "`tables`")) {
    if (entry.cut) continue;
    check_identifier(source, *entry.key, "a table");
    if (auto table = read_table(source, entry)) out.tables.push_back(std::move(*table));
  }
}

void read_derives(SourceReader& source, const Node& node, RuleDocument& out) {
  std::unordered_map<std::string, Place> seen;
  std::size_t index = 0;
  for (const Node* item : read_items(source, node, "`derive`")) {
    std::string name = fmt::format("derived stream {}", ++index);
    for (const Entry& entry : item->entries) {
      if (entry.key->value == "id" && entry.value->kind == Kind::kScalar) {
        name = fmt::format("derived stream `{}`", entry.value->value);
      }
    }
    const MapReader map(source, *item, kDeriveSpec, name);
    if (!map.ok()) continue;
    Derive derive = read_derive(source, map, name);
    if (!derive.place.snippet) derive.place = source.place(*item);
    if (!derive.id.empty()) {
      const auto [first, fresh] = seen.try_emplace(derive.id.value, derive.place);
      if (!fresh) {
        Diagnostic& d = source.diagnostics().report(
            Code::E0208, derive.place,
            fmt::format("two derived streams have the id `{}`", derive.id.value));
        d.label = "again here";
        d.others.push_back({first->second, "first here"});
        d.help = "give one of them another id";
      }
    }
    out.derives.push_back(std::move(derive));
  }
}

}  // namespace weir::lang::yaml
