// The values of a config's mappings.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "weir/pattern-lang/config_file.hpp"
#include "yaml/map_reader.hpp"
#include "yaml/values.hpp"

namespace weir::lang {
namespace {

using yaml::Kind;
using yaml::Node;
using yaml::SourceReader;

constexpr std::string_view kSizeForm =
    "a size is a whole number and a unit: 512B, 64KiB, 16MiB, 2GiB (or kB, MB, GB)";

constexpr std::string_view kWholeConfig = "the config";

// ${NAME}: nothing, and a diagnostic.
bool expands(SourceReader& source, const Node& node, const std::string& what) {
  const std::size_t at = node.value.find("${");
  if (at == std::string::npos) return false;
  Diagnostic& d = source.report(
      Code::E0702, node, fmt::format("{} holds `${{`, and configs expand no variables", what));
  d.help =
      "write the value out; a secret comes from a file or the environment: `password_file: "
      "PATH`, `token_env: NAME`";
  return true;
}

std::string seen_from(const SourceReader& source, const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(source.file()->path).parent_path();
  return (folder / path).lexically_normal().string();
}

std::string size_help(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0) return std::string(kSizeForm);
  std::string_view unit = text.substr(digits);
  if (unit.empty()) return fmt::format("write {}B for bytes, {}MiB for mebibytes", text, text);
  unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
  const char letter = unit.empty() ? ' ' : static_cast<char>(unit[0] & ~0x20);
  if (std::string_view("KMGT").find(letter) == std::string_view::npos) {
    return std::string(kSizeForm);
  }
  return fmt::format("did you mean \"{}{}iB\"?", text.substr(0, digits), letter);
}

}  // namespace

ConfigMap::ConfigMap(SourceReader& source, const Node& node, const MappingSpec& spec,
                     std::string what)
    : source_(&source), node_(&node), what_(std::move(what)) {
  // `stdin:` with nothing after it says all that there is to say.
  if (node.kind == Kind::kNull && spec.keys.empty()) return;
  reader_ = std::make_unique<yaml::MapReader>(source, node, spec, what_);
}
ConfigMap::ConfigMap(ConfigMap&&) noexcept = default;
ConfigMap::~ConfigMap() = default;

bool ConfigMap::ok() const noexcept {
  return reader_ == nullptr || reader_->ok();
}

bool ConfigMap::has(std::string_view key) const noexcept {
  return reader_ != nullptr && reader_->has(key);
}

const Node* ConfigMap::find(std::string_view key) const noexcept {
  return reader_ == nullptr ? nullptr : reader_->find(key);
}

std::string ConfigMap::name_of(std::string_view key) const {
  return what_ == kWholeConfig ? fmt::format("`{}`", key) : fmt::format("`{}` of {}", key, what_);
}

Place ConfigMap::place() const {
  return source_->place(*node_);
}

Place ConfigMap::place(std::string_view key) const {
  const Node* node = find(key);
  return source_->place(node == nullptr ? *node_ : *node);
}

Diagnostic& ConfigMap::report(Code code, std::string_view key, std::string message) {
  return source_->diagnostics().report(code, place(key), std::move(message));
}

std::optional<Text> ConfigMap::text(std::string_view key) {
  const Node* node = find(key);
  if (node == nullptr) return std::nullopt;
  auto read = yaml::read_text(*source_, *node, name_of(key));
  if (!read || expands(*source_, *node, name_of(key))) return std::nullopt;
  return read;
}

bool ConfigMap::text(std::string_view key, std::string& out) {
  auto read = text(key);
  if (read) out = std::move(read->value);
  return read.has_value();
}

bool ConfigMap::raw_text(std::string_view key, std::string& out) {
  const Node* node = find(key);
  if (node == nullptr) return false;
  auto read = yaml::read_text(*source_, *node, name_of(key));
  if (read) out = std::move(read->value);
  return read.has_value();
}

bool ConfigMap::secret(std::string_view key, std::string& out) {
  const Node* node = find(key);
  if (node == nullptr) return false;
  if (node->kind != Kind::kScalar || node->value.empty()) {
    report(Code::E0205, key, fmt::format("{} is no text", name_of(key))).help =
        "put it in quotes, or, better, in a file";
    return false;
  }
  out = node->value;
  return true;
}

bool ConfigMap::path(std::string_view key, std::string& out) {
  const auto read = text(key);
  if (!read) return false;
  if (read->value.empty()) {
    report(Code::E0205, key, fmt::format("{} is empty", name_of(key))).help = "write a path";
    return false;
  }
  out = seen_from(*source_, read->value);
  return true;
}

bool ConfigMap::flag(std::string_view key, bool& out) {
  const Node* node = find(key);
  const auto read = node == nullptr ? std::nullopt : yaml::read_bool(*source_, *node, name_of(key));
  if (read) out = *read;
  return read.has_value();
}

bool ConfigMap::number(std::string_view key, std::uint64_t& out, std::uint64_t min,
                       std::uint64_t max) {
  const Node* node = find(key);
  if (node == nullptr) return false;
  const auto read = yaml::read_number(*source_, *node, name_of(key), min, max);
  if (read) out = *read;
  return read.has_value();
}

bool ConfigMap::duration(std::string_view key, Duration& out, Duration min) {
  return whole_duration(key, out, min, 1);
}

bool ConfigMap::whole_duration(std::string_view key, Duration& out, Duration min,
                               std::int64_t unit) {
  const Node* node = find(key);
  if (node == nullptr) return false;
  const auto read = yaml::read_duration(*source_, *node, name_of(key));
  if (!read) return false;
  if (*read < min || read->ns < 0) {
    report(Code::E0210, key, fmt::format("{} is too short", name_of(key))).help =
        fmt::format("write {} or more", format_duration(min));
    return false;
  }
  if (read->ns % unit != 0) {
    report(Code::E0210, key,
           fmt::format("{} has a fraction of {}", name_of(key), format_duration({unit})))
        .help = "write whole ones";
    return false;
  }
  out = *read;
  return true;
}

bool ConfigMap::duration_or_never(std::string_view key, std::optional<Duration>& out) {
  const Node* node = find(key);
  if (node == nullptr) return false;
  if (node->kind == Kind::kScalar && node->value == "never") {
    out.reset();
    return true;
  }
  Duration read;
  constexpr Duration kLeast{1'000'000};
  if (!duration(key, read, kLeast)) return false;
  out = read;
  return true;
}

bool ConfigMap::size(std::string_view key, std::uint64_t& out, std::uint64_t min) {
  const Node* node = find(key);
  if (node == nullptr) return false;
  if (node->kind != Kind::kScalar) {
    report(Code::E0703, key, fmt::format("{} is {}, not a size", name_of(key), kind_name(*node)))
        .help = std::string(kSizeForm);
    return false;
  }
  const auto read = parse_size(node->value);
  if (!read) {
    Diagnostic& d = report(Code::E0703, key,
                           fmt::format("{} is `{}`, which is no size", name_of(key), node->value));
    d.help = size_help(node->value);
    if (d.help != kSizeForm) d.notes.emplace_back(kSizeForm);
    return false;
  }
  if (*read < min) {
    report(Code::E0703, key, fmt::format("{} is less than it may be", name_of(key))).help =
        fmt::format("write {}KiB or more", (min + 1023) / 1024);
    return false;
  }
  out = *read;
  return true;
}

std::optional<std::size_t> ConfigMap::word(std::string_view key,
                                           std::span<const std::string_view> words) {
  const Node* node = find(key);
  if (node == nullptr) return std::nullopt;
  return yaml::read_word(*source_, *node, name_of(key), words);
}

std::vector<Text> ConfigMap::texts(std::string_view key) {
  const Node* node = find(key);
  if (node == nullptr) return {};
  std::vector<Text> out;
  const std::vector<const Node*> one{node};
  if (node->kind == Kind::kList && node->items.empty()) {
    report(Code::E0205, key, fmt::format("{} is an empty list", name_of(key)));
  }
  for (const Node* item : node->kind == Kind::kList ? node->items : one) {
    auto read = yaml::read_text(*source_, *item, name_of(key));
    if (!read || expands(*source_, *item, name_of(key))) continue;
    if (read->value.empty()) {
      source_->report(Code::E0205, *item, fmt::format("{} holds an empty text", name_of(key)));
      continue;
    }
    out.push_back(std::move(*read));
  }
  return out;
}

std::vector<Text> ConfigMap::paths(std::string_view key) {
  std::vector<Text> out = texts(key);
  for (Text& text : out) text.value = seen_from(*source_, text.value);
  return out;
}

bool ConfigMap::is_mapping(std::string_view key) const noexcept {
  const Node* node = find(key);
  return node != nullptr && (node->kind == Kind::kMap || node->kind == Kind::kNull);
}

std::optional<ConfigMap> ConfigMap::map(std::string_view key, const MappingSpec& spec) {
  const Node* node = find(key);
  if (node == nullptr) return std::nullopt;
  ConfigMap out(*source_, *node, spec, name_of(key));
  if (!out.ok()) return std::nullopt;
  return out;
}

std::vector<ConfigMap> ConfigMap::maps(std::string_view key, const MappingSpec& spec,
                                       std::string_view item) {
  std::vector<ConfigMap> out;
  const Node* node = find(key);
  if (node == nullptr) return out;
  if (node->kind != Kind::kList) {
    report(Code::E0205, key, fmt::format("{} is {}, not a list", name_of(key), kind_name(*node)))
        .help = "each item of a list begins with `- `";
    return out;
  }
  for (const Node* entry : node->items) {
    // Named by its name, where it has one, before anything of it is reported.
    std::string what(item);
    for (const yaml::Entry& e : entry->entries) {
      if (e.key->value == "name" && e.value->kind == Kind::kScalar) {
        what = fmt::format("{} `{}`", item, e.value->value);
      }
    }
    ConfigMap map(*source_, *entry, spec, std::move(what));
    if (map.ok()) out.push_back(std::move(map));
  }
  return out;
}

std::vector<std::pair<Text, ConfigValue>> ConfigMap::entries(std::string_view key) {
  std::vector<std::pair<Text, ConfigValue>> out;
  const Node* node = find(key);
  if (node == nullptr) return out;
  for (const yaml::TextEntry& entry : yaml::read_entries(*source_, *node, name_of(key))) {
    if (entry.cut) continue;
    out.emplace_back(source_->text(*entry.key),
                     ConfigValue(*source_, *entry.value,
                                 fmt::format("`{}` in {}", entry.key->value, name_of(key))));
  }
  return out;
}

Place ConfigValue::place() const {
  return source_->place(*node_);
}

std::optional<Text> ConfigValue::text() const {
  auto read = yaml::read_text(*source_, *node_, what_);
  if (!read || expands(*source_, *node_, what_)) return std::nullopt;
  return read;
}

bool ConfigValue::is_mapping() const noexcept {
  return node_->kind == Kind::kMap;
}

ConfigMap ConfigValue::map(const MappingSpec& spec, std::string what) const {
  return {*source_, *node_, spec, std::move(what)};
}

std::vector<ConfigMap> ConfigValue::maps(const MappingSpec& spec, std::string_view what) const {
  std::vector<ConfigMap> out;
  const std::vector<const Node*> one{node_};
  for (const Node* item : node_->kind == Kind::kList ? node_->items : one) {
    ConfigMap map(*source_, *item, spec, std::string(what));
    if (map.ok()) out.push_back(std::move(map));
  }
  return out;
}

Diagnostic& ConfigValue::report(Code code, std::string message) const {
  return source_->report(code, *node_, std::move(message));
}

}  // namespace weir::lang
