// What becomes of runs, told as it happens: `weir why` and tests listen.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "weir/event/event.hpp"
#include "weir/nfa/program.hpp"

namespace weir::nfa {

using RunId = std::uint64_t;  // of one engine, ascending; 0: none

enum class EndReason : std::uint8_t {
  kMatched,     // reported
  kTaken,       // went on as other runs, which took the event
  kWithin,      // a WITHIN ran out: the pattern's, the step's or a group's
  kNextBroken,  // another event came where NEXT asked for this one
  kGuard,       // a NOT was violated
  kUntil,       // UNTIL, of the loop or the pattern
  kLeadingNot,  // never began: an event before it was forbidden
  kWhere,       // WHERE of the pattern or of a group failed
  kPruned,      // AFTER MATCH of another match
  kDuplicate,   // waits where another does with the same events
  kOpen,        // still waiting at the end
};
std::string_view to_string(EndReason reason) noexcept;

/// What a run has bound and waits for, as the tracer may read it during a call.
struct RunView {
  RunId id = 0;
  RunId parent = 0;
  const Automaton* automaton = nullptr;
  const Program* program = nullptr;
  RuleId rule = 0;
  std::span<const NodeId> waits;                           // nodes it waits on, preferred first
  std::span<const std::pair<NameId, const Event*>> bound;  // in order of event
  Timestamp deadline = Timestamp::max();                   // when time ends what it waits for
};

class Tracer {
 public:
  virtual ~Tracer() = default;
  /// Which rules are traced at all.
  virtual bool wants(RuleId rule) const = 0;
  virtual void on_run(const RunView& run, std::string_view key_text) = 0;
  /// `event` is the one that did it; null where time did. `by` is the NOT, UNTIL or node at fault.
  virtual void on_end(RuleId rule, RunId run, EndReason reason, const Event* event, Timestamp at,
                      std::string_view by) = 0;
};

}  // namespace weir::nfa
