// Bytes into records, without looking into them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/connectors/byte_stream.hpp"
#include "weir/connectors/reject.hpp"

namespace weir::connectors {

/// A longer record is refused, and not held in memory.
inline constexpr std::size_t kMaxRecordBytes = 16 * 1024 * 1024;
/// So much of a record that was too long is kept to show.
inline constexpr std::size_t kKeptOfLongRecord = 1024;
/// Readable bytes behind every record, for parsers that read in words.
inline constexpr std::size_t kRecordPadding = 64;

/// One record in a RecordBlock, without its line end.
struct RawRecord {
  std::string_view bytes;
  std::uint64_t offset = 0;  // of its first byte in the decompressed stream
  RejectReason fault = RejectReason::kNone;
};

/// Whole records and the memory they lie in.
struct RecordBlock {
  std::vector<RawRecord> records;

  RecordBlock() = default;
  RecordBlock(RecordBlock&&) noexcept = default;
  RecordBlock& operator=(RecordBlock&&) noexcept = default;

  std::unique_ptr<char[]> data;
  std::size_t capacity = 0;  // without the padding
  bool lines = true;         // one record a line; else anything may stand between them

  /// From the first record to the end of the last that has no fault; empty where there is none, or
  /// where records are no lines.
  std::string_view readable() const noexcept;
  /// Grows to `bytes` (and padding), keeping the first `keep`.
  void reserve(std::size_t bytes, std::size_t keep);
};

enum class RecordFraming : std::uint8_t {
  kLines,  // one record a line
  kCsv,    // RFC 4180: a line end inside quotes belongs to the record
  kSyslog  // RFC 6587: octet counting or lines, told by each message's first bytes
};

class RecordSplitter;

/// The records of a stream that ends: of lines at LF and CRLF, while a lone CR stays. A last line
/// without an end counts. A byte-order mark at the start is skipped (offsets count it). Empty lines
/// are no records.
///
/// A CSV quote that is never closed, or that text follows, spoils only its own line: it is refused
/// (kCsvBadQuote), and the next line begins a record.
class RecordReader {
 public:
  RecordReader(std::unique_ptr<ByteStream> stream, RecordFraming framing, char delimiter = ',');
  ~RecordReader();

  /// Fills `block` with the next records, about kReadBytes of them; what it held is gone. False at
  /// the end of the stream; stream().error() then says whether it broke off. Where it broke off
  /// inside a record, that record has the fault kTruncatedRecord.
  bool next(RecordBlock& block);

  const ByteStream& stream() const noexcept { return *stream_; }
  /// Offset of the first byte not yet handed out.
  std::uint64_t offset() const noexcept;

  /// The stream's first bytes (up to 64 KiB), to tell its format by; records still begin at the
  /// start.
  std::string_view peek();
  // Before the first next() only.
  void set_framing(RecordFraming framing, char delimiter) noexcept;
  /// Blocks of about so many bytes, and of so many records at most.
  void set_block_size(std::size_t bytes, std::size_t records) noexcept;
  /// What lies before `offset` is read and passed over. False where the stream ends before it; it
  /// then has no records.
  bool skip_to(std::uint64_t offset);

 private:
  std::size_t read(std::span<char> room);
  void fill();

  std::unique_ptr<ByteStream> stream_;
  std::unique_ptr<RecordSplitter> splitter_;
  std::size_t block_bytes_ = kReadBytes;
  std::size_t block_records_ = std::numeric_limits<std::size_t>::max();
  bool asked_ = false;  // there has been a next()
  bool ended_ = false;
};

}  // namespace weir::connectors
