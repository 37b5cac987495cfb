// What a WindowOperator keeps of the windows that are open: two ways, with the same results.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "weir/event/value.hpp"
#include "weir/nfa/program.hpp"
#include "windows_keys.hpp"

namespace weir::runtime {

/// What several aggregates may share: the values that they are fed with.
struct WindowColumn {
  nfa::ExprId arg = nfa::kNoExpr;  // none: count() of events
  nfa::ExprId cond = nfa::kNoExpr;
  friend bool operator==(const WindowColumn&, const WindowColumn&) = default;
};

/// One event's value of a column.
struct WindowInput {
  bool counts = false;
  Value value;  // not null where the column has no argument
};

/// A window that has been closed: what its key and aggregates came to.
struct ClosedWindow {
  Timestamp start;
  Timestamp end;
  std::uint64_t first_seq = 0;
  std::span<const Value> key_values;
};

class OpenWindows {
 public:
  virtual ~OpenWindows() = default;

  /// An event at `t`; one input for each column. `seq` is not below any before. False: what closes
  /// next, and when, is as before.
  virtual bool add(Timestamp t, std::uint64_t seq, const WindowKey& key,
                   std::span<const WindowInput> inputs) = 0;

  // See WindowOperator.
  virtual WindowSlot prefetch_key(std::uint64_t hash) const noexcept = 0;
  virtual void prefetch_values(WindowSlot slot) const noexcept = 0;

  /// Of the window that closes next: REQUIRES one to be open.
  virtual Timestamp next_end() const = 0;
  virtual std::uint64_t next_first_seq() const = 0;

  /// Closes it. `results` gets the value of each aggregate, which live in `scratch`. What is
  /// returned is valid until the next call.
  virtual ClosedWindow close_next(ValueArena& scratch, std::vector<Value>& results) = 0;

  virtual std::size_t windows() const noexcept = 0;
  virtual std::size_t keys() const noexcept = 0;
};

/// Where an aggregate's values stand among the columns.
using ColumnOf = std::vector<std::uint32_t>;  // by aggregate

/// A set of accumulators for each window: an event costs O(windows that hold it). Sessions are this
/// way only. `derive` outlives it.
std::unique_ptr<OpenWindows> make_listed_windows(const nfa::Derive& derive, ColumnOf columns);

/// Panes (weir/nfa/sliding.hpp): an event costs the same however many windows hold it. REQUIRES: no
/// session, and `t` does not go back from one add() to the next. `derive` outlives it.
std::unique_ptr<OpenWindows> make_pane_windows(const nfa::Derive& derive, ColumnOf columns);

}  // namespace weir::runtime
