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
  since_ = options.since;
  until_ = options.until;
  CodecOptions codec = options.codec;
  if (codec.spec != nullptr) {
    codec.format = codec.spec->base;
  } else if (codec.format == LogFormat::kAuto) {
    codec.format = codec.pattern.empty() ? detect_format(reader_.peek(), name_) : LogFormat::kRegex;
  }
  log_format_ = codec.format;
  codec_ = make_codec(codec, plan, error);
  if (codec_ == nullptr) return false;
  reader_.set_framing(codec_->framing(), codec.csv_delimiter);
  return !codec_->has_header() || read_header(error);
}

bool LogSource::read_header(std::string& error) {
  has_header_block_ = reader_.next(header_block_);
  if (!has_header_block_) {
    if (reader_.stream().error()) {
      error = reader_.stream().error().message;
      return false;
    }
    // An empty file has no header and no rows: nothing is wrong with it.
    return true;
  }
  const RawRecord header = header_block_.records.front();
  header_block_.records.erase(header_block_.records.begin());
  if (header.fault != RejectReason::kNone) {
    error = "the header cannot be read (" + std::string(to_string(header.fault)) + ")";
    return false;
  }
  return codec_->begin(header.bytes, error);
}

bool LogSource::next(Batch& batch) {
  batch.rejections.clear();
  batch.arena.reset();
  if (has_header_block_) {
    batch.block = std::exchange(header_block_, RecordBlock{});
    has_header_block_ = false;
  } else if (!reader_.next(batch.block)) {
    batch.events.clear();
    return false;
  }
  decode(batch);
  return true;
}

void LogSource::decode(Batch& batch) {
  const std::vector<RawRecord>& records = batch.block.records;
  codec_->look_ahead(batch.block.readable());
  totals_.records += records.size();
  // As many as there may be; each is filled where it stands.
  batch.events.resize(records.size());
  std::size_t count = 0;
  const bool bounded = since_ || until_;
  for (const RawRecord& record : records) {
    Event& event = batch.events[count];
    RejectReason fault = record.fault;
    if (fault == RejectReason::kNone) {
      fault = codec_->decode(record.bytes, nullptr, batch.arena, event, detail_);
    }
    if (fault != RejectReason::kNone) {
      reject(record, fault, batch);
    } else if (bounded && ((since_ && event.ts < *since_) || (until_ && event.ts >= *until_))) {
      ++totals_.filtered;
    } else {
      event.position = {source_, 0, record.offset};
      ++count;
    }
  }
  codec_->look_ahead({});
  batch.events.resize(count);
}

void LogSource::reject(const RawRecord& record, RejectReason fault, Batch& batch) {
  ++totals_.rejected;
  ++totals_.by_reason[static_cast<std::size_t>(fault)];
  const Position position{source_, 0, record.offset};
  batch.rejections.push_back({position, fault, record.bytes, std::exchange(detail_, {})});
}

LogTotals LogSource::totals() const {
  LogTotals totals = totals_;
  totals.bytes = reader_.offset();
  totals.replaced_utf8 = codec_->replaced_utf8();
  totals.stored_bytes_read = reader_.stream().stored_bytes_read();
  totals.stored_bytes_total = reader_.stream().stored_bytes_total();
  return totals;
}

void append_rejection(std::string& out, std::string_view source_name, const Rejection& rejection) {
  out += "{\"source\":";
  append_json_string(out, source_name);
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
