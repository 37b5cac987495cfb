#include "weir/pattern-lang/config_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "yaml/map_reader.hpp"
#include "yaml/secrets.hpp"
#include "yaml/tree_builder.hpp"

namespace weir::lang {

using yaml::Kind;

void read_config_file(const SourceFile& file, const MappingSpec& top,
                      std::span<const MappingSpec* const> specs, Diagnostics& diagnostics,
                      const std::function<void(ConfigMap&)>& read) {
  // What is parsed, and what diagnostics show of it: the same places, without the secrets.
  const auto shown = std::make_shared<SourceFile>(file);
  const auto whole = std::make_shared<Snippet>();
  whole->file = shown;
  whole->text = file.text;
  const std::optional<yaml::CleanText> clean = yaml::CleanText::make(whole, diagnostics);
  if (!clean) {
    yaml::cover_secret_lines(shown->text);
    return;
  }
  yaml::SourceReader source(shown, whole, *clean, diagnostics);
  source.specs = specs;
  bool first = true;
  yaml::read_trees(source, [&](const yaml::Tree& tree) {
    if (tree.root == nullptr) {
      yaml::cover_secret_lines(shown->text);
      first = false;
      return false;
    }
    yaml::cover_secrets(source, tree, shown->text);
    const yaml::Node& root = *tree.root;
    if (!first) {
      source.report(Code::E0701, root, "a config is one document, and here begins another").help =
          "delete the `---`";
      return false;
    }
    first = false;
    if (root.kind == Kind::kMap) {
      ConfigMap map(source, root, top, "the config");
      read(map);
    } else {
      source
          .report(Code::E0225, root,
                  fmt::format("a config is a mapping, and this is {}", yaml::kind_name(root)))
          .help = "a config has the keys rules, sources, sinks, and more";
    }
    return true;
  });
  if (first) {
    diagnostics.report(Code::E0225, source.place(0, 0), "the config is empty").help =
        "a config has the keys rules, sources, sinks, and more";
  }
}

std::optional<std::uint64_t> parse_size(std::string_view text) noexcept {
  struct Unit {
    std::string_view name;
    std::uint64_t bytes;
  };
  static constexpr Unit kUnits[] = {
      {"B", 1},
      {"kB", 1000},
      {"MB", 1000ULL * 1000},
      {"GB", 1000ULL * 1000 * 1000},
      {"TB", 1000ULL * 1000 * 1000 * 1000},
      {"KiB", 1ULL << 10},
      {"MiB", 1ULL << 20},
      {"GiB", 1ULL << 30},
      {"TiB", 1ULL << 40},
  };
  std::uint64_t number = 0;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    if (number > (std::uint64_t{1} << 58)) return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(text[digits++] - '0');
  }
  if (digits == 0) return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (unit.name != text.substr(digits)) continue;
    if (number > (std::uint64_t{1} << 63) / unit.bytes) return std::nullopt;
    return number * unit.bytes;
  }
  return std::nullopt;
}

bool looks_like_config(std::string_view text) noexcept {
  static constexpr std::string_view kConfig[] = {"sources", "sinks",     "state", "limits",
                                                 "workers", "max_ahead", "http",  "record"};
  static constexpr std::string_view kRules[] = {"events", "formats", "tables", "derive", "tests"};
  bool config = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const auto is = [&](std::string_view key) { return key == line.substr(0, colon); };
    if (std::any_of(std::begin(kRules), std::end(kRules), is)) return false;
    config = config || std::any_of(std::begin(kConfig), std::end(kConfig), is);
  }
  return config;
}

}  // namespace weir::lang
