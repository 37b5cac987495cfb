// One path, and the files that it names, one after another.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "input/record_splitter.hpp"
#include "live/descriptor.hpp"
#include "weir/connectors/live/source.hpp"

namespace weir::connectors {

/// So many of a file's first bytes tell it from another that got its inode, and from what was
/// written over it.
inline constexpr std::size_t kFileHeadBytes = 256;

/// Reads what the path names, to its end and on as it grows; when the path names another file, or
/// the file begins anew, what is held of a last line is a record, and the other's bytes follow.
/// Offsets are places in the concatenation of all that was read. Used by one thread.
class FollowedFile {
 public:
  /// `rotate_wait`: so long the file that was rotated away is still read, counted from when its
  /// successor has bytes. `notices` outlives it.
  FollowedFile(std::string path, RecordFraming framing, char delimiter,
               std::chrono::milliseconds rotate_wait, Notices& notices);

  // Before the first read().

  /// The file that is there now, if any, has been read up to `offset`.
  void start_at(std::uint64_t offset);
  /// Of what is there now only lines are read that begin later.
  void start_at_end();

  enum class Got : std::uint8_t {
    kRecords,
    kNothing,  // that is all for now
    kLater,    // there is more, which must not be read before look_again()
  };
  Got read(RecordBlock& block, std::chrono::steady_clock::time_point now);
  std::chrono::steady_clock::time_point look_again() const noexcept { return look_again_; }

  /// After kNothing: nothing has had the name for some time, and what had it has been read.
  bool gone() const noexcept { return gone_; }
  /// What is held of a last line is a record, if any: nothing follows.
  bool finish(RecordBlock& block);

  const std::string& path() const noexcept { return path_; }
  std::uint64_t offset() const noexcept { return splitter_.offset(); }
  /// -1: none is open. Changes with each rotation.
  int descriptor() const noexcept { return file_.fd.get(); }

 private:
  struct Identity {
    dev_t device = 0;
    ino_t inode = 0;
    friend bool operator==(const Identity&, const Identity&) = default;
  };
  struct OpenFile {
    Descriptor fd;
    Identity identity;
  };
  enum class Next : std::uint8_t { kRead, kNothing, kLater };

  bool open();
  std::optional<OpenFile> open_path();
  void start_file(std::uint64_t read);
  bool read_some();
  bool find_successor();
  Next at_end(std::chrono::steady_clock::time_point now);
  bool was_changed(const struct stat& info);
  bool head_is_same() const;
  void begin_anew(std::string_view reason, const std::string& text);
  void tell_problem(const std::string& problem);

  std::string path_;
  std::chrono::milliseconds rotate_wait_;
  Notices* notices_;
  RecordSplitter splitter_;
  OpenFile file_;                    // none: the path has to be opened
  std::deque<OpenFile> successors_;  // what the path has named since, in order
  std::string head_;                 // of the file, as it was read
  std::uint64_t read_ = 0;           // bytes of the file
  bool ended_ = false;               // the splitter was told that the file ends
  bool last_look_ = false;           // it was rotated away, and its time is over
  bool at_end_ = false;              // all of it had been read, when it looked like this:
  off_t size_then_ = 0;
  timespec changed_then_{};
  bool gone_ = false;
  std::optional<std::chrono::steady_clock::time_point> gone_at_;      // the name
  std::optional<std::chrono::steady_clock::time_point> replaced_at_;  // by a file with bytes
  std::chrono::steady_clock::time_point look_again_;
  std::string told_;  // the problem that was told last
};

}  // namespace weir::connectors
