// Paths as people give them, into files.
#pragma once

#include <string>
#include <vector>

namespace weir::cli {

/// A file is itself, a folder all *.yaml and *.yml below it, a glob what it matches; a folder's and
/// a glob's in byte order of path, each file once. `-` stays as it is. What cannot be found is a
/// sentence in `errors`.
std::vector<std::string> expand_rule_paths(const std::vector<std::string>& paths,
                                           std::vector<std::string>& errors);

/// The whole file, or standard input for `-`. False with `error` where it cannot be read or is
/// larger than `max_bytes`.
bool read_file(const std::string& path, std::size_t max_bytes, std::string& text,
               std::string& error);

}  // namespace weir::cli
