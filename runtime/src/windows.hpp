// The windows of one derived stream: aggregates per key and span of event time.
//
// What a window is: docs/language.md, section 7. Two plans keep what is open, with the same results
// to the last bit: panes for sliding windows that overlap, where an event costs the same however
// many windows hold it, and a set of accumulators for each window for all others
// (windows_open.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "weir/event/event.hpp"
#include "weir/nfa/program.hpp"
#include "windows_open.hpp"

namespace weir::runtime {

/// A window that closes. Views: valid until the operator is called again or the scratch is reset.
struct WindowResult {
  Timestamp start;              // of a session: its first event
  Timestamp end;                // of a session: its last event and the gap
  Timestamp ts;                 // of the event to emit: the end
  std::uint64_t first_seq = 0;  // of the window's first event
  std::span<const Value> key_values;
  std::span<const Value> values;  // of Derive::values
};

enum class WindowPlan : std::uint8_t { kListed, kPanes };

/// kPanes where `derive` has windows that overlap. (Not where it reads windows' events beside
/// others: these count as of an instant before, and might step back behind an alert of the same
/// time.)
WindowPlan window_plan(const nfa::Program& program, const nfa::Derive& derive);

class WindowOperator {
 public:
  /// Both outlive the operator. `plan` is window_plan()'s, or kListed.
  WindowOperator(const nfa::ExprPool& exprs, const nfa::Derive& derive, WindowPlan plan);

  /// An event that takes part: the caller has asked Derive::input and Derive::where.
  /// REQUIRES: events come in their order; what ends before the event's time has been closed. (A
  /// session that ends at or before it is left for close_through, the event begins another.)
  /// `key` is copied where it is new. Values are computed in `scratch`, which may be reset after
  /// the call. False: next_end() and next_first_seq() are as before.
  bool add(const Event& event, const WindowKey& key, std::span<const nfa::TablePtr> tables,
           ValueArena& scratch);

  /// An event of a key with this hash is added soon: what that will read first is asked of memory,
  /// and later what this points to. A slot may be prefetched whatever has become of it since.
  WindowSlot prefetch_key(std::uint64_t hash) const noexcept { return open_->prefetch_key(hash); }
  void prefetch_values(WindowSlot slot) const noexcept {
    if (slot != kNoWindowSlot) open_->prefetch_values(slot);
  }

  /// When the first of the open windows ends; Timestamp::max() where none is open. O(1).
  Timestamp next_end() const noexcept;

  /// Of the window that next_end() speaks of: the arrival of its first event. REQUIRES: one is
  /// open.
  std::uint64_t next_first_seq() const noexcept { return open_->next_first_seq(); }

  /// Closes the one that next_end() speaks of. REQUIRES: one is open. O(log open keys), besides the
  /// values.
  WindowResult close_next(std::span<const nfa::TablePtr> tables, ValueArena& scratch);

  /// Closes every window that ends at or before `end`, in the order of (end, the key's first event
  /// in the window); each is gone before it is handed to `emit`, which may reset `scratch` once it
  /// is done with the result, but not call back.
  template <typename Emit>
  void close_through(Timestamp end, std::span<const nfa::TablePtr> tables, ValueArena& scratch,
                     Emit&& emit) {
    while (next_end() <= end && open_windows() > 0) emit(close_next(tables, scratch));
  }

  std::size_t open_windows() const noexcept { return open_->windows(); }
  /// With a window open; a key without holds nothing.
  std::size_t open_keys() const noexcept { return open_->keys(); }

 private:
  /// What is asked for each event and each window: a field or an aggregate as it is, or an
  /// expression.
  struct Column : WindowColumn {
    bool is_field = false;
    FieldId field = 0;
  };
  struct Computed {
    nfa::ExprId expr = nfa::kNoExpr;
    bool is_agg = false;
    std::uint32_t agg = 0;
  };

  const nfa::ExprPool& exprs_;
  const nfa::Derive& derive_;
  std::vector<Column> columns_;
  std::vector<Computed> computed_;  // Derive::values
  std::unique_ptr<OpenWindows> open_;
  std::vector<WindowInput> inputs_;  // of the event being added, by column
  std::vector<Value> agg_results_;
  std::vector<Value> values_;
};

}  // namespace weir::runtime
