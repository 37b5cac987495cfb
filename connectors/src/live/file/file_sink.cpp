// The sink that appends to a file, and rotates it.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "live/descriptor.hpp"
#include "live/file/descriptor_sink.hpp"
#include "live/file/rotated_names.hpp"

namespace weir::connectors {
namespace {

using std::chrono::system_clock;
using State = SendResult::State;
using Fsync = FileSinkOptions::Fsync;

/// Bytes of a write.
constexpr std::size_t kWriteBytes = 256 * 1024;
constexpr mode_t kFileMode = 0644;  // less the umask

std::string open_problem(const std::string& path, int code) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code ignored;
  if (code == ENOENT && !folder.empty() && !std::filesystem::exists(folder, ignored)) {
    return path + ": there is no folder " + folder.string();
  }
  return system_problem(path, code);
}

/// Of a regular file.
class FileSink final : public Sink {
 public:
  FileSink(FileSinkOptions options, Notices& notices)
      : options_(std::move(options)), notices_(&notices) {}

  bool open(std::string& problem) {
    struct stat info {};
    const int flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    Descriptor fd(::open(options_.path.c_str(), flags, kFileMode));
    if (!fd || ::fstat(fd.get(), &info) != 0) {
      problem = open_problem(options_.path, errno);
      return false;
    }
    fd_ = std::move(fd);
    size_ = synced_size_ = info.st_size;
    size_limit_ = static_cast<off_t>(options_.rotate_bytes);
    period_ = period_of(size_ > 0 ? system_clock::from_time_t(info.st_mtime) : system_clock::now());
    char last = '\n';
    const bool torn = size_ > 0 && ::pread(fd_.get(), &last, 1, size_ - 1) == 1 && last != '\n';
    return !torn || end_line(problem);
  }

  SendResult send(std::span<const OutRecord> records) override {
    SendResult result;
    while (result.done < records.size() && result.problem.empty()) {
      if (!ready(records[result.done], result.problem)) break;
      gather(records.subspan(result.done));
      result.done += write_lines(result.problem);
    }
    sent_ += result.done;
    if (options_.fsync == Fsync::kEvery && !sync(result.problem)) {
      // Nothing but what came with this call can be unsynced.
      result.done -= std::min(result.done, take_back());
    }
    if (result.done < records.size()) result.state = State::kTryAgain;
    return result;
  }

  SendResult flush() override {
    SendResult result;
    if (!sync(result.problem)) {
      result.state = State::kTryAgain;
      take_back();
    }
    result.done = std::exchange(sent_, 0);
    return result;
  }

  void tick() override {
    struct stat mine {};
    struct stat named {};
    if (!fd_ || ::fstat(fd_.get(), &mine) != 0) return;
    std::string problem;
    const bool moved = ::stat(options_.path.c_str(), &named) != 0 || named.st_ino != mine.st_ino ||
                       named.st_dev != mine.st_dev;
    if (moved && sync(problem)) {
      fd_.reset();
    } else if (size_ > 0 && period_of(system_clock::now()) != period_) {
      rotate(problem);
    }
    if (!problem.empty()) notices_->note(Notices::Level::kWarning, "file_sink", problem);
  }

 private:
  std::int64_t period_of(system_clock::time_point time) const {
    if (options_.rotate_every.count() <= 0) return 0;
    return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()) /
           options_.rotate_every;
  }

  /// The file is open, ends with a whole line, and may take `next`.
  bool ready(const OutRecord& next, std::string& problem) {
    if (!fd_ && !open(problem)) return false;
    if (torn_bytes_ > 0 && !mend(problem)) return false;
    const std::int64_t period = period_of(system_clock::now());
    if (size_ == 0) period_ = period;
    const bool too_large = size_ > 0 && size_limit_ > 0 &&
                           size_ + static_cast<off_t>(next.text.size()) + 1 > size_limit_;
    return (!too_large && period == period_) || rotate(problem);
  }

  bool rotate(std::string& problem) {
    if (!sync(problem)) return false;
    std::string why_not;
    if (!rotate_away(options_.path, system_clock::now(), why_not)) {
      // A file that grows too large loses nothing.
      notices_->note(Notices::Level::kWarning, "file_sink_not_rotated", why_not);
      period_ = period_of(system_clock::now());
      size_limit_ = size_ + static_cast<off_t>(options_.rotate_bytes);
      return true;
    }
    notices_->note(Notices::Level::kInfo, "file_sink_rotated", options_.path + " was rotated");
    if (options_.keep > 0) drop_rotated(options_.path, options_.keep);
    fd_.reset();
    return open(problem);
  }

  /// Lines of the first records: of one, and as many more as fit the file and a write.
  void gather(std::span<const OutRecord> records) {
    buffer_.clear();
    ends_.clear();
    for (const OutRecord& record : records) {
      const std::size_t then = buffer_.size() + record.text.size() + 1;
      const bool fits = then <= kWriteBytes &&
                        (size_limit_ == 0 || size_ + static_cast<off_t>(then) <= size_limit_);
      if (!fits && !ends_.empty()) return;
      buffer_ += record.text;
      buffer_ += '\n';
      ends_.push_back(buffer_.size());
    }
  }

  /// How many of the lines gathered are now in the file, whole; `problem` where not all are.
  std::size_t write_lines(std::string& problem) {
    std::size_t written = 0;
    while (written < buffer_.size()) {
      const ssize_t n = ::write(fd_.get(), buffer_.data() + written, buffer_.size() - written);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        problem = system_problem(options_.path, n < 0 ? errno : ENOSPC);
        break;
      }
      written += static_cast<std::size_t>(n);
    }
    const auto whole = static_cast<std::size_t>(
        std::upper_bound(ends_.begin(), ends_.end(), written) - ends_.begin());
    const std::size_t kept = whole == 0 ? 0 : ends_[whole - 1];
    size_ += static_cast<off_t>(kept);
    unsynced_ += whole;
    torn_bytes_ = static_cast<off_t>(written - kept);
    std::string ignored;  // there is one already; it is tried again before the next write
    if (torn_bytes_ > 0) mend(ignored);
    return whole;
  }

  /// Behind size_ there is a part of a line of ours: cuts it off, or ends it where somebody else
  /// has written behind it.
  bool mend(std::string& problem) {
    struct stat info {};
    if (::fstat(fd_.get(), &info) == 0 && info.st_size == size_ + torn_bytes_) {
      if (::ftruncate(fd_.get(), size_) != 0) {
        problem = system_problem(options_.path, errno);
        return false;
      }
    } else if (!end_line(problem)) {
      return false;
    }
    torn_bytes_ = 0;
    return true;
  }

  bool end_line(std::string& problem) {
    struct stat info {};
    if (::write(fd_.get(), "\n", 1) != 1 || ::fstat(fd_.get(), &info) != 0) {
      problem = system_problem(options_.path, errno);
      fd_.reset();
      return false;
    }
    size_ = info.st_size;
    return true;
  }

  /// What was written is on disk, where the options ask for it. After a failure the system may have
  /// forgotten what it could not write, and says so once only: take_back() is next.
  bool sync(std::string& problem) {
    if (!fd_ || options_.fsync == Fsync::kNever) {
      unsynced_ = 0;
      return true;
    }
    if (sync_failed_ || ::fdatasync(fd_.get()) != 0) {
      problem = system_problem(options_.path, sync_failed_ ? EIO : errno);
      sync_failed_ = true;
      return false;
    }
    synced_size_ = size_;
    unsynced_ = 0;
    return true;
  }

  /// Cuts the file back to what is known to be on disk; how many records that costs.
  std::size_t take_back() {
    if (::ftruncate(fd_.get(), synced_size_) == 0) size_ = synced_size_;
    sync_failed_ = false;
    sent_ -= std::min(sent_, unsynced_);
    return std::exchange(unsynced_, 0);
  }

  FileSinkOptions options_;
  Notices* notices_;
  Descriptor fd_;
  off_t size_ = 0;            // up to the last whole line
  off_t torn_bytes_ = 0;      // of a line of ours behind it
  off_t synced_size_ = 0;     // known to be on disk
  off_t size_limit_ = 0;      // 0: none
  std::int64_t period_ = 0;   // of rotate_every, in which the file was written
  std::size_t sent_ = 0;      // records since the last flush
  std::size_t unsynced_ = 0;  // of them behind synced_size_
  bool sync_failed_ = false;
  std::string buffer_;
  std::vector<std::size_t> ends_;  // of its lines
};

}  // namespace

std::unique_ptr<Sink> make_file_sink(FileSinkOptions options, Notices& notices,
                                     std::string& error) {
  struct stat info {};
  if (::stat(options.path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    // A pipe that nobody reads is no place: without O_NONBLOCK one would wait for a reader.
    Descriptor fd(::open(options.path.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (fd) return own_descriptor_sink(std::move(fd), options.path);
    error = system_problem(options.path, errno);
    return nullptr;
  }
  auto sink = std::make_unique<FileSink>(std::move(options), notices);
  return sink->open(error) ? std::move(sink) : nullptr;
}

}  // namespace weir::connectors
