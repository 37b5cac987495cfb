// Aggregates of sliding windows by panes: a value is looked at once, however many windows hold it.
//
// Time is cut at every start and every end of a window. What lies between two cuts is a pane: all
// its events are in the same windows, and a window is a row of panes (J. Li et al., "No pane, no
// gain", 2005; S. Krishnamurthy et al., "On-the-fly sharing for streamed aggregation", 2006). For
// each key the panes form a queue, the oldest first; the window reaches from the oldest pane up to
// the last one taken in. As it moves on, panes are taken in at its end and dropped at its start.
//
//   dropped | [ pane  pane  pane  pane ] pane  pane <- add()
//             ^ oldest      the window  ^ take_in()
#pragma once

#include <cstdint>
#include <memory>

#include "weir/event/value.hpp"
#include "weir/nfa/expr.hpp"

namespace weir::nfa {

/// What one aggregate keeps of all keys' panes. Results are those of an Accumulator fed with the
/// window's values from the first to the last, to the last bit. Owns copies of what it keeps. Keys
/// are numbered densely by the caller. Nothing is allocated for a value but where a queue of a key
/// grows past what it has held before.
class SlidingAggregate {
 public:
  using Key = std::uint32_t;

  virtual ~SlidingAggregate() = default;

  /// Keys below `n` may be named from now on; they have no panes.
  virtual void reserve_keys(Key n) = 0;

  /// A pane behind all others.
  virtual void begin_pane(Key key) = 0;
  /// To the newest pane. REQUIRES: there is one, and it has not been taken in.
  virtual void add(Key key, const Value& v) = 0;
  /// The window reaches over the oldest pane that was outside. REQUIRES: there is one.
  virtual void take_in(Key key) = 0;
  /// The oldest pane is gone. REQUIRES: it is in the window.
  virtual void drop(Key key) = 0;

  /// Of the values in the window. `agg` is of the family that this was made for, `percent` is
  /// percentile's. Lists and strings live in `scratch`.
  virtual Value result(Key key, Agg agg, double percent, ValueArena& scratch) const = 0;

  /// The key's number may be another's from now on; memory for a few values is kept. REQUIRES: all
  /// of its panes have been dropped.
  virtual void close(Key key) = 0;
};

/// Aggregates of one family over the same values keep the same: one SlidingAggregate serves them
/// all. The family's name is one of its members.
Agg sliding_family(Agg agg) noexcept;

std::unique_ptr<SlidingAggregate> make_sliding(Agg family);

}  // namespace weir::nfa
