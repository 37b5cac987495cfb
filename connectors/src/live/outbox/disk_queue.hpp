// A queue of records in the files of a folder.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "live/descriptor.hpp"
#include "live/outbox/record_pack.hpp"

namespace weir::connectors {

/// First in, first out, and over a restart or a crash as well. Segments NUMBER.queue are written at
/// the end only, and deleted when all of their records are released; a record is its CRC-32C and
/// its size, 32 bits each, little-endian, and its bytes in a RecordPack. The file `head` says what
/// of the first segment is released. A process that breaks off leaves at most a torn last record,
/// which had not been put yet; after a power failure records may be given again that had been
/// released.
///
/// One process uses a folder at a time. Used by one thread.
class DiskQueue {
 public:
  /// Makes the folder where there is none. Null, with `error`. Of records that are no longer whole
  /// `notices` are told, under the sink's `name`.
  static std::unique_ptr<DiskQueue> open(const std::string& folder, std::uint64_t max_bytes,
                                         const std::string& name, Notices& notices,
                                         std::string& error);

  enum class Put : std::uint8_t { kDone, kFull, kFailed };
  /// All records of a pack, or none; when it returns they are on disk.
  Put put(const RecordPack& pack, std::string& problem);

  /// The records behind those that were taken: about `bytes` of them. False where there are none.
  bool take(RecordPack& into, std::size_t bytes);
  /// The first so many of those that were taken, and are not released yet, are done with.
  void release(std::size_t records);
  /// What was taken and not released is taken again.
  void rewind();

  bool all_taken() const noexcept { return taken_.size() == records_; }
  std::uint64_t records() const noexcept { return records_; }  // not released
  std::uint64_t bytes() const noexcept { return bytes_; }      // on disk

 private:
  struct Segment {
    std::uint64_t number = 0;
    std::uint64_t size = 0;
    std::uint64_t records = 0;  // not released
  };
  struct Place {
    std::uint64_t segment = 0;  // its number
    std::uint64_t offset = 0;
  };

  DiskQueue(std::string folder, std::uint64_t max_bytes, std::string name, Notices& notices);
  bool find_segments(std::string& error);
  void load(Segment segment);
  Place read_head() const;
  void write_head();
  bool begin_segment(std::string& problem);
  Descriptor open_segment(std::uint64_t number, int flags) const;
  std::string path_of(std::uint64_t number) const;
  void drop_empty_front();
  void lose_rest_of(Segment& segment);

  std::string folder_;
  std::uint64_t max_bytes_;
  std::uint64_t segment_bytes_;
  std::string name_;
  Notices* notices_;
  Descriptor lock_;               // the folder
  std::deque<Segment> segments_;  // in order of number
  Descriptor writing_;            // the last segment; none: the next put() begins one
  std::uint64_t next_number_ = 1;
  Place head_;                     // of the first record that is not released
  Place reading_;                  // of the first that is not taken
  Descriptor read_file_;           // of a segment,
  std::uint64_t read_number_ = 0;  // this one
  std::deque<Place> taken_;        // where records that were taken end
  std::uint64_t records_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace weir::connectors
