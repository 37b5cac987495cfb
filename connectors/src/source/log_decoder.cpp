#include <utility>

#include "weir/connectors/log_source.hpp"

namespace weir::connectors {

LogDecoder::LogDecoder(std::unique_ptr<Codec> codec, const LogOptions& options,
                       std::uint32_t source, std::uint32_t partition)
    : codec_(std::move(codec)),
      since_(options.since),
      until_(options.until),
      source_(source),
      partition_(partition) {}

std::unique_ptr<LogDecoder> LogDecoder::make(const LogOptions& options, const FieldPlan& plan,
                                             std::uint32_t source, std::string& error,
                                             std::uint32_t partition) {
  auto codec = make_codec(options.codec, plan, error);
  if (codec == nullptr) return nullptr;
  return std::unique_ptr<LogDecoder>(new LogDecoder(std::move(codec), options, source, partition));
}

bool LogDecoder::begin(std::string_view header, LogTotals& totals, std::string& error) {
  const bool fine = codec_->begin(header, error);
  totals.replaced_utf8 += codec_->replaced_utf8();
  return fine;
}

void LogDecoder::decode(Batch& batch, LogTotals& totals) {
  batch.rejections.clear();
  batch.arena.reset();
  const std::uint64_t replaced = codec_->replaced_utf8();
  const std::vector<RawRecord>& records = batch.block.records;
  codec_->look_ahead(batch.block.readable());
  totals.records += records.size();
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
      reject(record, fault, batch, totals);
    } else if (bounded && ((since_ && event.ts < *since_) || (until_ && event.ts >= *until_))) {
      ++totals.filtered;
    } else {
      event.position = {source_, partition_, record.offset};
      ++count;
    }
  }
  codec_->look_ahead({});
  batch.events.resize(count);
  totals.replaced_utf8 += codec_->replaced_utf8() - replaced;
}

void LogDecoder::reject(const RawRecord& record, RejectReason fault, Batch& batch,
                        LogTotals& totals) {
  ++totals.rejected;
  ++totals.by_reason[static_cast<std::size_t>(fault)];
  const Position position{source_, partition_, record.offset};
  batch.rejections.push_back({position, fault, record.bytes, std::exchange(detail_, {})});
}

}  // namespace weir::connectors
