// The source that follows the files of a path or of a glob.
#include <algorithm>
#include <memory>
#include <unordered_map>
#include <utility>

#include "live/file/file_sources.hpp"
#include "live/file/file_watch.hpp"
#include "live/file/followed_file.hpp"
#include "live/file/glob_paths.hpp"

namespace weir::connectors {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

class FollowingSource final : public Source {
 public:
  FollowingSource(FileSourceOptions options, StartOffsets start, Notices& notices)
      : options_(std::move(options)),
        notices_(&notices),
        watch_(options_.notify),
        glob_(is_glob(options_.path)) {
    if (!glob_) add_part(options_.path);
    find_paths();
    for (std::uint32_t i = 0; i < parts_.size(); ++i) {
      const auto named = std::find_if(start.begin(), start.end(),
                                      [&](const auto& at) { return at.partition == i; });
      if (named != start.end()) {
        parts_[i].file.start_at(named->offset);
      } else if (options_.from_end) {
        parts_[i].file.start_at_end();
      }
    }
  }

  void poll(Polled& into, milliseconds timeout) override {
    const Clock::time_point deadline = Clock::now() + timeout;
    into.text.clear();
    into.ticket = 0;
    into.block.records.clear();
    while (true) {
      const Clock::time_point now = Clock::now();
      if (now >= look_again_) look_at_all(now);
      if (give(into, now)) return;
      const auto left = std::min(deadline, look_again_) - now;
      watch_.wait(std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(left)));
      take_changes();
      if (!watch_.woken() && Clock::now() < deadline) continue;
      if (!give(into, Clock::now())) into.kind = Polled::Kind::kNothing;
      return;
    }
  }

  void pause(std::uint32_t partition, bool paused) override {
    if (partition >= parts_.size()) return;
    parts_[partition].paused = paused;
    parts_[partition].changed = true;
  }

  void wake() override { watch_.wake(); }

 private:
  struct Part {
    explicit Part(FollowedFile followed) : file(std::move(followed)) {}
    FollowedFile file;
    bool paused = false;
    bool open = false;     // kOpened was told
    bool changed = true;   // it may have records
    bool drained = false;  // kDrained was told
    int watch = -1;
    int watched = -1;  // descriptor
  };

  void add_part(const std::string& path) {
    by_path_.emplace(path, static_cast<std::uint32_t>(parts_.size()));
    parts_.emplace_back(
        FollowedFile(path, options_.framing, options_.delimiter, options_.rotate_wait, *notices_));
  }

  /// Names may have come or gone.
  void find_paths() {
    for (const std::string& folder : folders_of(options_.path)) watch_.watch_folder(folder);
    if (!glob_) return;
    for (const std::string& path : expand_glob(options_.path)) {
      if (by_path_.contains(path)) continue;
      if (parts_.size() >= kMaxSourceFiles) {
        notices_->note(Notices::Level::kError, "too_many_files",
                       options_.path + " stands for more than " + std::to_string(kMaxSourceFiles) +
                           " files: the others are not read");
        return;
      }
      add_part(path);
    }
  }

  void look_at_all(Clock::time_point now) {
    find_paths();
    for (Part& part : parts_) part.changed = true;
    look_again_ = now + watch_.look_every();
  }

  void take_changes() {
    if (watch_.names_changed()) look_again_ = {};
    for (const std::uint32_t tag : watch_.changed_files()) parts_[tag].changed = true;
    for (const std::string& path : watch_.changed_paths()) {
      // Of a path without a folder the watch's is ".".
      auto part = by_path_.find(path);
      if (part == by_path_.end() && path.starts_with("./")) part = by_path_.find(path.substr(2));
      if (part != by_path_.end()) parts_[part->second].changed = true;
    }
  }

  /// Whatever there is to say, from the next partition on, so that each has its turn.
  bool give(Polled& into, Clock::time_point now) {
    for (std::size_t n = 0; n < parts_.size(); ++n) {
      next_ = next_ + 1 < parts_.size() ? next_ + 1 : 0;
      if (give_of(next_, into, now)) return true;
    }
    return false;
  }

  bool give_of(std::uint32_t index, Polled& into, Clock::time_point now) {
    Part& part = parts_[index];
    if (!part.changed) return false;
    into.partition = index;
    if (!part.open) {
      if (glob_ && !is_there(part)) return part.changed = false;
      part.open = true;
      into.kind = Polled::Kind::kOpened;
      into.text = part.file.path();
      into.next_offset = part.file.offset();
      return true;
    }
    if (part.paused) return false;
    const FollowedFile::Got got = part.file.read(into.block, now);
    keep_watched(index);
    if (got == FollowedFile::Got::kRecords) return give_records(part, into);
    part.changed = false;
    if (got == FollowedFile::Got::kLater) {
      look_again_ = std::min(look_again_, part.file.look_again());
      return false;
    }
    if (glob_ && part.file.gone()) return close(part, into);
    if (part.drained) return false;
    part.drained = true;
    into.kind = Polled::Kind::kDrained;
    return true;
  }

  bool give_records(Part& part, Polled& into) {
    part.drained = false;
    into.kind = Polled::Kind::kRecords;
    into.next_offset = part.file.offset();
    return true;
  }

  bool close(Part& part, Polled& into) {
    if (part.file.finish(into.block)) {
      part.changed = true;
      return give_records(part, into);
    }
    part.open = part.drained = false;
    into.kind = Polled::Kind::kClosed;
    return true;
  }

  static bool is_there(const Part& part) { return ::access(part.file.path().c_str(), F_OK) == 0; }

  void keep_watched(std::uint32_t index) {
    Part& part = parts_[index];
    if (part.watched == part.file.descriptor()) return;
    watch_.unwatch_file(part.watch);
    part.watched = part.file.descriptor();
    part.watch = part.watched < 0 ? -1 : watch_.watch_file(part.watched, index);
  }

  FileSourceOptions options_;
  Notices* notices_;
  FileWatch watch_;
  bool glob_;
  std::vector<Part> parts_;  // by partition
  std::unordered_map<std::string, std::uint32_t> by_path_;
  std::uint32_t next_ = 0;
  Clock::time_point look_again_;  // at everything
};

}  // namespace

std::unique_ptr<Source> follow_files(FileSourceOptions options, StartOffsets start,
                                     Notices& notices) {
  return std::make_unique<FollowingSource>(std::move(options), std::move(start), notices);
}

}  // namespace weir::connectors
