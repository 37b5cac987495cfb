// Names of the files that a sink has rotated away.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::connectors {

/// PATH.20260131T235959.000001Z: UTC with microseconds, so that byte order is the order of time.
std::string rotated_name(const std::string& path, std::chrono::system_clock::time_point time);
/// All of them that are there, oldest first.
std::vector<std::string> rotated_files(const std::string& path);

/// Names `path` by the time, or by just after the last name where the clock went back, so that
/// order is kept and none is overwritten. False, with `problem`.
bool rotate_away(const std::string& path, std::chrono::system_clock::time_point now,
                 std::string& problem);
/// Deletes the oldest but `keep`.
void drop_rotated(const std::string& path, unsigned keep);

}  // namespace weir::connectors
