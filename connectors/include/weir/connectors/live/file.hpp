// Files that grow: a source that follows them, and a sink that rotates.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "weir/connectors/live/sink.hpp"
#include "weir/connectors/live/source.hpp"

namespace weir::connectors {

struct FileSourceOptions {
  std::string path;       // or a glob
  bool follow = false;    // off: read to the end, once (gzip and zstd are unwrapped)
  bool from_end = false;  // what is there when the source starts is not read
  RecordFraming framing = RecordFraming::kLines;
  char delimiter = ',';
  /// A file that was rotated away is still read for so long after the new one has its first bytes;
  /// then the new one is.
  std::chrono::milliseconds rotate_wait{1000};
  bool notify = true;  // inotify; off: files are looked at every now and then
};

/// Files of a glob beyond these are not read, and told.
inline constexpr std::size_t kMaxSourceFiles = 512;

/// One partition for each path, in order of its first appearance (those that are there at the
/// start: in order of path); its offset counts on over rotations: it is a place in the
/// concatenation of all files that the path has named. Rotation by rename: the old file is read to
/// its end first. Copytruncate: a file that is shorter than what was read of it begins anew. A
/// reused inode is told from the old file by its first bytes. A path that does not exist yet is
/// waited for; one that cannot be read is told, and has nothing. A glob's path that has gone is
/// closed, and opened again where it comes back.
///
/// Null, with `error`, where `follow` is off and there is nothing to read.
std::unique_ptr<Source> make_file_source(FileSourceOptions options, StartOffsets start,
                                         Notices& notices, std::string& error);

/// Standard input, or another descriptor: one partition, offsets in bytes.
std::unique_ptr<Source> make_descriptor_source(int descriptor, RecordFraming framing,
                                               char delimiter, Notices& notices);

struct FileSinkOptions {
  std::string path;
  enum class Fsync : std::uint8_t {
    kNever,
    kFlush,
    kEvery
  } fsync = Fsync::kNever;               // kFlush: at flush()
  std::uint64_t rotate_bytes = 0;        // 0: never by size
  std::chrono::seconds rotate_every{0};  // 0: never by time (of the wall clock)
  unsigned keep = 0;                     // rotated files kept; 0: all
};

/// One line a record, appended; a last line without an end that is found gets one. What a line
/// cannot be written wholly of (a full disk) is cut off again. Rotated files are named
/// PATH.<UTC time>, in the order in which they were written. A file that something else has moved
/// away is followed by a new one. Null, with `error`, where the path cannot be written to.
std::unique_ptr<Sink> make_file_sink(FileSinkOptions options, Notices& notices, std::string& error);

/// Standard output, or another descriptor. A pipe that nobody reads any more is kClosed.
/// REQUIRES: SIGPIPE is ignored.
std::unique_ptr<Sink> make_descriptor_sink(int descriptor);

}  // namespace weir::connectors
