// What the matcher reports, on its way to whoever asked the shard.
#pragma once

#include <vector>

#include "shard.hpp"

namespace weir::runtime {

/// Keeps what the matcher reports until all rules have seen the event.
class Shard::Collector final : public nfa::MatchSink {
 public:
  Collector(Shard& shard, PartitionId partition, std::vector<PendingMatch>& out)
      : shard_(shard), partition_(partition), out_(out) {}

  void on_match(const nfa::Match& match) override {
    shard_.bindings_.retain(match.chain);
    out_.push_back({.rule = match.rule,
                    .partition = partition_,
                    .shard = &shard_,
                    .detected_at = match.detected_at,
                    .start_seq = match.start_seq,
                    .chain = match.chain});
  }

 private:
  Shard& shard_;
  PartitionId partition_;
  std::vector<PendingMatch>& out_;
};

}  // namespace weir::runtime
