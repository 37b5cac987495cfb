// Paths that a glob stands for.
#pragma once

#include <string>
#include <vector>

namespace weir::connectors {

/// Whether a path has any of * ? [.
bool is_glob(const std::string& path);
/// What is there now, in byte order. Empty where there is nothing.
std::vector<std::string> expand_glob(const std::string& pattern);
/// The folders in which names that come or go may change what the path stands for, as far as they
/// are there.
std::vector<std::string> folders_of(const std::string& path);

}  // namespace weir::connectors
