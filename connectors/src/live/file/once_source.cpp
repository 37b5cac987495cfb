// The source that reads files to their ends, once.
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "live/descriptor.hpp"
#include "live/file/file_sources.hpp"
#include "live/file/glob_paths.hpp"
#include "live/wake_event.hpp"

namespace weir::connectors {
namespace {

using std::chrono::milliseconds;

class OnceSource final : public Source {
 public:
  explicit OnceSource(Notices& notices) : notices_(&notices) {}

  bool add(const std::string& path, const FileSourceOptions& options, std::uint64_t offset,
           std::string& error) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) {
      error = system_problem(path, errno);
      return false;
    }
    if (!S_ISREG(info.st_mode)) {
      error = path + ": is no regular file";
      return false;
    }
    StreamError fault;
    auto stream = open_byte_stream(path, fault);
    if (stream == nullptr) {
      error = fault.message;
      return false;
    }
    auto reader =
        std::make_unique<RecordReader>(std::move(stream), options.framing, options.delimiter);
    reader->set_block_size(kMaxPolledBytes, kMaxPolledRecords);
    if (!reader->skip_to(offset)) {
      notices_->note(Notices::Level::kWarning, "file_shorter",
                     path + " is shorter than what had been read of it: nothing of it is left");
    }
    parts_.push_back({path, std::move(reader)});
    return true;
  }

  void poll(Polled& into, milliseconds timeout) override {
    into.text.clear();
    into.ticket = 0;
    into.block.records.clear();
    bool all_closed = true;
    for (std::size_t n = 0; n < parts_.size(); ++n) {
      next_ = next_ + 1 < parts_.size() ? next_ + 1 : 0;
      if (give_of(next_, into)) return;
      all_closed = all_closed && parts_[next_].state == State::kClosed;
    }
    into.kind = all_closed ? Polled::Kind::kEnd : Polled::Kind::kNothing;
    // What there is belongs to paused partitions.
    wake_.wait_for(-1, 0, timeout);
    wake_.clear();
  }

  void pause(std::uint32_t partition, bool paused) override {
    if (partition < parts_.size()) parts_[partition].paused = paused;
  }

  void wake() override { wake_.set(); }

 private:
  enum class State : std::uint8_t { kNew, kOpen, kClosed };
  struct Part {
    std::string path;
    std::unique_ptr<RecordReader> reader;
    State state = State::kNew;
    bool paused = false;
  };

  bool give_of(std::uint32_t index, Polled& into) {
    Part& part = parts_[index];
    if (part.state == State::kClosed) return false;
    into.partition = index;
    into.next_offset = part.reader->offset();
    if (part.state == State::kNew) {
      part.state = State::kOpen;
      into.kind = Polled::Kind::kOpened;
      into.text = part.path;
      return true;
    }
    if (part.paused) return false;
    if (part.reader->next(into.block)) {
      into.kind = Polled::Kind::kRecords;
      into.next_offset = part.reader->offset();
      return true;
    }
    const StreamError& fault = part.reader->stream().error();
    if (fault) notices_->note(Notices::Level::kError, "file_unreadable", fault.message);
    part.reader.reset();
    part.state = State::kClosed;
    into.kind = Polled::Kind::kClosed;
    return true;
  }

  Notices* notices_;
  WakeEvent wake_;
  std::vector<Part> parts_;  // by partition
  std::uint32_t next_ = 0;
};

}  // namespace

std::unique_ptr<Source> read_files_once(const FileSourceOptions& options, const StartOffsets& start,
                                        Notices& notices, std::string& error) {
  std::vector<std::string> paths = {options.path};
  if (is_glob(options.path)) paths = expand_glob(options.path);
  if (paths.empty()) {
    error = options.path + ": there is no such file";
    return nullptr;
  }
  if (paths.size() > kMaxSourceFiles) {
    error = options.path + ": stands for more than " + std::to_string(kMaxSourceFiles) + " files";
    return nullptr;
  }
  auto source = std::make_unique<OnceSource>(notices);
  for (std::uint32_t i = 0; i < paths.size(); ++i) {
    const auto named =
        std::find_if(start.begin(), start.end(), [&](const auto& at) { return at.partition == i; });
    const std::uint64_t offset = named == start.end() ? 0 : named->offset;
    if (!source->add(paths[i], options, offset, error)) return nullptr;
  }
  return source;
}

std::unique_ptr<Source> make_file_source(FileSourceOptions options, StartOffsets start,
                                         Notices& notices, std::string& error) {
  if (!options.follow) return read_files_once(options, start, notices, error);
  return follow_files(std::move(options), std::move(start), notices);
}

}  // namespace weir::connectors
