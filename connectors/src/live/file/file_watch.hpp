// Waiting for files to change, by inotify(7) where there is such a thing.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "live/descriptor.hpp"
#include "live/wake_event.hpp"

namespace weir::connectors {

/// What changes unseen (on network file systems, behind a symbolic link to a folder, where the
/// system's watches are used up) has to be found by looking: see look_every(). Used by one thread,
/// but for wake().
class FileWatch {
 public:
  /// `notify`: off, nothing is seen.
  explicit FileWatch(bool notify);

  /// Names that come and go in this folder, and files that are written through a name in it.
  void watch_folder(const std::string& folder);
  /// What is written to an open file, by whatever name. `tag` is told when it changes.
  int watch_file(int fd, std::uint32_t tag);
  void unwatch_file(int watch);

  /// Waits until something changes, or wake(), or the time is over.
  void wait(std::chrono::milliseconds timeout);
  void wake() const noexcept { wake_.set(); }

  // What wait() saw.

  /// A name came or went.
  bool names_changed() const noexcept { return names_changed_; }
  bool woken() const noexcept { return woken_; }
  const std::vector<std::uint32_t>& changed_files() const noexcept { return changed_files_; }
  /// FOLDER/NAME of what was written to.
  const std::vector<std::string>& changed_paths() const noexcept { return changed_paths_; }

  std::chrono::milliseconds look_every() const noexcept;

 private:
  void read_events();

  WakeEvent wake_;
  Descriptor inotify_;
  std::unordered_map<int, std::string> folders_;  // by watch
  std::unordered_map<int, std::uint32_t> files_;
  bool names_changed_ = false;
  bool woken_ = false;
  std::vector<std::uint32_t> changed_files_;
  std::vector<std::string> changed_paths_;
};

}  // namespace weir::connectors
