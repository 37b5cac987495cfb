// The windows of one derived stream: aggregates per key and span of event time.
//
// What a window is: docs/language.md, section 7. An operator keeps one set of accumulators for each
// open window of each key, so that an event costs O(windows that cover it * aggregates): 1 for
// tumbling and sessions, size / step for sliding. (Panes would cost less, but float sums and
// standard deviations are folded from the first value to the last and cannot be put together from
// parts.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "weir/event/event.hpp"
#include "weir/nfa/evidence.hpp"
#include "weir/nfa/program.hpp"

namespace weir::runtime {

/// A window that closes. Views: valid during the call that hands it over.
struct WindowResult {
  Timestamp start;              // of a session: its first event
  Timestamp end;                // of a session: its last event and the gap
  Timestamp ts;                 // of the event to emit: the end
  std::uint64_t first_seq = 0;  // of the window's first event
  std::string_view key_bytes;
  std::span<const Value> key_values;
  std::span<const Value> values;  // of Derive::values
};

class WindowOperator {
 public:
  using Emit = std::function<void(const WindowResult&)>;

  /// Both outlive the operator.
  WindowOperator(const nfa::ExprPool& exprs, const nfa::Derive& derive);

  /// An event that takes part: the caller has asked Derive::input and Derive::where.
  /// REQUIRES: events come in their order; what ends before the event's time has been closed. (A
  /// session that ends at or before it is left for close_through, the event begins another.)
  /// `key_bytes` is one text for each key, `key_values` are copied for a key that is new. Values
  /// are computed in `scratch`, which may be reset after the call.
  void add(const Event& event, std::string_view key_bytes, std::span<const Value> key_values,
           std::span<const nfa::TablePtr> tables, ValueArena& scratch);

  /// When the first of the open windows ends; Timestamp::max() where none is open. O(1).
  Timestamp next_end() const noexcept;

  /// Of the window that next_end() speaks of: the arrival of its first event. REQUIRES: one is
  /// open.
  std::uint64_t next_first_seq() const noexcept { return windows_[due_.front().window].first_seq; }

  /// Closes the one that next_end() speaks of. REQUIRES: one is open.
  void close_next(std::span<const nfa::TablePtr> tables, ValueArena& scratch, const Emit& emit);

  /// Closes every window that ends at or before `end`, in the order of (end, the key's first event
  /// in the window); each is gone before it is handed to `emit`. `emit` may reset `scratch` once it
  /// is done with the result, but not call back. O(log open windows) each, besides the values.
  void close_through(Timestamp end, std::span<const nfa::TablePtr> tables, ValueArena& scratch,
                     const Emit& emit);

  std::size_t open_windows() const noexcept { return due_.size(); }
  /// With a window open; a key without holds nothing.
  std::size_t open_keys() const noexcept { return keys_.size(); }

 private:
  using Slot = std::uint32_t;

  struct Key {
    std::string_view bytes;  // of the map's node
    nfa::ValuesCopy values;
    std::vector<Slot> windows;  // open, in the order in which they were begun
  };
  struct Window {
    Timestamp start;
    Timestamp end;
    std::uint64_t first_seq = 0;
    Key* key = nullptr;
    std::vector<nfa::Accumulator> aggs;
  };
  /// When to look at a window: at its end, or for a session at an end that may have moved since.
  struct Due {
    Timestamp end;
    std::uint64_t ordinal = 0;  // windows in the order in which they were begun
    Slot window = 0;
    friend auto operator<=>(const Due&, const Due&) = default;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const noexcept {
      return std::hash<std::string_view>{}(s);
    }
  };

  Key& find_key(std::string_view bytes, std::span<const Value> values);
  /// The window of the key that begins at `start`; for a session the one that `ts` falls into.
  Window& aligned_window(Key& key, Timestamp start, const Event& event);
  Window& session_window(Key& key, const Event& event);
  Window& begin(Key& key, Timestamp start, Timestamp end, const Event& event);
  void feed(Window& window);
  void settle();
  void close(Slot slot, std::span<const nfa::TablePtr> tables, ValueArena& scratch,
             const Emit& emit);

  const nfa::ExprPool& exprs_;
  const nfa::Derive& derive_;
  std::unordered_map<std::string, Key, Hash, std::equal_to<>> keys_;
  std::vector<Window> windows_;
  std::vector<Slot> free_;
  std::vector<Due> due_;  // a heap, the earliest first
  std::uint64_t next_ordinal_ = 0;

  // Of the event being added, by aggregate: whether it counts, and its value.
  struct Input {
    bool counts = false;
    Value value;
  };
  std::vector<Input> inputs_;
  std::vector<Value> agg_results_;
  std::vector<Value> values_;
};

/// The event of a window that has closed: `window_start`, `window_end`, the key under `key`'s names
/// and the values, as slots of `plan`'s type derive.type and as JSON text. Its name, for the ids of
/// alerts, is the stream's id, the key and the window's start. Everything it points to lives in
/// `arena`, but what `plan` holds; `seq` and `position` are the caller's to set.
Event make_window_event(const WindowResult& window, const nfa::Derive& derive,
                        const nfa::KeySpec& key, const FieldPlan& plan, ValueArena& arena);

}  // namespace weir::runtime
