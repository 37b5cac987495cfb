#include "yaml/document_reader.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "yaml/tree_builder.hpp"
#include "yaml/values.hpp"

namespace weir::lang::yaml {
namespace {

void report_top_level(SourceReader& source, const Node& root) {
  Diagnostic& d = source.report(
      Code::E0225, root,
      fmt::format("a rule file is a mapping, and this document is {}", kind_name(root)));
  if (root.kind == Kind::kList) {
    d.help = "write `rules:` on the line before the list, and indent it";
  } else {
    d.help = "a rule file has the keys events, formats, tables, derive, rules, tests";
  }
}

}  // namespace

std::string joined_path(const SourceReader& source, const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(source.file()->path).parent_path();
  return (folder / path).string();
}

std::vector<const Node*> read_items(SourceReader& source, const Node& node, std::string_view what) {
  if (node.kind == Kind::kList) return node.items;
  Diagnostic& d = source.report(Code::E0205, node,
                                node.kind == Kind::kNull
                                    ? fmt::format("{} has no value", what)
                                    : fmt::format("{} is {}, not a list", what, kind_name(node)));
  d.help = node.kind == Kind::kNull ? "write [] for none, or delete the key"
                                    : "each item of a list begins with `- `";
  return {};
}

void read_document(SourceReader& source, const Tree& tree, RuleDocument& out) {
  if (tree.root == nullptr) return;
  const Node& root = *tree.root;
  if (root.kind == Kind::kNull) {
    source.diagnostics()
        .report(Code::W0201, source.place(tree.begin, tree.begin), "this document is empty")
        .help = "delete its `---`, or write rules below it";
    return;
  }
  if (root.kind != Kind::kMap) {
    report_top_level(source, root);
    return;
  }
  const MapReader map(source, root, kFileSpec, "the file");
  if (const Node* node = map.find("events")) read_event_classes(source, *node, out);
  if (const Node* node = map.find("formats")) read_formats(source, *node, out);
  if (const Node* node = map.find("tables")) read_tables(source, *node, out);
  if (const Node* node = map.find("derive")) read_derives(source, *node, out);
  if (const Node* node = map.find("rules")) read_rules(source, *node, out);
  if (const Node* node = map.find("tests")) read_tests(source, *node, nullptr, out);
}

std::vector<RuleDocument> read_documents(
    std::shared_ptr<const SourceFile> file, Diagnostics& diagnostics,
    const std::function<void(const Tree&, SourceReader&)>& before,
    const std::function<void(const Tree&, SourceReader&)>& after) {
  std::vector<RuleDocument> out;
  const SnippetPtr whole = whole_file(file);
  const std::optional<CleanText> clean = CleanText::make(whole, diagnostics);
  if (!clean) return out;
  Diagnostics found;
  std::size_t reported = 0;
  SourceReader source(file, whole, *clean, found);
  // Of a file that is wrong all over, the first pages say enough.
  const auto forward = [&] {
    for (Diagnostic& d : found.sorted()) {
      if (++reported <= kMaxFileDiagnostics) diagnostics.add(std::move(d));
    }
    found = {};
    return reported < kMaxFileDiagnostics;
  };
  read_trees(source, [&](const Tree& tree) {
    RuleDocument& document = out.emplace_back();
    document.file = file;
    document.index = static_cast<std::uint32_t>(out.size() - 1);
    if (before) before(tree, source);
    read_document(source, tree, document);
    if (after) after(tree, source);
    return forward();
  });
  forward();
  if (out.empty()) {
    diagnostics.report(Code::W0201, source.place(0, 0), "the file is empty").help =
        "write `rules:` and a rule below it";
  }
  return out;
}

}  // namespace weir::lang::yaml

namespace weir::lang {

std::vector<RuleDocument> read_rule_file(std::shared_ptr<const SourceFile> file,
                                         Diagnostics& diagnostics) {
  return yaml::read_documents(std::move(file), diagnostics, nullptr, nullptr);
}

std::string_view to_string(RuleSeverity severity) noexcept {
  switch (severity) {
    case RuleSeverity::kInfo:
      return "info";
    case RuleSeverity::kLow:
      return "low";
    case RuleSeverity::kMedium:
      return "medium";
    case RuleSeverity::kHigh:
      return "high";
    case RuleSeverity::kCritical:
      return "critical";
  }
  return "medium";
}

}  // namespace weir::lang
