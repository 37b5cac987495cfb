#include "live/file/followed_file.hpp"

#include <fcntl.h>

#include <algorithm>
#include <utility>

namespace weir::connectors {
namespace {

using Clock = std::chrono::steady_clock;

/// A name that names nothing is waited for so many times rotate_wait before the file that had it is
/// taken for gone for good.
constexpr int kWaitsForName = 5;
/// Files that a path has named while its first one was still read; what it names while there are so
/// many may be missed.
constexpr std::size_t kMaxSuccessors = 16;

}  // namespace

FollowedFile::FollowedFile(std::string path, RecordFraming framing, char delimiter,
                           std::chrono::milliseconds rotate_wait, Notices& notices)
    : path_(std::move(path)),
      rotate_wait_(rotate_wait),
      notices_(&notices),
      splitter_(framing, delimiter) {}

void FollowedFile::start_at(std::uint64_t offset) {
  splitter_.start_at(offset);
  if (offset == 0 || !open()) return;
  struct stat info {};
  if (::fstat(file_.fd.get(), &info) == 0 && static_cast<std::uint64_t>(info.st_size) >= offset) {
    read_ = offset;
    head_.resize(std::min<std::uint64_t>(offset, kFileHeadBytes));
    const ssize_t n = ::pread(file_.fd.get(), head_.data(), head_.size(), 0);
    head_.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  } else {
    splitter_.begin_anew();
    notices_->note(Notices::Level::kWarning, "file_shorter",
                   path_ + " is shorter than what had been read of it: it is read from its start");
  }
}

void FollowedFile::start_at_end() {
  struct stat info {};
  if (!open() || ::fstat(file_.fd.get(), &info) != 0 || info.st_size == 0) return;
  start_at(static_cast<std::uint64_t>(info.st_size));
  char last = '\n';
  if (::pread(file_.fd.get(), &last, 1, info.st_size - 1) == 1 && last != '\n') {
    splitter_.start_inside_line();
  }
}

FollowedFile::Got FollowedFile::read(RecordBlock& block, Clock::time_point now) {
  gone_ = false;
  while (true) {
    if (splitter_.take(block, kMaxPolledRecords)) return Got::kRecords;
    if (std::exchange(ended_, false)) splitter_.begin_anew();
    if (!file_.fd && !open()) return Got::kNothing;
    if (read_some()) continue;
    if (!file_.fd) return Got::kNothing;
    switch (at_end(now)) {
      case Next::kRead:
        break;
      case Next::kNothing:
        return Got::kNothing;
      case Next::kLater:
        return Got::kLater;
    }
  }
}

bool FollowedFile::finish(RecordBlock& block) {
  splitter_.end();
  ended_ = true;
  file_.fd.reset();
  return splitter_.take(block, kMaxPolledRecords);
}

bool FollowedFile::open() {
  std::optional<OpenFile> found = open_path();
  if (!found) return false;
  successors_.clear();
  struct stat info {};
  // After a fault it may be the same file again.
  const Identity before = std::exchange(file_, std::move(*found)).identity;
  const bool goes_on = file_.identity == before && read_ > 0 &&
                       ::fstat(file_.fd.get(), &info) == 0 &&
                       static_cast<std::uint64_t>(info.st_size) >= read_ && head_is_same();
  if (!goes_on && !splitter_.held().empty()) {
    splitter_.end();
    ended_ = true;
  }
  start_file(goes_on ? read_ : 0);
  return true;
}

/// What the path names now, if it can be read.
std::optional<FollowedFile::OpenFile> FollowedFile::open_path() {
  struct stat info {};
  // Asked before it is opened: opening a named pipe would let a writer begin.
  if (::stat(path_.c_str(), &info) != 0) {
    gone_ = errno == ENOENT || errno == ENOTDIR;
    if (!gone_) tell_problem(system_problem(path_, errno));
    return std::nullopt;
  }
  if (!S_ISREG(info.st_mode)) {
    tell_problem(path_ + ": is no regular file");
    return std::nullopt;
  }
  Descriptor fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd || ::fstat(fd.get(), &info) != 0) {
    tell_problem(system_problem(path_, errno));
    return std::nullopt;
  }
  told_.clear();
  return OpenFile{std::move(fd), {info.st_dev, info.st_ino}};
}

void FollowedFile::start_file(std::uint64_t read) {
  read_ = read;
  if (read == 0) head_.clear();
  at_end_ = last_look_ = false;
  replaced_at_.reset();
  gone_at_.reset();
}

/// False at the end of the file, or where it could not be read and is closed.
bool FollowedFile::read_some() {
  if (ended_) return true;  // what is held of the file before comes first
  if (at_end_) {
    struct stat info {};
    if (::fstat(file_.fd.get(), &info) == 0 && !was_changed(info)) return false;
    if (static_cast<std::uint64_t>(info.st_size) < read_ || !head_is_same()) {
      begin_anew("file_truncated", path_ + " was written anew: it is read from its start");
      return true;
    }
  }
  const std::span<char> room = splitter_.room(kMaxPolledBytes);
  ssize_t n = 0;
  do {
    n = ::pread(file_.fd.get(), room.data(), room.size(), static_cast<off_t>(read_));
  } while (n < 0 && errno == EINTR);
  if (n < 0) {
    tell_problem(system_problem(path_, errno));
    file_.fd.reset();
    return false;
  }
  const auto bytes = static_cast<std::size_t>(n);
  if (head_.size() < kFileHeadBytes && head_.size() == read_) {
    head_.append(room.data(), std::min(bytes, kFileHeadBytes - head_.size()));
  }
  read_ += bytes;
  splitter_.added(bytes);
  return bytes > 0;
}

FollowedFile::Next FollowedFile::at_end(Clock::time_point now) {
  struct stat info {};
  if (::fstat(file_.fd.get(), &info) != 0) return Next::kNothing;
  if (static_cast<std::uint64_t>(info.st_size) < read_) {
    begin_anew("file_truncated", path_ + " was cut short: it is read from its start");
    return Next::kRead;
  }
  if (last_look_) {
    begin_anew("file_rotated", path_ + " was rotated, and has been read to its end");
    file_ = {};
    if (successors_.empty()) return Next::kRead;
    file_ = std::move(successors_.front());
    successors_.pop_front();
    return Next::kRead;
  }
  at_end_ = true;
  size_then_ = static_cast<off_t>(read_);
  changed_then_ = info.st_mtim;
  const bool named = find_successor();
  const bool deleted = info.st_nlink == 0;
  if (!successors_.empty()) {
    // Whoever writes may not have noticed yet, as long as the new file has nothing.
    struct stat next {};
    ::fstat(successors_.front().fd.get(), &next);
    if (next.st_size == 0 && successors_.size() == 1 && !deleted) return Next::kNothing;
    replaced_at_ = replaced_at_.value_or(now);
    look_again_ = *replaced_at_ + rotate_wait_;
    if (now < look_again_) return Next::kLater;
  } else if (named) {
    gone_at_.reset();
    return Next::kNothing;
  } else {
    gone_at_ = gone_at_.value_or(now);
    gone_ = now >= *gone_at_ + kWaitsForName * rotate_wait_;
    // As long as it has another name it may still be written to.
    if (!gone_ || !deleted) return Next::kNothing;
  }
  // Once more, for what was written between the read and the look at the name.
  last_look_ = true;
  at_end_ = false;
  return Next::kRead;
}

/// Keeps hold of what the path has come to name, so that another rotation does not lose it. False
/// where it names nothing.
bool FollowedFile::find_successor() {
  struct stat named {};
  if (::stat(path_.c_str(), &named) != 0) return false;
  const Identity& newest = successors_.empty() ? file_.identity : successors_.back().identity;
  if (Identity{named.st_dev, named.st_ino} == newest) return true;
  if (successors_.size() == kMaxSuccessors) return true;
  std::optional<OpenFile> found = open_path();
  if (found && found->identity != newest) successors_.push_back(std::move(*found));
  return true;
}

bool FollowedFile::was_changed(const struct stat& info) {
  return info.st_size != size_then_ || info.st_mtim.tv_sec != changed_then_.tv_sec ||
         info.st_mtim.tv_nsec != changed_then_.tv_nsec;
}

bool FollowedFile::head_is_same() const {
  std::string now(head_.size(), '\0');
  const ssize_t n = ::pread(file_.fd.get(), now.data(), now.size(), 0);
  return n == static_cast<ssize_t>(head_.size()) && now == head_;
}

void FollowedFile::begin_anew(std::string_view reason, const std::string& text) {
  notices_->note(Notices::Level::kInfo, reason, text);
  splitter_.end();
  ended_ = true;
  start_file(0);
}

void FollowedFile::tell_problem(const std::string& problem) {
  if (told_ == problem) return;
  told_ = problem;
  notices_->note(Notices::Level::kWarning, "file_unreadable", problem);
}

}  // namespace weir::connectors
