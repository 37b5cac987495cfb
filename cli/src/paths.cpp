#include "paths.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <system_error>

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

bool is_rule_file(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

void add_folder(const std::string& folder, std::vector<std::string>& files,
                std::vector<std::string>& errors) {
  std::vector<std::string> found;
  std::error_code error;
  fs::recursive_directory_iterator it(folder, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    std::error_code ignored;
    if (is_rule_file(it->path()) && !it->is_directory(ignored))
      found.push_back(it->path().string());
  }
  if (error) {
    errors.push_back(fmt::format("cannot read folder {}: {}", folder, error.message()));
  } else if (found.empty()) {
    errors.push_back(fmt::format("there is no *.yaml or *.yml in {}", folder));
  }
  std::sort(found.begin(), found.end());
  files.insert(files.end(), found.begin(), found.end());
}

void add_glob(const std::string& pattern, std::vector<std::string>& files,
              std::vector<std::string>& errors) {
  glob_t matches{};
  std::vector<std::string> found;
  if (::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &matches) == 0) {
    found.assign(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
  }
  ::globfree(&matches);
  if (found.empty()) errors.push_back(fmt::format("nothing matches {}", pattern));
  std::sort(found.begin(), found.end());
  for (const std::string& path : found) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
      add_folder(path, files, errors);
    } else {
      files.push_back(path);
    }
  }
}

}  // namespace

std::vector<std::string> expand_rule_paths(const std::vector<std::string>& paths,
                                           std::vector<std::string>& errors) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    const fs::file_status status =
        path == "-" ? fs::file_status(fs::file_type::fifo) : fs::status(path, error);
    if (fs::is_directory(status)) {
      add_folder(path, files, errors);
    } else if (fs::exists(status)) {
      files.push_back(path);
    } else if (path.find_first_of("*?[") != std::string::npos) {
      add_glob(path, files, errors);
    } else {
      errors.push_back(
          fmt::format("cannot read {}: {}", path, error ? error.message() : "not found"));
    }
  }
  std::vector<std::string> once;
  std::set<std::string> seen;
  for (std::string& file : files) {
    if (seen.insert(fs::path(file).lexically_normal().string()).second) {
      once.push_back(std::move(file));
    }
  }
  return once;
}

bool read_file(const std::string& path, std::size_t max_bytes, std::string& text,
               std::string& error) {
  const bool standard_input = path == "-";
  const int fd = standard_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  text.clear();
  ssize_t n = fd < 0 ? -1 : 1;
  while (n > 0 && text.size() <= max_bytes) {
    constexpr std::size_t kChunk = 64 * 1024;
    const std::size_t used = text.size();
    text.resize(used + kChunk);
    do {
      n = ::read(fd, text.data() + used, kChunk);
    } while (n < 0 && errno == EINTR);
    text.resize(used + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  }
  if (n < 0) {
    error = fmt::format("cannot read {}: {}", standard_input ? "standard input" : path,
                        std::strerror(errno));
  } else if (text.size() > max_bytes) {
    error = fmt::format("{} is larger than {} MiB", path, max_bytes / (1024 * 1024));
    n = -1;
  }
  if (fd > STDIN_FILENO) ::close(fd);
  return n >= 0;
}

}  // namespace weir::cli
