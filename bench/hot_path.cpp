#include "hot_path.hpp"

#include <limits>

#include "engine_harness.hpp"

namespace weir::bench {

HotPath in_memory(std::string name, std::function<EventLog(std::size_t)> make) {
  return {std::move(name), [make = std::move(make)](std::size_t events, bool twice) {
            const EventLog log = make(2 * events);
            EngineHarness engine(log.program(), {});
            engine.push(log.events().first(twice ? 2 * events : events), Deadline(1e6));
          }};
}

HotPaths all_hot_paths() {
  HotPaths all;
  add_replay_fraud_path(all);
  add_keyed_seq_path(all);
  add_correlated_path(all);
  add_absence_path(all);
  add_seq_n_path(all);
  add_many_rules_path(all);
  return all;
}

}  // namespace weir::bench
