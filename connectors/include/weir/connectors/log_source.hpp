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

  void add(const LogTotals& other);
};

struct LogOptions {
  CodecOptions codec;              // kAuto: told by the first bytes
  std::optional<Timestamp> since;  // events before it are left out
  std::optional<Timestamp> until;  // events at or after it are left out
};

/// Blocks of one log's records into events. Used by one thread at a time; several decoders may work
/// on blocks of one log side by side, unless its codec says in_order().
class LogDecoder {
 public:
  /// Null, with `error`, where the options make no codec. `plan` outlives it.
  static std::unique_ptr<LogDecoder> make(const LogOptions& options, const FieldPlan& plan,
                                          std::uint32_t source, std::string& error,
                                          std::uint32_t partition = 0);
  /// The log's first record, where the codec has_header(), before anything is decoded. False, with
  /// `error`, where the log cannot be read by it.
  bool begin(std::string_view header, LogTotals& totals, std::string& error);

  /// What batch.block holds becomes the batch's events and rejections. Adds to `totals` what has
  /// been counted in it; of bytes it knows nothing.
  void decode(Batch& batch, LogTotals& totals);

  const Codec& codec() const noexcept { return *codec_; }

 private:
  LogDecoder(std::unique_ptr<Codec> codec, const LogOptions& options, std::uint32_t source,
             std::uint32_t partition);
  void reject(const RawRecord& record, RejectReason fault, Batch& batch, LogTotals& totals);

  std::unique_ptr<Codec> codec_;
  std::optional<Timestamp> since_;
  std::optional<Timestamp> until_;
  std::uint32_t source_;
  std::uint32_t partition_;
  std::string detail_;  // of the record that was decoded last
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

  // next() in its two parts, for logs whose blocks are decoded side by side.

  /// The records alone; a decoder makes events of them. False at the end.
  bool read(RecordBlock& block);
  /// The block that was read last comes again.
  void put_back(RecordBlock block);
  /// The source's own, which next() uses: for a codec that says in_order().
  LogDecoder& decoder() noexcept { return *decoder_; }
  /// Another that decodes alike. Its format() must outlive its events.
  std::unique_ptr<LogDecoder> make_decoder() const;

  const StreamError& error() const noexcept { return reader_.stream().error(); }
  LogTotals totals() const;
  const std::string& name() const noexcept { return name_; }
  /// What kAuto turned out to be.
  LogFormat log_format() const noexcept { return options_.codec.format; }
  /// What events' `format` points to; keep it as long as events.
  std::shared_ptr<const RecordFormat> format() const { return decoder_->codec().format(); }

 private:
  LogSource(std::unique_ptr<ByteStream> stream, std::string name, std::uint32_t source);
  bool start(const LogOptions& options, const FieldPlan& plan, std::string& error);
  bool read_header(std::string& error);

  RecordReader reader_;
  std::unique_ptr<LogDecoder> decoder_;
  std::string name_;
  std::uint32_t source_;
  LogOptions options_;  // their format is known
  const FieldPlan* plan_ = nullptr;
  std::string header_;
  RecordBlock next_block_;  // what came with the header, or was put back
  bool has_next_block_ = false;
  LogTotals totals_;
};

/// {"source":...,"offset":...,"reason":...,"detail":...,"raw":...}: one line of the `rejected`
/// output, without its line end. Bytes that are no UTF-8 are U+FFFD there.
void append_rejection(std::string& out, std::string_view source_name, const Rejection& rejection);

}  // namespace weir::connectors
