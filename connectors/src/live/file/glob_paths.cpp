#include "live/file/glob_paths.hpp"

#include <glob.h>

#include <algorithm>

namespace weir::connectors {

bool is_glob(const std::string& path) {
  return path.find_first_of("*?[") != std::string::npos;
}

std::vector<std::string> expand_glob(const std::string& pattern) {
  std::vector<std::string> paths;
  glob_t found{};
  if (::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  ::globfree(&found);
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<std::string> folders_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {"."};
  const std::string folder = slash == 0 ? "/" : path.substr(0, slash);
  return is_glob(folder) ? expand_glob(folder) : std::vector<std::string>{folder};
}

}  // namespace weir::connectors
