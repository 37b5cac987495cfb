// Events in memory, as a codec would have made them: slots by the Program's field plan.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/event/event.hpp"
#include "weir/nfa/program.hpp"

namespace weir::bench {

/// One type of a log, looked up once.
struct LogType {
  TypeId id = kOtherType;
  const TypePlan* plan = nullptr;
  std::string_view name;
};

/// A log of stated length. Events stand one after another in memory, and so do their slots; an
/// event's position is its place in the log. The program outlives the log.
class EventLog {
 public:
  EventLog(nfa::ProgramPtr program, std::size_t events);

  /// A type that no rule reads is one of its own all the same: kOtherType with that name.
  LogType type(std::string_view name);
  /// Where the type's events hold the field; kNoSlot where no rule reads it.
  std::uint16_t slot(const LogType& type, std::string_view field) const;

  /// The new event's slots, all null. Those of earlier events stay where they are.
  Value* add(const LogType& type, Timestamp ts);
  /// Text that lives as long as the log.
  std::string_view keep(std::string_view text) { return arena_.copy(text); }

  std::span<const Event> events() const { return events_; }
  const nfa::ProgramPtr& program() const { return program_; }

 private:
  nfa::ProgramPtr program_;
  std::vector<Event> events_;
  std::vector<std::unique_ptr<Value[]>> blocks_;
  std::size_t block_used_ = 0;
  std::deque<std::string> names_;
  ValueArena arena_;
};

}  // namespace weir::bench
