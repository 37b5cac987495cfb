// Secrets in YAML: covered in the text that diagnostics show.
#pragma once

#include <string>
#include <string_view>

#include "yaml/source_reader.hpp"
#include "yaml/tree.hpp"

namespace weir::lang::yaml {

/// Writes stars over every secret of the tree, and over passwords in URLs. `shown` is the file's
/// text, byte for byte.
void cover_secrets(const SourceReader& source, const Tree& tree, std::string& shown);
/// The same where there is no tree, generously: from a secret's key to the end of the line, and of
/// the block below it.
void cover_secret_lines(std::string& shown);

/// Of `password:x`, which is one text to YAML, the key; of other keys all.
std::string_view plain_head(std::string_view key);

}  // namespace weir::lang::yaml
