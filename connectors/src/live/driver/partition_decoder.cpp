#include "weir/connectors/live/partition_decoder.hpp"

#include <algorithm>
#include <utility>

namespace weir::connectors {

PartitionDecoder::PartitionDecoder(const DecodeOptions& options, const FieldPlan& plan,
                                   std::uint32_t source, std::uint32_t partition)
    : options_(options), plan_(plan), source_(source), partition_(partition) {}

void PartitionDecoder::decode(DecodedBlock& block, Timestamp latest,
                              std::span<const std::uint64_t> far_future, LogTotals& totals) {
  if (!ready(block, totals)) return refuse_all(block, totals);
  decoder_->decode(block.batch, totals);
  refuse_some(block, latest, far_future, totals);
}

/// Makes the decoder. A header that it wants is the partition's first record.
bool PartitionDecoder::ready(DecodedBlock& block, LogTotals& totals) {
  if (headed_) return true;
  if (!problem_.empty()) return false;
  RecordBlock& records = block.batch.block;
  if (decoder_ == nullptr) {
    CodecOptions& codec = options_.log.codec;
    if (codec.format == LogFormat::kAuto && codec.spec == nullptr) {
      options_.choose_format(records.readable(), codec);
    }
    decoder_ = LogDecoder::make(options_.log, plan_, source_, problem_, partition_);
    if (decoder_ == nullptr) return false;
  }
  if (!decoder_->codec().has_header()) {
    headed_ = true;
    return true;
  }
  if (records.records.empty()) return true;  // nothing to decode yet
  if (!decoder_->begin(records.records.front().bytes, totals, problem_)) return false;
  block.header = records.records.front();
  records.records.erase(records.records.begin());
  headed_ = true;
  return true;
}

/// What the clock and the source's own types say against events.
void PartitionDecoder::refuse_some(DecodedBlock& block, Timestamp latest,
                                   std::span<const std::uint64_t> far_future, LogTotals& totals) {
  if (latest == Timestamp::max() && far_future.empty() && !options_.types) return;
  const auto judge = [&](const Event& event) {
    if (event.ts > latest || std::ranges::binary_search(far_future, event.position.offset)) {
      return RejectReason::kFarFuture;
    }
    if (!options_.types ||
        std::ranges::find(*options_.types, event.type_name) != options_.types->end()) {
      return RejectReason::kNone;
    }
    return RejectReason::kUnexpectedType;
  };
  const auto refused = [&](const Event& event) {
    const RejectReason reason = judge(event);
    if (reason == RejectReason::kNone) return false;
    if (reason == RejectReason::kFarFuture) block.far_future.push_back(event.position.offset);
    ++totals.rejected;
    ++totals.by_reason[static_cast<std::size_t>(reason)];
    std::string detail;
    if (reason == RejectReason::kUnexpectedType) detail = event.type_name;
    block.batch.rejections.push_back({event.position, reason, event.raw, std::move(detail)});
    return true;
  };
  if (std::erase_if(block.batch.events, refused) == 0) return;
  std::ranges::stable_sort(block.batch.rejections, {},
                           [](const Rejection& r) { return r.position.offset; });
}

void PartitionDecoder::refuse_all(DecodedBlock& block, LogTotals& totals) {
  block.batch.events.clear();
  block.batch.rejections.clear();
  for (const RawRecord& record : block.batch.block.records) {
    ++totals.records;
    ++totals.rejected;
    ++totals.by_reason[static_cast<std::size_t>(RejectReason::kNoDecoder)];
    block.batch.rejections.push_back(
        {{source_, partition_, record.offset}, RejectReason::kNoDecoder, record.bytes, problem_});
  }
}

runtime::InputBlock to_input(std::shared_ptr<const DecodedBlock> block, std::uint32_t source,
                             std::uint32_t partition, std::uint64_t next_offset,
                             const runtime::LiveEngine& engine) {
  runtime::InputBlock input;
  input.source = source;
  input.partition = partition;
  input.next_offset = next_offset;
  input.events = block->batch.events;
  input.sorted = std::ranges::is_sorted(input.events, {}, &Event::ts);
  input.bytes = block->batch.block.capacity + input.events.size() * sizeof(Event);
  engine.route(source, input.events, input.routes);
  input.memory = std::move(block);
  return input;
}

}  // namespace weir::connectors
