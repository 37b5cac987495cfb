// The hot path alone, for callgrind: bench/instructions.py takes the instructions of an event from
// the difference of two runs, so that everything beside the path drops out.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "event_log.hpp"

namespace weir::bench {

struct HotPath {
  std::string name;
  /// Makes 2 * `events` events, and pushes `events` of them, or with `twice` all.
  std::function<void(std::size_t events, bool twice)> run;
};
using HotPaths = std::vector<HotPath>;

/// Of a log in memory; `make` is told its length.
HotPath in_memory(std::string name, std::function<EventLog(std::size_t)> make);

// Of the scenarios that have one, in their files.
void add_replay_fraud_path(HotPaths& to);
void add_keyed_seq_path(HotPaths& to);
void add_correlated_path(HotPaths& to);
void add_absence_path(HotPaths& to);
void add_seq_n_path(HotPaths& to);
void add_many_rules_path(HotPaths& to);

HotPaths all_hot_paths();

}  // namespace weir::bench
