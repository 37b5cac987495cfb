// A document's tree to its RuleDocument.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "yaml/map_reader.hpp"
#include "yaml/source_reader.hpp"
#include "yaml/tree.hpp"

namespace weir::lang::yaml {

/// Diagnostics of one file; what comes after is dropped, and its further documents are not read.
inline constexpr std::size_t kMaxFileDiagnostics = 1000;

void read_document(SourceReader& source, const Tree& tree, RuleDocument& out);

// Its parts, a pass each.
void read_event_classes(SourceReader& source, const Node& node, RuleDocument& out);
void read_formats(SourceReader& source, const Node& node, RuleDocument& out);
void read_tables(SourceReader& source, const Node& node, RuleDocument& out);
void read_derives(SourceReader& source, const Node& node, RuleDocument& out);
void read_rules(SourceReader& source, const Node& node, RuleDocument& out);
/// `rule`: the id of the rule that they stand under, or null.
void read_tests(SourceReader& source, const Node& node, const Text* rule, RuleDocument& out);

/// `alert:` of the rule that `rule_name` names: "rule `x`".
AlertDef read_alert(SourceReader& source, const Node& node, const std::string& rule_name);
std::vector<MessagePart> read_message(SourceReader& source, const Node& node,
                                      const std::string& snippet_what);

/// Any YAML as a tree of core-schema values.
TestValue read_test_value(SourceReader& source, const Node& node);

/// The items of `node`, a list; none, and a diagnostic, where it is something else.
std::vector<const Node*> read_items(SourceReader& source, const Node& node, std::string_view what);
/// `path` as the rule file writes it, seen from the working directory.
std::string joined_path(const SourceReader& source, const std::string& path);

/// All documents of a file; `embedded` gets every pattern and expression, where it is not null.
/// `trees_of` sees each tree while it is alive.
std::vector<RuleDocument> read_documents(
    std::shared_ptr<const SourceFile> file, Diagnostics& diagnostics,
    const std::function<void(const Tree&, SourceReader&)>& before,
    const std::function<void(const Tree&, SourceReader&)>& after);

}  // namespace weir::lang::yaml
