// Windows live in slots with a free list; a heap of (end, order of beginning) says which closes
// next. A session's end moves with each event of its key: its entry in the heap stays where it is
// and is put off when it comes to the top, so that an event costs no search of the heap.
#include <algorithm>
#include <functional>
#include <utility>

#include "windows_grid.hpp"
#include "windows_open.hpp"

namespace weir::runtime {
namespace {

/// A session has no grid: one that holds all times stands in.
Duration step_of(const nfa::Derive& derive) noexcept {
  return derive.kind == nfa::WindowKind::kSession ? Duration{kNsPerSecond} : derive.every;
}

class ListedWindows final : public OpenWindows {
 public:
  ListedWindows(const nfa::Derive& derive, ColumnOf columns)
      : derive_(derive), columns_(std::move(columns)), grid_(derive.size, step_of(derive)) {}

  bool add(Timestamp t, std::uint64_t seq, const WindowKey& key,
           std::span<const WindowInput> inputs) override;
  WindowSlot prefetch_key(std::uint64_t hash) const noexcept override {
    const WindowSlot slot = keys_.likely(hash);
    if (slot != kNoWindowSlot) keys_.prefetch_entry(slot);
    return slot;
  }
  void prefetch_values(WindowSlot slot) const noexcept override { keys_.prefetch_text(slot); }
  Timestamp next_end() const override { return due_.front().end; }
  std::uint64_t next_first_seq() const override { return windows_[due_.front().slot].first_seq; }
  ClosedWindow close_next(ValueArena& scratch, std::vector<Value>& results) override;
  std::size_t windows() const noexcept override { return due_.size(); }
  std::size_t keys() const noexcept override { return keys_.size(); }

 private:
  using Slot = std::uint32_t;
  using Keys =
      WindowKeys<std::vector<Slot>>;  // windows open, in the order in which they were begun

  struct Window {
    WindowIndex index = 0;  // 0 for a session
    Timestamp start;
    Timestamp end;
    std::uint64_t first_seq = 0;
    Keys::Slot key = 0;
    std::vector<nfa::Accumulator> aggs;
  };
  /// When to look at a window: at its end, or for a session at an end that may have moved since.
  struct Due {
    Timestamp end;
    WindowIndex index = 0;      // orders what ends past the end of time
    std::uint64_t ordinal = 0;  // windows in the order in which they were begun
    Slot slot = 0;
    friend auto operator<=>(const Due&, const Due&) = default;
  };

  Window& aligned_window(Keys::Slot key, WindowIndex index, std::uint64_t seq);
  Window& session_window(Keys::Slot key, Timestamp t, std::uint64_t seq);
  Window& begin(Keys::Slot key, WindowIndex index, Timestamp start, Timestamp end,
                std::uint64_t seq);
  void feed(Window& window, std::span<const WindowInput> inputs);
  void settle();

  const nfa::Derive& derive_;
  const ColumnOf columns_;
  WindowGrid grid_;
  Keys keys_;
  std::vector<Window> windows_;  // by slot
  std::vector<Slot> free_;
  std::vector<Due> due_;  // a heap, the earliest first
  std::uint64_t next_ordinal_ = 0;
};

bool ListedWindows::add(Timestamp t, std::uint64_t seq, const WindowKey& key,
                        std::span<const WindowInput> inputs) {
  if (derive_.kind == nfa::WindowKind::kSession) {
    feed(session_window(keys_.find_or_add(key), t, seq), inputs);
    settle();
    return true;
  }
  const PaneNumber pane = grid_.pane_at(t);
  const WindowIndex last = grid_.last(pane);
  if (last < grid_.first(pane)) return false;
  const Keys::Slot slot = keys_.find_or_add(key);
  for (WindowIndex i = grid_.first(pane); i <= last; ++i) {
    feed(aligned_window(slot, i, seq), inputs);
  }
  return true;
}

ListedWindows::Window& ListedWindows::aligned_window(Keys::Slot key, WindowIndex index,
                                                     std::uint64_t seq) {
  // The one asked for is among the last: later ones are begun later.
  const std::vector<Slot>& open = keys_[key].state;
  for (auto slot = open.rbegin(); slot != open.rend(); ++slot) {
    if (windows_[*slot].index == index) return windows_[*slot];
  }
  return begin(key, index, grid_.start(index), grid_.end(index), seq);
}

ListedWindows::Window& ListedWindows::session_window(Keys::Slot key, Timestamp t,
                                                     std::uint64_t seq) {
  const Timestamp end = t + derive_.size;
  if (!keys_[key].state.empty()) {
    Window& current = windows_[keys_[key].state.back()];
    if (t < current.end) {
      current.end = std::max(current.end, end);
      return current;
    }
  }
  return begin(key, 0, t, end, seq);
}

ListedWindows::Window& ListedWindows::begin(Keys::Slot key, WindowIndex index, Timestamp start,
                                            Timestamp end, std::uint64_t seq) {
  Slot slot = 0;
  if (free_.empty()) {
    slot = static_cast<Slot>(windows_.size());
    Window& window = windows_.emplace_back();
    window.aggs.reserve(derive_.aggs.size());
    for (const nfa::DeriveAgg& agg : derive_.aggs) window.aggs.emplace_back(agg.agg);
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  Window& window = windows_[slot];
  window.index = index;
  window.start = start;
  window.end = end;
  window.first_seq = seq;
  window.key = key;
  keys_[key].state.push_back(slot);
  due_.push_back({end, index, next_ordinal_++, slot});
  std::push_heap(due_.begin(), due_.end(), std::greater<>());
  return window;
}

void ListedWindows::feed(Window& window, std::span<const WindowInput> inputs) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const WindowInput& input = inputs[columns_[i]];
    if (input.counts) window.aggs[i].add(input.value);
  }
}

/// Makes the top of the heap tell the truth: a session whose end has moved is put off. An event
/// moves one end, so that this costs O(log open windows) an event, amortised.
void ListedWindows::settle() {
  while (!due_.empty()) {
    const Due top = due_.front();
    const Timestamp end = windows_[top.slot].end;
    if (end == top.end) return;
    std::pop_heap(due_.begin(), due_.end(), std::greater<>());
    due_.back().end = end;
    std::push_heap(due_.begin(), due_.end(), std::greater<>());
  }
}

ClosedWindow ListedWindows::close_next(ValueArena& scratch, std::vector<Value>& results) {
  const Slot slot = due_.front().slot;
  std::pop_heap(due_.begin(), due_.end(), std::greater<>());
  due_.pop_back();
  settle();

  Window& window = windows_[slot];
  results.clear();
  for (std::size_t i = 0; i < window.aggs.size(); ++i) {
    results.push_back(window.aggs[i].result(scratch, derive_.aggs[i].percent));
    window.aggs[i].clear();
  }
  Keys::Entry& key = keys_[window.key];
  std::erase(key.state, slot);
  if (key.state.empty()) keys_.remove(window.key);
  free_.push_back(slot);
  return {window.start, window.end, window.first_seq, keys_.values(window.key)};
}

}  // namespace

std::unique_ptr<OpenWindows> make_listed_windows(const nfa::Derive& derive, ColumnOf columns) {
  return std::make_unique<ListedWindows>(derive, std::move(columns));
}

}  // namespace weir::runtime
