// YAML text to trees: yaml-cpp is entered here, and nowhere else does one of its exceptions arrive.
#pragma once

#include <functional>

#include "yaml/source_reader.hpp"
#include "yaml/tree.hpp"

namespace weir::lang::yaml {

/// Lists and maps inside one another, in blocks or in braces.
inline constexpr std::size_t kMaxYamlDepth = 64;
/// Nodes of one document.
inline constexpr std::size_t kMaxYamlNodes = 250'000;
/// Bytes of a document's scalars with every alias written out. Nodes are bounded by kMaxYamlNodes
/// then too.
inline constexpr std::uint64_t kMaxAliasBytes = 2 * kMaxRuleFileBytes;
/// Bytes of one scalar.
inline constexpr std::size_t kMaxScalarBytes = 4 * 1024 * 1024;

/// Documents of one file.
inline constexpr std::size_t kMaxDocuments = 10'000;

/// Calls `document` with each document of the file, in order, until it says false; root is null
/// where one is not YAML (a diagnostic says why, and the next is read all the same). Never throws,
/// but for what `document` does.
void read_trees(SourceReader& source, const std::function<bool(const Tree&)>& document);

}  // namespace weir::lang::yaml
