#include "weir/connectors/log_source.hpp"

#include <utility>

namespace weir::connectors {

LogSource::LogSource(std::unique_ptr<ByteStream> stream, std::string name, std::uint32_t source)
    : reader_(std::move(stream), RecordFraming::kLines), name_(std::move(name)), source_(source) {}

std::unique_ptr<LogSource> LogSource::open(const std::string& path, std::uint32_t source,
                                           const LogOptions& options, const FieldPlan& plan,
                                           std::string& error) {
  StreamError fault;
  auto stream = open_byte_stream(path, fault);
  if (stream == nullptr) {
    error = fault.message;
    return nullptr;
  }
  return make(std::move(stream), path == "-" ? "standard input" : path, source, options, plan,
              error);
}

std::unique_ptr<LogSource> LogSource::make(std::unique_ptr<ByteStream> stream,
                                           const std::string& name, std::uint32_t source,
                                           const LogOptions& options, const FieldPlan& plan,
                                           std::string& error) {
  std::unique_ptr<LogSource> made(new LogSource(std::move(stream), name, source));
  if (!made->start(options, plan, error)) {
    error = name + ": " + error;
    return nullptr;
  }
  return made;
}

bool LogSource::start(const LogOptions& options, const FieldPlan& plan, std::string& error) {
  options_ = options;
  plan_ = &plan;
  CodecOptions& codec = options_.codec;
  if (codec.spec != nullptr) {
    codec.format = codec.spec->base;
  } else if (codec.format == LogFormat::kAuto) {
    codec.format = codec.pattern.empty() ? detect_format(reader_.peek(), name_) : LogFormat::kRegex;
  }
  decoder_ = LogDecoder::make(options_, plan, source_, error);
  if (decoder_ == nullptr) return false;
  reader_.set_framing(decoder_->codec().framing(), codec.csv_delimiter);
  return !decoder_->codec().has_header() || read_header(error);
}

bool LogSource::read_header(std::string& error) {
  has_next_block_ = reader_.next(next_block_);
  if (!has_next_block_) {
    if (reader_.stream().error()) {
      error = reader_.stream().error().message;
      return false;
    }
    // An empty file has no header and no rows: nothing is wrong with it.
    return true;
  }
  const RawRecord header = next_block_.records.front();
  next_block_.records.erase(next_block_.records.begin());
  if (header.fault != RejectReason::kNone) {
    error = "the header cannot be read (" + std::string(to_string(header.fault)) + ")";
    return false;
  }
  header_ = header.bytes;
  return decoder_->begin(header_, totals_, error);
}

std::unique_ptr<LogDecoder> LogSource::make_decoder() const {
  std::string error;
  LogTotals counted_already;
  auto made = LogDecoder::make(options_, *plan_, source_, error);
  // What made one makes another.
  if (made != nullptr && !header_.empty()) made->begin(header_, counted_already, error);
  return made;
}

bool LogSource::next(Batch& batch) {
  if (!read(batch.block)) return false;
  decoder_->decode(batch, totals_);
  return true;
}

bool LogSource::read(RecordBlock& block) {
  if (!has_next_block_) return reader_.next(block);
  block = std::exchange(next_block_, RecordBlock{});
  has_next_block_ = false;
  return true;
}

void LogTotals::add(const LogTotals& other) {
  records += other.records;
  bytes += other.bytes;
  filtered += other.filtered;
  rejected += other.rejected;
  replaced_utf8 += other.replaced_utf8;
  for (std::size_t i = 0; i < by_reason.size(); ++i) by_reason[i] += other.by_reason[i];
  stored_bytes_read += other.stored_bytes_read;
  stored_bytes_total += other.stored_bytes_total;
}

void LogSource::put_back(RecordBlock block) {
  next_block_ = std::move(block);
  has_next_block_ = true;
}

LogTotals LogSource::totals() const {
  LogTotals totals = totals_;
  totals.bytes = reader_.offset();
  totals.stored_bytes_read = reader_.stream().stored_bytes_read();
  totals.stored_bytes_total = reader_.stream().stored_bytes_total();
  return totals;
}

void append_rejection(std::string& out, std::string_view source_name, const Rejection& rejection) {
  out += "{\"source\":";
  append_json_string(out, source_name);
  if (rejection.position.partition != 0) {
    out += ",\"partition\":" + std::to_string(rejection.position.partition);
  }
  out += ",\"offset\":" + std::to_string(rejection.position.offset);
  out += ",\"reason\":";
  append_json_string(out, to_string(rejection.reason));
  if (!rejection.detail.empty()) {
    out += ",\"detail\":";
    append_json_string(out, rejection.detail);
  }
  out += ",\"raw\":";
  append_json_string(out, rejection.raw);
  out += '}';
}

}  // namespace weir::connectors
