#include "live/outbox/disk_queue.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "live/outbox/frames.hpp"
#include "live/outbox/little_endian.hpp"

namespace weir::connectors {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMinSegment = std::uint64_t{64} << 10;
constexpr std::uint64_t kMaxSegment = std::uint64_t{16} << 20;
constexpr std::size_t kScanBytes = std::size_t{1} << 20;
constexpr std::string_view kSuffix = ".queue";
constexpr mode_t kFileMode = 0600;  // alerts are nobody else's business
constexpr mode_t kFolderMode = 0700;

/// 0: no segment's name.
std::uint64_t number_of(const std::string& file_name) {
  std::uint64_t number = 0;
  const char* const end = file_name.data() + file_name.size();
  const auto parsed = std::from_chars(file_name.data(), end, number);
  return parsed.ec == std::errc() && std::string_view(parsed.ptr, end) == kSuffix ? number : 0;
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

DiskQueue::DiskQueue(std::string folder, std::uint64_t max_bytes, std::string name,
                     Notices& notices)
    : folder_(std::move(folder)),
      max_bytes_(max_bytes),
      segment_bytes_(std::clamp(max_bytes / 8, kMinSegment, kMaxSegment)),
      name_(std::move(name)),
      notices_(&notices) {}

std::unique_ptr<DiskQueue> DiskQueue::open(const std::string& folder, std::uint64_t max_bytes,
                                           const std::string& name, Notices& notices,
                                           std::string& error) {
  std::unique_ptr<DiskQueue> queue(new DiskQueue(folder, max_bytes, name, notices));
  ::mkdir(folder.c_str(), kFolderMode);
  queue->lock_.reset(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!queue->lock_) {
    error = system_problem(folder, errno);
    return nullptr;
  }
  if (::flock(queue->lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    error = folder + ": another process uses it";
    return nullptr;
  }
  return queue->find_segments(error) ? std::move(queue) : nullptr;
}

bool DiskQueue::find_segments(std::string& error) {
  std::vector<std::uint64_t> numbers;
  std::error_code fault;
  for (fs::directory_iterator at(folder_, fault), end; !fault && at != end; at.increment(fault)) {
    const std::uint64_t number = number_of(at->path().filename().string());
    if (number > 0) numbers.push_back(number);
  }
  if (fault) {
    error = folder_ + ": " + fault.message();
    return false;
  }
  std::sort(numbers.begin(), numbers.end());
  head_ = read_head();
  next_number_ = std::max(head_.segment, numbers.empty() ? 0 : numbers.back()) + 1;
  for (const std::uint64_t number : numbers) {
    if (number < head_.segment) {
      ::unlink(path_of(number).c_str());
    } else {
      load({number, 0, 0});
    }
  }
  rewind();
  return true;
}

/// Counts what is whole in a segment that another process has left.
void DiskQueue::load(Segment segment) {
  const Descriptor file = open_segment(segment.number, O_RDWR);
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0) {
    notices_->note(Notices::Level::kError, "disk_queue_damaged",
                   name_ + ": " + system_problem(path_of(segment.number), errno));
    return;
  }
  segment.size = segment.number == head_.segment ? head_.offset : 0;
  RecordPack pack;
  std::vector<std::uint64_t> ends;
  while (read_frames(file.get(), segment.size, kScanBytes, pack, ends)) {
    segment.size = ends.back();
    segment.records += ends.size();
    pack = {};
    ends.clear();
  }
  const auto on_disk = static_cast<std::uint64_t>(info.st_size);
  if (on_disk > segment.size) {
    notices_->note(
        Notices::Level::kWarning, "disk_queue_damaged",
        fmt::format("{}: the last {} bytes of {} are no whole records: they are left out", name_,
                    on_disk - segment.size, path_of(segment.number)));
  }
  if (segment.records == 0) {
    ::unlink(path_of(segment.number).c_str());
    return;
  }
  records_ += segment.records;
  bytes_ += segment.size;
  segments_.push_back(segment);
}

DiskQueue::Put DiskQueue::put(const RecordPack& pack, std::string& problem) {
  std::string frames;
  for (std::size_t i = 0; i < pack.records(); ++i) append_frame(frames, pack.packed(i));
  if (bytes_ + frames.size() > max_bytes_) return Put::kFull;
  if ((!writing_ || segments_.back().size >= segment_bytes_) && !begin_segment(problem)) {
    return Put::kFailed;
  }
  Segment& segment = segments_.back();
  if (!write_all(writing_.get(), frames) || ::fdatasync(writing_.get()) != 0) {
    problem = system_problem(path_of(segment.number), errno);
    // What cannot be cut off either is passed over by whoever reads it: another segment follows.
    if (::ftruncate(writing_.get(), static_cast<off_t>(segment.size)) != 0) writing_.reset();
    return Put::kFailed;
  }
  segment.size += frames.size();
  segment.records += pack.records();
  records_ += pack.records();
  bytes_ += frames.size();
  return Put::kDone;
}

bool DiskQueue::begin_segment(std::string& problem) {
  Descriptor file = open_segment(next_number_, O_WRONLY | O_APPEND | O_CREAT | O_EXCL);
  // Its name has to be on disk, too.
  if (!file || ::fsync(lock_.get()) != 0) {
    problem = system_problem(path_of(next_number_), errno);
    return false;
  }
  writing_ = std::move(file);
  segments_.push_back({next_number_++, 0, 0});
  if (segments_.size() == 1) {
    head_ = {segments_.front().number, 0};
    if (taken_.empty()) reading_ = head_;
  }
  return true;
}

bool DiskQueue::take(RecordPack& into, std::size_t bytes) {
  while (!all_taken()) {
    auto at = std::find_if(segments_.begin(), segments_.end(),
                           [&](const Segment& s) { return s.number >= reading_.segment; });
    if (at != segments_.end() && at->number == reading_.segment && reading_.offset >= at->size)
      ++at;
    if (at == segments_.end()) return false;
    if (at->number != reading_.segment) reading_ = {at->number, 0};
    if (read_number_ != reading_.segment || !read_file_) {
      read_file_ = open_segment(reading_.segment, O_RDONLY);
      read_number_ = reading_.segment;
    }
    std::vector<std::uint64_t> ends;
    if (read_frames(read_file_.get(), reading_.offset, bytes, into, ends)) {
      reading_.offset = ends.back();
      for (const std::uint64_t end : ends) taken_.push_back({reading_.segment, end});
      return true;
    }
    lose_rest_of(*at);
  }
  return false;
}

/// It was whole when it was written, or found.
void DiskQueue::lose_rest_of(Segment& segment) {
  const auto taken = static_cast<std::uint64_t>(
      std::count_if(taken_.begin(), taken_.end(),
                    [&](const Place& place) { return place.segment == segment.number; }));
  const std::uint64_t lost = segment.records - taken;
  notices_->note(Notices::Level::kError, "disk_queue_damaged",
                 fmt::format("{}: {} records cannot be read in {}: they are lost", name_, lost,
                             path_of(segment.number)));
  records_ -= lost;
  segment.records = taken;
  bytes_ -= segment.size - reading_.offset;
  segment.size = reading_.offset;
  if (taken == 0) drop_empty_front();
}

void DiskQueue::release(std::size_t records) {
  if (records == 0) return;
  for (; records > 0 && !taken_.empty(); --records) {
    head_ = taken_.front();
    taken_.pop_front();
    --records_;
    const auto segment = std::find_if(segments_.begin(), segments_.end(),
                                      [&](const Segment& s) { return s.number == head_.segment; });
    --segment->records;
  }
  drop_empty_front();
  write_head();
}

/// Segments all of whose records are released are deleted, also the one that is written to.
void DiskQueue::drop_empty_front() {
  while (!segments_.empty() && segments_.front().records == 0) {
    const Segment& front = segments_.front();
    if (segments_.size() == 1) writing_.reset();
    bytes_ -= std::min(bytes_, front.size);
    ::unlink(path_of(front.number).c_str());
    if (head_.segment <= front.number) head_ = {front.number + 1, 0};
    segments_.pop_front();
  }
}

void DiskQueue::rewind() {
  taken_.clear();
  reading_ = head_;
}

/// "WQH1", segment, offset. That it may be older than what was released does no harm.
void DiskQueue::write_head() {
  std::string text = "WQH1";
  append_little_endian(text, head_.segment);
  append_little_endian(text, head_.offset);
  std::string framed;
  append_frame(framed, text);
  const Descriptor file(::openat(lock_.get(), "head", O_WRONLY | O_CREAT | O_CLOEXEC, kFileMode));
  [[maybe_unused]] const ssize_t n = ::pwrite(file.get(), framed.data(), framed.size(), 0);
}

DiskQueue::Place DiskQueue::read_head() const {
  char text[64];
  const Descriptor file(::openat(lock_.get(), "head", O_RDONLY | O_CLOEXEC));
  const ssize_t n = file ? ::read(file.get(), text, sizeof text) : 0;
  const std::string_view stored(text, static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  // Of a head that is torn or missing the oldest segment is the first, from its start.
  if (stored.size() < 12 + 2 * sizeof(std::uint64_t)) return {};
  const Place place{read_little_endian<std::uint64_t>(stored.substr(12)),
                    read_little_endian<std::uint64_t>(stored.substr(20))};
  std::string expected = "WQH1";
  append_little_endian(expected, place.segment);
  append_little_endian(expected, place.offset);
  std::string framed;
  append_frame(framed, expected);
  return framed == stored ? place : Place{};
}

Descriptor DiskQueue::open_segment(std::uint64_t number, int flags) const {
  return Descriptor(::open(path_of(number).c_str(), flags | O_CLOEXEC, kFileMode));
}

std::string DiskQueue::path_of(std::uint64_t number) const {
  return fmt::format("{}/{:020}{}", folder_, number, kSuffix);
}

}  // namespace weir::connectors
