// For each key a queue of panes and, of each column, what its aggregates keep of them. A key stands
// in one list only, that of the window that it closes next.
#include <algorithm>
#include <boost/circular_buffer.hpp>
#include <map>
#include <utility>

#include "weir/nfa/sliding.hpp"
#include "windows_grid.hpp"
#include "windows_open.hpp"

namespace weir::runtime {
namespace {

class PaneWindows final : public OpenWindows {
 public:
  PaneWindows(const nfa::Derive& derive, const ColumnOf& columns);

  void add(Timestamp t, std::uint64_t seq, const WindowKey& key,
           std::span<const WindowInput> inputs) override;
  Timestamp next_end() const override { return grid_.end(due_.begin()->first); }
  std::uint64_t next_first_seq() const override { return due_.begin()->second.front().first_seq; }
  ClosedWindow close_next(ValueArena& scratch, std::vector<Value>& results) override;
  std::size_t windows() const noexcept override { return windows_; }
  std::size_t keys() const noexcept override { return keys_.size(); }

 private:
  /// With an event.
  struct KeyPane {
    Pane pane;
    std::uint64_t first_seq = 0;
  };
  struct KeyPanes {
    boost::circular_buffer<KeyPane> panes;  // the oldest first; none without a key
    std::uint32_t taken_in = 0;
  };
  using Keys = WindowKeys<KeyPanes>;

  /// What one column's aggregates of one family keep.
  struct Source {
    std::uint32_t column = 0;
    nfa::Agg family = nfa::Agg::kCount;
    std::unique_ptr<nfa::SlidingAggregate> sliding;
  };

  struct Due {
    std::uint64_t first_seq = 0;  // of the key's first event in the window
    Keys::Slot key = 0;
    friend auto operator<=>(const Due&, const Due&) = default;
  };
  /// The keys whose next window is one and the same. In order once it is the first list.
  class DueList {
   public:
    bool empty() const noexcept { return next_ == keys_.size(); }
    const Due& front() const noexcept { return keys_[next_]; }
    void pop_front() noexcept { ++next_; }
    void push(const Due& due) { keys_.push_back(due); }
    void sort() { std::sort(keys_.begin() + static_cast<std::ptrdiff_t>(next_), keys_.end()); }
    void clear() {
      keys_.clear();
      next_ = 0;
    }

   private:
    std::vector<Due> keys_;
    std::size_t next_ = 0;
  };

  std::uint32_t source_of(std::uint32_t column, nfa::Agg family);
  void begin_pane(Keys::Slot slot, const Pane& pane, std::uint64_t seq);
  DueList& list_of(WindowIndex window);
  void forget_first_list();

  const nfa::Derive& derive_;
  WindowGrid grid_;
  std::vector<Source> sources_;
  std::vector<std::uint32_t> source_of_;  // by aggregate
  Keys keys_;
  std::size_t windows_ = 0;
  std::map<WindowIndex, DueList> due_;  // none empty
  std::map<WindowIndex, DueList>::node_type spare_;
};

PaneWindows::PaneWindows(const nfa::Derive& derive, const ColumnOf& columns)
    : derive_(derive), grid_(derive.size, derive.every) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    source_of_.push_back(source_of(columns[i], nfa::sliding_family(derive.aggs[i].agg)));
  }
}

std::uint32_t PaneWindows::source_of(std::uint32_t column, nfa::Agg family) {
  const auto known = std::ranges::find_if(sources_, [&](const Source& source) {
    return source.column == column && source.family == family;
  });
  const auto place = static_cast<std::uint32_t>(known - sources_.begin());
  if (known == sources_.end()) {
    sources_.push_back({column, family, nfa::make_sliding(family)});
  }
  return place;
}

void PaneWindows::add(Timestamp t, std::uint64_t seq, const WindowKey& key,
                      std::span<const WindowInput> inputs) {
  const Pane& pane = grid_.pane_at(t);
  if (pane.in_none()) return;
  const Keys::Slot slot = keys_.find_or_add(key);
  const auto& panes = keys_[slot].state.panes;
  if (panes.empty() || panes.back().pane != pane) begin_pane(slot, pane, seq);
  for (const Source& source : sources_) {
    const WindowInput& input = inputs[source.column];
    if (input.counts) source.sliding->add(slot, input.value);
  }
}

void PaneWindows::begin_pane(Keys::Slot slot, const Pane& pane, std::uint64_t seq) {
  auto& panes = keys_[slot].state.panes;
  const WindowIndex open =
      panes.empty() ? pane.first - 1 : std::max(panes.back().pane.last, pane.first - 1);
  windows_ += static_cast<std::size_t>(pane.last - open);
  if (panes.empty()) {
    list_of(pane.first).push({seq, slot});
    for (const Source& source : sources_) source.sliding->reserve_keys(keys_.slots());
  }
  constexpr std::size_t kFirst = 4;
  if (panes.full()) panes.set_capacity(std::max(kFirst, panes.capacity() * 2));
  panes.push_back({pane, seq});
  for (const Source& source : sources_) source.sliding->begin_pane(slot);
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

ClosedWindow PaneWindows::close_next(ValueArena& scratch, std::vector<Value>& results) {
  const WindowIndex window = due_.begin()->first;
  DueList& list = due_.begin()->second;
  const Due due = list.front();
  list.pop_front();
  --windows_;

  Keys::Entry& key = keys_[due.key];
  auto& [panes, taken_in] = key.state;
  for (; taken_in < panes.size() && panes[taken_in].pane.first <= window; ++taken_in) {
    for (const Source& source : sources_) source.sliding->take_in(due.key);
  }
  results.clear();
  for (std::size_t i = 0; i < source_of_.size(); ++i) {
    const nfa::DeriveAgg& agg = derive_.aggs[i];
    results.push_back(
        sources_[source_of_[i]].sliding->result(due.key, agg.agg, agg.percent, scratch));
  }
  for (; !panes.empty() && panes.front().pane.last <= window; --taken_in) {
    for (const Source& source : sources_) source.sliding->drop(due.key);
    panes.pop_front();
  }
  if (panes.empty()) {
    for (const Source& source : sources_) source.sliding->close(due.key);
    keys_.remove(due.key);
  } else {
    list_of(std::max(window + 1, panes.front().pane.first))
        .push({panes.front().first_seq, due.key});
  }
  if (list.empty()) forget_first_list();
  return {grid_.start(window), grid_.end(window), due.first_seq, key.bytes, key.values.get()};
}

}  // namespace

std::unique_ptr<OpenWindows> make_pane_windows(const nfa::Derive& derive, ColumnOf columns) {
  return std::make_unique<PaneWindows>(derive, columns);
}

}  // namespace weir::runtime
