// Records of one partition of a live source into events: what a running source and the replay of a
// recording have in common.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/connectors/log_source.hpp"
#include "weir/runtime/live_engine.hpp"

namespace weir::connectors {

/// What a block of the live engine lies in.
class DecodedBlock final : public runtime::InputMemory {
 public:
  Batch batch;
  std::optional<RawRecord> header;  // the partition's first record, where that is none of data
  /// Records whose events were refused by what is not in them (the clock), by their offsets,
  /// ascending: the same records decoded anew would not be.
  std::vector<std::uint64_t> far_future;
  nfa::ProgramPtr program;  // whose field plan the events have
};

struct DecodeOptions {
  LogOptions log;
  /// Chooses the format by the first bytes, where `log` says auto.
  std::function<void(std::string_view first_bytes, CodecOptions&)> choose_format;
  runtime::SourceTypes types;
};

/// Used by one thread at a time.
class PartitionDecoder {
 public:
  /// `plan` outlives it.
  PartitionDecoder(const DecodeOptions& options, const FieldPlan& plan, std::uint32_t source,
                   std::uint32_t partition);

  /// Makes events and rejections, in order of offset, of block.batch.block. What lies after
  /// `latest` is refused, and so is what stands in `far_future`. Adds to `totals`.
  void decode(DecodedBlock& block, Timestamp latest, std::span<const std::uint64_t> far_future,
              LogTotals& totals);
  /// What its events name; they may outlive the decoder, and not this. Null before the first.
  std::shared_ptr<const RecordFormat> format() const {
    return decoder_ == nullptr ? nullptr : decoder_->codec().format();
  }
  /// Why nothing can be decoded (a bad header); empty: all is well.
  const std::string& problem() const noexcept { return problem_; }

 private:
  bool ready(DecodedBlock& block, LogTotals& totals);
  void refuse_some(DecodedBlock& block, Timestamp latest, std::span<const std::uint64_t> far_future,
                   LogTotals& totals);
  void refuse_all(DecodedBlock& block, LogTotals& totals);

  DecodeOptions options_;
  const FieldPlan& plan_;
  std::uint32_t source_;
  std::uint32_t partition_;
  std::unique_ptr<LogDecoder> decoder_;
  bool headed_ = false;  // the decoder has its header, or needs none
  std::string problem_;
};

/// A decoded block as the engine takes it, with its routes; not when it arrived.
runtime::InputBlock to_input(std::shared_ptr<const DecodedBlock> block, std::uint32_t source,
                             std::uint32_t partition, std::uint64_t next_offset,
                             const runtime::LiveEngine& engine);

}  // namespace weir::connectors
