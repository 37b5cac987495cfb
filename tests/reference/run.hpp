// A run of the reference matcher: what it has bound, and what it waits for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tree.hpp"

namespace weir::reference {

struct Binding {
  int name = 0;
  std::size_t event = 0;  // index in the partition's events
};

/// A step that is being gone through. The frames of a thread lead from the pattern's root to where
/// it stands, so that they say what comes next.
struct Frame {
  const Node* node = nullptr;
  std::size_t index = 0;      // of a SEQ: the child
  std::uint32_t count = 0;    // complete iterations
  std::size_t entry = 0;      // events bound when the step was entered
  std::size_t iteration = 0;  // events bound when the iteration was begun
};

/// A pending NOT.
struct Guard {
  const NotItem* item = nullptr;
  std::vector<Frame> frames;  // where it was written: what its WHERE sees
  bool fresh = true;          // of a NEXT NOT: no event came yet
  bool past_pause = false;    // a pause in its row or after it is over: it keeps no match waiting
  std::optional<Timestamp> until;
};

enum class Wait : std::uint8_t {
  kEvent,  // for frames.back()
  kAnd,    // for an open member of frames.back()
  kPause,  // until `deadline`; without frames: the absence that ends the pattern
  kEnd,    // for nothing: complete
};

/// A run that waits for a possessive loop's iteration and for what follows it waits for parts in a
/// row: the iterations of the first loop, those of a loop after it, and so on. Each way to begin an
/// iteration is an alternative of its part, and may itself have parts.
struct Choice {
  std::size_t part = 0;
  std::size_t alternative = 0;
};
inline constexpr std::size_t kLastPart = 1'000'000;  // what follows all the loops

/// One thing to wait for.
struct Thread {
  Wait wait = Wait::kEvent;
  std::vector<Frame> frames;
  std::vector<Guard> guards;
  std::uint32_t filled = 0;         // of an AND: the members that have their event
  std::optional<Timestamp> anchor;  // the event or the pause's end that WITHIN counts from
  Timestamp since;                  // when it began to wait
  Timestamp deadline;
  /// Of a possessive loop's iteration: the frame of the outermost such loop.
  std::size_t loop_depth = 0;
  /// Of a possessive loop's iteration: where it stands among the waits of its run, see follows().
  std::vector<Choice> path;
};

/// Waits for one thing. Only a possessive loop makes it wait for more: `iterate` holds the ways to
/// begin an iteration, in order of preference, and those come before `main`, what follows.
struct Way {
  std::vector<Thread> iterate;
  std::optional<Thread> main;
  bool complete() const { return iterate.empty() && main && main->wait == Wait::kEnd; }
};

struct Run {
  std::vector<Binding> bound;
  Way way;
};

/// `later` stands behind a loop that `earlier` is an iteration of.
bool follows(const Thread& later, const Thread& earlier);

/// Equal where threads (runs) have the same future: the place, guards and instants.
std::string fingerprint(const Thread& thread);
std::string fingerprint(const Way& way);
std::string fingerprint(const Run& run);

}  // namespace weir::reference
