// Keys of events: which partition of a rule an event belongs to.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/event/event.hpp"
#include "weir/nfa/program.hpp"

namespace weir::runtime {

/// One event's key under one key spec.
struct KeyOfEvent {
  bool present = false;  // false: a field is missing, or the type has no part in the spec
  std::string bytes;     // equal for equal keys, and only for those (1 and 1.0 are equal)
  std::uint64_t hash = 0;
  std::vector<Value> values;  // views into the event
};

/// The keys of the event under way, each computed at most once however many rules share its spec.
class EventKeys {
 public:
  explicit EventKeys(const nfa::Program& program);

  /// Forgets; `event` stays valid until the next begin().
  void begin(const Event& event);
  const KeyOfEvent& of(nfa::KeySpecId spec);

 private:
  struct Entry {
    std::uint64_t epoch = 0;
    KeyOfEvent key;
  };
  void compute(const nfa::KeySpec& spec, KeyOfEvent& key) const;

  const nfa::Program& program_;
  const Event* event_ = nullptr;
  std::uint64_t epoch_ = 0;
  std::vector<Entry> entries_;  // by KeySpecId
};

}  // namespace weir::runtime
