// Threads and runs while they are worked on. At rest they are records: run_store.hpp.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <vector>

#include "weir/nfa/bindings.hpp"
#include "weir/nfa/program.hpp"
#include "weir/nfa/run.hpp"
#include "weir/nfa/trace.hpp"

namespace weir::nfa {

/// A NOT that is held against events until the next one is taken, or until its own deadline.
struct PendingGuard {
  GuardId guard = 0;
  bool before_pause = false;  // pending when a pause ended: it does not outlast the match's end
  bool next = false;          // NEXT NOT: held against one event
  std::int64_t until = kNever;
  /// Where Guard::scoped: the thread's registers when the NOT began. Its names mean the iteration
  /// that it stands in, also when the next has begun.
  std::vector<std::int64_t> registers = {};
  friend bool operator==(const PendingGuard&, const PendingGuard&) = default;
};

enum class Waiting : std::uint8_t {
  kEvent,     // on a kWait or kAnd node
  kPause,     // on a kPause node, until `deadline`; takes nothing
  kAbsence,   // complete at `deadline`, the pattern's WITHIN
  kClose,     // complete as soon as the possessive loops before it can grow no more
  kComplete,  // a match, where the pattern's WHERE holds
};

/// A possessive loop whose next iteration a thread would begin.
struct Entering {
  NodeId loop = 0;             // its kLoopTest
  std::uint32_t instance = 0;  // below 64; tells loops entered anew within one closure apart
  friend bool operator==(const Entering&, const Entering&) = default;
};

/// What all forms of a thread have in common.
struct ThreadHead {
  NodeId node = kNoNode;
  Waiting waiting = Waiting::kEvent;
  Contiguity contiguity = Contiguity::kSkipTillNext;
  std::int64_t base = 0;  // the event bound before, or the instant of the pause before: ns
  std::int64_t deadline = kNever;
  std::uint64_t passed = 0;  // instances of possessive loops it has gone past since the last event
  friend bool operator==(const ThreadHead&, const ThreadHead&) = default;
};

/// One thing that a run waits for. A run has one thread, unless it stands behind possessive loops:
/// then the threads that would iterate them come first, the one that goes on past them is last. The
/// first thread that can take an event decides.
struct Thread : ThreadHead {
  boost::container::small_vector<Entering, 1> entering;  // empty: past all possessive loops
  boost::container::small_vector<PendingGuard, 1> guards;
  boost::container::small_vector<std::int64_t, 4> registers;
  friend bool operator==(const Thread&, const Thread&) = default;
};

using Threads = boost::container::small_vector<Thread, 1>;

struct Run {
  std::uint64_t start_seq = 0;  // arrival of its first event
  std::int64_t start_ts = 0;
  ChainRef chain = 0;  // one reference
  Threads threads = {};
  RunId trace_id = 0;
};

}  // namespace weir::nfa
