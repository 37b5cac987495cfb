#include "live/file/file_watch.hpp"

#include <sys/inotify.h>

#include <array>
#include <climits>

namespace weir::connectors {
namespace {

constexpr std::chrono::milliseconds kLookEvery{1000};
constexpr std::chrono::milliseconds kLookEveryUnwatched{250};

constexpr std::uint32_t kFolderEvents =
    IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_MODIFY | IN_ONLYDIR;
constexpr std::uint32_t kFileEvents = IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF;

}  // namespace

FileWatch::FileWatch(bool notify)
    : inotify_(notify ? ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK) : -1) {}

void FileWatch::watch_folder(const std::string& folder) {
  if (!inotify_) return;
  // Of a folder that is watched already this gives the same watch.
  const int watch = ::inotify_add_watch(inotify_.get(), folder.c_str(), kFolderEvents);
  if (watch >= 0) folders_[watch] = folder;
}

int FileWatch::watch_file(int fd, std::uint32_t tag) {
  if (!inotify_) return -1;
  // By descriptor, since the name may be another file's by now.
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  const int watch = ::inotify_add_watch(inotify_.get(), path.c_str(), kFileEvents);
  if (watch >= 0) files_[watch] = tag;
  return watch;
}

void FileWatch::unwatch_file(int watch) {
  if (watch < 0 || files_.erase(watch) == 0) return;
  ::inotify_rm_watch(inotify_.get(), watch);
}

std::chrono::milliseconds FileWatch::look_every() const noexcept {
  return folders_.empty() ? kLookEveryUnwatched : kLookEvery;
}

void FileWatch::wait(std::chrono::milliseconds timeout) {
  names_changed_ = false;
  changed_files_.clear();
  changed_paths_.clear();
  if (wake_.wait_for(inotify_.get(), POLLIN, timeout)) read_events();
  woken_ = wake_.clear();
}

void FileWatch::read_events() {
  alignas(inotify_event) std::array<char, 16 * (sizeof(inotify_event) + NAME_MAX + 1)> buffer;
  while (true) {
    const ssize_t n = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (n <= 0) return;
    for (ssize_t at = 0; at < n;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      const auto file = files_.find(event->wd);
      const auto folder = folders_.find(event->wd);
      if (file != files_.end()) {
        changed_files_.push_back(file->second);
        if ((event->mask & IN_IGNORED) != 0) files_.erase(file);
      } else if (folder == folders_.end() || (event->mask & IN_MODIFY) == 0) {
        names_changed_ = true;  // or events were lost: look at everything
        if (folder != folders_.end() && (event->mask & IN_IGNORED) != 0) folders_.erase(folder);
      } else if (event->len > 0) {
        changed_paths_.push_back(folder->second + '/' + event->name);
      }
    }
  }
}

}  // namespace weir::connectors
