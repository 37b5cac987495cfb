// A recorded log: batches of events in the order of the file, and what was refused.
//
// Merging several logs by time, and reordering, are the runtime's business.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/connectors/byte_stream.hpp"
#include "weir/connectors/codec.hpp"
#include "weir/connectors/record_reader.hpp"
#include "weir/connectors/reject.hpp"
#include "weir/event/event.hpp"

namespace weir::connectors {

/// A record that could not be read, for the `rejected` output.
struct Rejection {
  Position position;
  RejectReason reason = RejectReason::kNone;
  std::string_view raw;  // in the batch; of a record that was too long, its beginning
  std::string detail;    // may be empty
};

/// What one call of LogSource::next gave. Owns the records' bytes and all values: events and
/// rejections are valid until the batch is filled again or destroyed (moving it keeps them valid).
/// They also need the FieldPlan and the source's format().
struct Batch {
  std::vector<Event> events;          // in the order of the log
  std::vector<Rejection> rejections;  // the same
  RecordBlock block;
  ValueArena arena;
};

struct LogTotals {
  std::uint64_t records = 0;   // events, filtered and rejected ones
  std::uint64_t bytes = 0;     // decompressed, up to what was handed out
  std::uint64_t filtered = 0;  // outside since .. until
  std::uint64_t rejected = 0;
  std::uint64_t replaced_utf8 = 0;       // bytes of text that are now U+FFFD
  RejectCounts by_reason{};              // by RejectReason
  std::uint64_t stored_bytes_read = 0;   // for progress: as stored, compressed
  std::uint64_t stored_bytes_total = 0;  // 0: not known
};

struct LogOptions {
  CodecOptions codec;              // kAuto: told by the first bytes
  std::optional<Timestamp> since;  // events before it are left out
  std::optional<Timestamp> until;  // events at or after it are left out
};

/// Used by one thread at a time.
class LogSource {
 public:
  /// Opens a file or standard input ("-"). `source`: the log's place in the list of logs. Null,
  /// with `error`, where it cannot be opened or its options or CSV header are no good. `plan`
  /// outlives it.
  static std::unique_ptr<LogSource> open(const std::string& path, std::uint32_t source,
                                         const LogOptions& options, const FieldPlan& plan,
                                         std::string& error);
  /// The same over any stream (not unwrapped). `name` stands in messages and hints at the format.
  static std::unique_ptr<LogSource> make(std::unique_ptr<ByteStream> stream,
                                         const std::string& name, std::uint32_t source,
                                         const LogOptions& options, const FieldPlan& plan,
                                         std::string& error);

  /// Fills `batch` with what comes next, about 1 MiB of records. False at the end; error() then
  /// says whether the log broke off. A batch may hold no events.
  bool next(Batch& batch);

  const StreamError& error() const noexcept { return reader_.stream().error(); }
  LogTotals totals() const;
  const std::string& name() const noexcept { return name_; }
  /// What kAuto turned out to be.
  LogFormat log_format() const noexcept { return log_format_; }
  /// What events' `format` points to; keep it as long as events.
  std::shared_ptr<const RecordFormat> format() const { return codec_->format(); }

 private:
  LogSource(std::unique_ptr<ByteStream> stream, std::string name, std::uint32_t source);
  bool start(const LogOptions& options, const FieldPlan& plan, std::string& error);
  bool read_header(std::string& error);
  void decode(Batch& batch);
  void reject(const RawRecord& record, RejectReason fault, Batch& batch);

  RecordReader reader_;
  std::unique_ptr<Codec> codec_;
  std::string name_;
  std::uint32_t source_;
  LogFormat log_format_ = LogFormat::kAuto;
  std::optional<Timestamp> since_;
  std::optional<Timestamp> until_;
  RecordBlock header_block_;  // what came with the header
  bool has_header_block_ = false;
  LogTotals totals_;
  std::string detail_;  // of the record that was decoded last
};

/// {"source":...,"offset":...,"reason":...,"detail":...,"raw":...}: one line of the `rejected`
/// output, without its line end. Bytes that are no UTF-8 are U+FFFD there.
void append_rejection(std::string& out, std::string_view source_name, const Rejection& rejection);

}  // namespace weir::connectors
