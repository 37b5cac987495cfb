// For each key a queue of panes and, of each column, what its aggregates keep of them. A key stands
// in one list only, that of the window that it closes next.
#include <algorithm>
#include <boost/sort/spreadsort/integer_sort.hpp>
#include <cstddef>
#include <limits>
#include <map>
#include <utility>

#include "weir/nfa/sliding.hpp"
#include "windows_grid.hpp"
#include "windows_open.hpp"
#include "windows_rows.hpp"

namespace weir::runtime {
namespace {

class PaneWindows final : public OpenWindows {
 public:
  PaneWindows(const nfa::Derive& derive, const ColumnOf& columns);

  bool add(Timestamp t, std::uint64_t seq, const WindowKey& key,
           std::span<const WindowInput> inputs) override;
  WindowSlot prefetch_key(std::uint64_t hash) const noexcept override;
  void prefetch_values(WindowSlot slot) const noexcept override;
  Timestamp next_end() const override { return grid_.end(due_.begin()->first); }
  std::uint64_t next_first_seq() const override { return due_.begin()->second.front().first_seq; }
  ClosedWindow close_next(ValueArena& scratch, std::vector<Value>& results) override;
  std::size_t windows() const noexcept override { return windows_; }
  std::size_t keys() const noexcept override { return keys_.size(); }

 private:
  /// A pane with an event; behind it in its row stand the parts of the sources.
  struct Row {
    PaneNumber pane = kNoPane;
    std::uint64_t first_seq = 0;
  };
  /// But for the open row, which events go into.
  struct KeyPanes {
    PaneRows rows;
    PaneNumber newest = kNoPane;  // of the last row, known without a look at it
    std::uint32_t taken_in = 0;   // of the rows
  };
  using Keys = WindowKeys<KeyPanes>;

  /// What one column's aggregates of one family keep.
  struct Source {
    std::uint32_t column = 0;
    nfa::Agg family = nfa::Agg::kCount;
    std::size_t offset = 0;  // of its part in a row
    std::unique_ptr<nfa::SlidingAggregate> sliding;
  };

  struct Due {
    std::uint64_t first_seq = 0;  // of the key's first event in the window
    Keys::Slot key = 0;
  };
  /// The keys whose next window is one and the same. In order once it is the first list.
  class DueList {
   public:
    bool empty() const noexcept { return next_ == keys_.size(); }
    /// Of those to come.
    const Due* ahead(std::size_t n) const noexcept {
      return next_ + n < keys_.size() ? &keys_[next_ + n] : nullptr;
    }
    const Due& front() const noexcept { return keys_[next_]; }
    void pop_front() noexcept { ++next_; }
    void push(const Due& due) { keys_.push_back(due); }
    void sort() {
      boost::sort::spreadsort::integer_sort(
          keys_.begin() + static_cast<std::ptrdiff_t>(next_), keys_.end(),
          [](const Due& due, unsigned shift) { return due.first_seq >> shift; },
          [](const Due& a, const Due& b) { return a.first_seq < b.first_seq; });
    }
    void clear() {
      keys_.clear();
      next_ = 0;
    }

   private:
    std::vector<Due> keys_;
    std::size_t next_ = 0;
  };

  void place_parts();
  std::uint32_t source_of(std::uint32_t column, nfa::Agg family);
  std::byte* row_at(const PaneRows& rows, std::uint32_t i) const { return rows.at(i, row_size_); }
  static Row& header(std::byte* row) { return *std::launder(reinterpret_cast<Row*>(row)); }
  bool has_open_row(Keys::Slot slot) { return header(open_rows_.at(slot)).pane != kNoPane; }
  void reserve_keys();
  bool begin_pane(Keys::Slot slot, PaneNumber pane, std::uint64_t seq);
  void store_open_row(Keys::Slot slot);
  DueList& list_of(WindowIndex window);
  void forget_first_list();
  void prefetch(const DueList& list) const;

  const nfa::Derive& derive_;
  WindowGrid grid_;
  std::vector<Source> sources_;
  std::size_t row_size_ = 0;
  std::vector<std::uint32_t> source_of_;  // by aggregate
  Keys keys_;
  OpenRows open_rows_;    // by key
  RowMemory row_memory_;  // of those before the open one
  std::size_t windows_ = 0;
  std::map<WindowIndex, DueList> due_;  // none empty
  std::map<WindowIndex, DueList>::node_type spare_;
};

PaneWindows::PaneWindows(const nfa::Derive& derive, const ColumnOf& columns)
    : derive_(derive), grid_(derive.size, derive.every) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const nfa::DeriveAgg& agg = derive.aggs[i];
    source_of_.push_back(source_of(columns[i], nfa::sliding_family(agg.agg)));
    sources_[source_of_.back()].sliding->expect(agg.agg, agg.percent);
  }
  place_parts();
}

/// Those of the least alignment first, so that little is left free.
void PaneWindows::place_parts() {
  std::vector<Source*> order;
  for (Source& source : sources_) order.push_back(&source);
  std::ranges::stable_sort(order, {}, [](const Source* s) { return s->sliding->part_align(); });
  const auto aligned = [](std::size_t n, std::size_t align) {
    return (n + align - 1) / align * align;
  };
  row_size_ = sizeof(Row);
  for (Source* source : order) {
    source->offset = aligned(row_size_, source->sliding->part_align());
    row_size_ = source->offset + source->sliding->part_size();
  }
  constexpr std::size_t kAlign = 16;
  row_size_ = aligned(row_size_, kAlign);
  open_rows_.set_row_size(row_size_);
}

std::uint32_t PaneWindows::source_of(std::uint32_t column, nfa::Agg family) {
  const auto known = std::ranges::find_if(sources_, [&](const Source& source) {
    return source.column == column && source.family == family;
  });
  const auto place = static_cast<std::uint32_t>(known - sources_.begin());
  if (known == sources_.end()) {
    sources_.push_back({column, family, 0, nfa::make_sliding(family)});
  }
  return place;
}

bool PaneWindows::add(Timestamp t, std::uint64_t seq, const WindowKey& key,
                      std::span<const WindowInput> inputs) {
  const PaneNumber pane = grid_.pane_at(t);
  if (grid_.last(pane) < grid_.first(pane)) return false;
  const Keys::Slot slot = keys_.find_or_add(key);
  if (slot >= open_rows_.keys()) reserve_keys();
  std::byte* row = open_rows_.at(slot);
  const bool new_to_lists = header(row).pane != pane && begin_pane(slot, pane, seq);
  for (const Source& source : sources_) {
    const WindowInput& input = inputs[source.column];
    if (input.counts) source.sliding->add(slot, row + source.offset, input.value);
  }
  return new_to_lists;
}

WindowSlot PaneWindows::prefetch_key(std::uint64_t hash) const noexcept {
  const WindowSlot slot = keys_.likely(hash);
  if (slot == kNoWindowSlot) return slot;
  keys_.prefetch_entry(slot);
  open_rows_.prefetch(slot);
  for (const Source& source : sources_) source.sliding->prefetch_add(slot);
  return slot;
}

void PaneWindows::prefetch_values(WindowSlot slot) const noexcept {
  keys_.prefetch_text(slot);
  for (const Source& source : sources_) source.sliding->prefetch_add_near(slot);
}

void PaneWindows::reserve_keys() {
  const std::size_t before = open_rows_.keys();
  open_rows_.resize(std::max<std::size_t>(keys_.slots(), 2 * before));
  for (std::size_t key = before; key < open_rows_.keys(); ++key) new (open_rows_.at(key)) Row();
  for (const Source& source : sources_) {
    source.sliding->reserve_keys(static_cast<nfa::SlidingAggregate::Key>(open_rows_.keys()));
  }
}

/// Whether the key has come into a list of keys that wait.
bool PaneWindows::begin_pane(Keys::Slot slot, PaneNumber pane, std::uint64_t seq) {
  if (has_open_row(slot)) store_open_row(slot);
  const KeyPanes& panes = keys_[slot].state;
  WindowIndex open = grid_.first(pane) - 1;  // the last window that is
  const bool lists = panes.rows.empty();
  if (lists) {
    list_of(grid_.first(pane)).push({seq, slot});
  } else {
    open = std::max(open, grid_.last(panes.newest));
  }
  windows_ += static_cast<std::size_t>(grid_.last(pane) - open);
  std::byte* row = open_rows_.at(slot);
  new (row) Row{pane, seq};
  for (const Source& source : sources_) source.sliding->begin_pane(slot, row + source.offset);
  return lists;
}

void PaneWindows::store_open_row(Keys::Slot slot) {
  std::byte* row = open_rows_.at(slot);
  KeyPanes& panes = keys_[slot].state;
  panes.newest = header(row).pane;
  panes.rows.push_back(row, row_size_, row_memory_);
  header(row).pane = kNoPane;
}

PaneWindows::DueList& PaneWindows::list_of(WindowIndex window) {
  const auto at = due_.lower_bound(window);
  if (at != due_.end() && at->first == window) return at->second;
  if (spare_.empty()) return due_.emplace_hint(at, window, DueList())->second;
  spare_.key() = window;
  return due_.insert(at, std::move(spare_))->second;
}

/// The next one becomes the first. (Whatever is pushed to the first list later is of a key that had
/// no window open, so that its event is later than all in the list.)
void PaneWindows::forget_first_list() {
  spare_ = due_.extract(due_.begin());
  spare_.mapped().clear();
  if (!due_.empty()) due_.begin()->second.sort();
}

/// Which keys follow is known, and that they are far from the processor: their states are asked for
/// while others close.
void PaneWindows::prefetch(const DueList& list) const {
  constexpr std::size_t kFar = 8;
  constexpr std::size_t kNear = 4;
  if (const Due* due = list.ahead(kFar)) {
    keys_.prefetch(due->key);
    open_rows_.prefetch(due->key);
    for (const Source& source : sources_) source.sliding->prefetch(due->key);
  }
  if (const Due* due = list.ahead(kNear)) {
    const KeyPanes& panes = keys_[due->key].state;
    panes.rows.prefetch(0, row_size_);
    panes.rows.prefetch(panes.taken_in, row_size_);
    __builtin_prefetch(keys_.values(due->key).data());
    for (const Source& source : sources_) source.sliding->prefetch_near(due->key);
  }
}

ClosedWindow PaneWindows::close_next(ValueArena& scratch, std::vector<Value>& results) {
  const WindowIndex window = due_.begin()->first;
  DueList& list = due_.begin()->second;
  const Due due = list.front();
  list.pop_front();
  --windows_;
  prefetch(list);

  Keys::Entry& key = keys_[due.key];
  PaneRows& rows = key.state.rows;
  std::uint32_t& taken_in = key.state.taken_in;
  if (Row& open = header(open_rows_.at(due.key));
      open.pane != kNoPane && grid_.first(open.pane) <= window) {
    store_open_row(due.key);
  }
  for (; taken_in < rows.size(); ++taken_in) {
    std::byte* row = row_at(rows, taken_in);
    if (grid_.first(header(row).pane) > window) break;
    for (const Source& source : sources_) source.sliding->take_in(due.key, row + source.offset);
  }
  results.clear();
  for (std::size_t i = 0; i < source_of_.size(); ++i) {
    const nfa::DeriveAgg& agg = derive_.aggs[i];
    results.push_back(
        sources_[source_of_[i]].sliding->result(due.key, agg.agg, agg.percent, scratch));
  }
  for (; !rows.empty(); --taken_in) {
    std::byte* row = row_at(rows, 0);
    if (grid_.last(header(row).pane) > window) break;
    for (const Source& source : sources_) source.sliding->drop(due.key, row + source.offset);
    rows.pop_front();
  }
  if (rows.empty() && !has_open_row(due.key)) {
    rows.clear(row_memory_);
    for (const Source& source : sources_) source.sliding->close(due.key);
    keys_.remove(due.key);
  } else {
    const Row& oldest = header(rows.empty() ? open_rows_.at(due.key) : row_at(rows, 0));
    list_of(std::max(window + 1, grid_.first(oldest.pane))).push({oldest.first_seq, due.key});
  }
  if (list.empty()) forget_first_list();
  return {grid_.start(window), grid_.end(window), due.first_seq, keys_.values(due.key)};
}

}  // namespace

std::unique_ptr<OpenWindows> make_pane_windows(const nfa::Derive& derive, ColumnOf columns) {
  return std::make_unique<PaneWindows>(derive, columns);
}

}  // namespace weir::runtime
