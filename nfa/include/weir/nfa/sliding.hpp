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

#include <cstddef>
#include <cstdint>
#include <memory>

#include "weir/event/value.hpp"
#include "weir/nfa/expr.hpp"

namespace weir::nfa {

/// What one aggregate keeps of all keys and of their panes. Results are those of an Accumulator fed
/// with the window's values from the first to the last, to the last bit. Owns copies of what it
/// keeps. Nothing is allocated for a value but where a key holds more than it has held before.
///
/// Keys are numbered densely by the caller. What is kept of a pane is a part of the caller's record
/// of it, so that one pane's parts of all aggregates lie together.
class SlidingAggregate {
 public:
  using Key = std::uint32_t;

  virtual ~SlidingAggregate() = default;

  /// Bytes of a part, and what its address is a multiple of: a power of two of at most 16. It may
  /// be moved byte by byte.
  virtual std::size_t part_size() const noexcept = 0;
  virtual std::size_t part_align() const noexcept = 0;

  /// Keys below `n` may be named from now on; they have no panes.
  virtual void reserve_keys(Key n) = 0;

  /// result() will be asked for this. REQUIRES: no key has been named yet.
  virtual void expect(Agg agg, double percent) = 0;

  /// Makes the part of a new pane, the newest.
  virtual void begin_pane(Key key, std::byte* part) = 0;
  /// To the newest pane. REQUIRES: it has not been taken in.
  virtual void add(Key key, std::byte* part, const Value& v) = 0;
  /// The window reaches over the oldest pane that was outside.
  virtual void take_in(Key key, std::byte* part) = 0;
  /// The oldest pane is gone, and with it its part. REQUIRES: it is in the window.
  virtual void drop(Key key, std::byte* part) = 0;

  /// Of the values in the window. `agg` is of the family that this was made for, `percent` is
  /// percentile's; both are expected. Lists and strings live in `scratch`.
  virtual Value result(Key key, Agg agg, double percent, ValueArena& scratch) = 0;

  /// The key's number may be another's from now on; memory for a few values is kept. REQUIRES: all
  /// of its panes have been dropped.
  virtual void close(Key key) = 0;

  /// A value of `key` is added soon: what add() reads of its state is brought near, and a little
  /// later what that points to.
  virtual void prefetch_add(Key key) const noexcept = 0;
  virtual void prefetch_add_near(Key key) const noexcept = 0;

  /// `key` closes a window soon: its state is brought near, and a little later what that points to.
  virtual void prefetch(Key key) const noexcept = 0;
  virtual void prefetch_near(Key key) const noexcept = 0;
};

/// Aggregates of one family over the same values keep the same: one SlidingAggregate serves them
/// all. The family's name is one of its members.
Agg sliding_family(Agg agg) noexcept;

std::unique_ptr<SlidingAggregate> make_sliding(Agg family);

}  // namespace weir::nfa
