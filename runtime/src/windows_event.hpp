// A window that has closed, as an event.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weir/event/event.hpp"
#include "weir/nfa/program.hpp"
#include "windows.hpp"

namespace weir::runtime {

/// Makes the events of one derived stream, and shows them: `window_start`, `window_end`, the key
/// under its names and the values. An event's name, for the ids of alerts, is the stream's id, the
/// key and the window's start. Most events of windows are looked at and forgotten: their raw record
/// is start, key and values as they are, of which JSON and name are made for an alert alone.
class WindowEvents final : public RecordFormat {
 public:
  /// All outlive it, and it the events.
  WindowEvents(const nfa::Derive& derive, const nfa::KeySpec& key, const FieldPlan& plan);

  /// What the event points to lives in `arena`, or outlives it; `seq` and `position` are the
  /// caller's to set.
  Event make(const WindowResult& window, ValueArena& arena) const;

  void append_json(std::string& out, const Event& event) const override;
  void append_name(std::string& out, const Event& event) const override;

 private:
  enum class From : std::uint8_t { kStart, kEnd, kKey, kValue, kNowhere };
  struct Slot {
    From from = From::kNowhere;
    std::uint32_t index = 0;  // of the key or value
  };
  Slot find(std::string_view field) const;

  const nfa::Derive& derive_;
  const nfa::KeySpec& key_;
  const TypePlan& type_;
  std::vector<Slot> slots_;  // of the type's plan
};

}  // namespace weir::runtime
