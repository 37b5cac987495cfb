#include "live/file/rotated_names.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "live/descriptor.hpp"

namespace weir::connectors {
namespace {

namespace fs = std::filesystem;
using std::chrono::microseconds;
using TimePoint = std::chrono::system_clock::time_point;

/// 0 stands for a digit.
constexpr std::string_view kStampShape = ".00000000T000000.000000Z";

bool is_stamp(std::string_view text) {
  return text.size() == kStampShape.size() &&
         std::equal(text.begin(), text.end(), kStampShape.begin(), [](char c, char shape) {
           return shape == '0' ? c >= '0' && c <= '9' : c == shape;
         });
}

}  // namespace

std::string rotated_name(const std::string& path, TimePoint time) {
  const auto since_epoch = std::chrono::floor<microseconds>(time.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
  return fmt::format("{}.{:%Y%m%dT%H%M%S}.{:06}Z", path,
                     fmt::gmtime(static_cast<std::time_t>(seconds.count())),
                     (since_epoch - seconds).count());
}

std::vector<std::string> rotated_files(const std::string& path) {
  const fs::path whole(path);
  const std::string name = whole.filename().string();
  const fs::path folder = whole.has_parent_path() ? whole.parent_path() : fs::path(".");
  std::vector<std::string> found;
  std::error_code fault;
  for (fs::directory_iterator entry(folder, fault), end; !fault && entry != end;
       entry.increment(fault)) {
    const std::string other = entry->path().filename().string();
    if (other.starts_with(name) && is_stamp(std::string_view(other).substr(name.size()))) {
      found.push_back(path + other.substr(name.size()));
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool rotate_away(const std::string& path, TimePoint now, std::string& problem) {
  const std::vector<std::string> before = rotated_files(path);
  std::string name = rotated_name(path, now);
  if (!before.empty() && name <= before.back()) {
    // One digit up: still a stamp in all but the last microsecond of a year's last second.
    name = before.back();
    std::size_t at = name.size() - 2;  // before the Z
    while (at > 0 && (name[at] == '9' || name[at] < '0' || name[at] > '9')) {
      if (name[at] == '9') name[at] = '0';
      --at;
    }
    ++name[at];
  }
  if (std::rename(path.c_str(), name.c_str()) == 0) return true;
  problem = system_problem(path + " cannot be rotated", errno);
  return false;
}

void drop_rotated(const std::string& path, unsigned keep) {
  const std::vector<std::string> files = rotated_files(path);
  for (std::size_t i = 0; i + keep < files.size(); ++i) std::remove(files[i].c_str());
}

}  // namespace weir::connectors
