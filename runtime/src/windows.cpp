// Windows live in slots with a free list; a heap of (end, order of beginning) says which closes
// next. A session's end moves with each event of its key: its entry in the heap stays where it is
// and is put off when it comes to the top, so that an event costs no search of the heap.
#include "windows.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace weir::runtime {
namespace {

/// The largest multiple of `step` that is not after `t`; also before the epoch.
Timestamp align_down(Timestamp t, Duration step) noexcept {
  std::int64_t past = t.ns % step.ns;
  if (past < 0) past += step.ns;
  return t - Duration{past};
}

}  // namespace

WindowOperator::WindowOperator(const nfa::ExprPool& exprs, const nfa::Derive& derive)
    : exprs_(exprs), derive_(derive), inputs_(derive.aggs.size()) {}

void WindowOperator::add(const Event& event, std::string_view key_bytes,
                         std::span<const Value> key_values, std::span<const nfa::TablePtr> tables,
                         ValueArena& scratch) {
  // Evaluated once, however many windows the event falls into.
  nfa::EvalContext context;
  context.candidate = &event;
  context.tables = tables;
  context.scratch = &scratch;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const nfa::DeriveAgg& agg = derive_.aggs[i];
    inputs_[i].counts = agg.cond == nfa::kNoExpr || exprs_.test(agg.cond, context);
    if (inputs_[i].counts && agg.arg != nfa::kNoExpr) {
      inputs_[i].value = exprs_.eval(agg.arg, context);
    }
  }

  if (derive_.kind == nfa::WindowKind::kSession) {
    feed(session_window(find_key(key_bytes, key_values), event));
    settle();
    return;
  }
  // A window's event counts as of the instant before its ts, so that it falls into the window that
  // ends with it.
  const Timestamp t = event.origin == EventOrigin::kWindow ? event.ts - Duration{1} : event.ts;
  const Timestamp last = align_down(t, derive_.every);
  Timestamp first = last;
  while (t - (first - derive_.every) < derive_.size) {
    const Timestamp before = first - derive_.every;
    if (before == first) break;  // the beginning of time
    first = before;
  }
  if (t - first >= derive_.size) return;  // between two windows: the step is longer than the window
  Key& key = find_key(key_bytes, key_values);
  for (Timestamp start = first; start <= last; start = start + derive_.every) {
    feed(aligned_window(key, start, event));
    if (start + derive_.every == start) break;  // the end of time
  }
}

Timestamp WindowOperator::next_end() const noexcept {
  return due_.empty() ? Timestamp::max() : due_.front().end;
}

void WindowOperator::close_through(Timestamp end, std::span<const nfa::TablePtr> tables,
                                   ValueArena& scratch, const Emit& emit) {
  while (!due_.empty() && due_.front().end <= end) close_next(tables, scratch, emit);
}

void WindowOperator::close_next(std::span<const nfa::TablePtr> tables, ValueArena& scratch,
                                const Emit& emit) {
  const Slot slot = due_.front().window;
  std::pop_heap(due_.begin(), due_.end(), std::greater<>());
  due_.pop_back();
  settle();
  close(slot, tables, scratch, emit);
}

WindowOperator::Key& WindowOperator::find_key(std::string_view bytes,
                                              std::span<const Value> values) {
  auto it = keys_.find(bytes);
  if (it == keys_.end()) {
    it = keys_.emplace(bytes, Key{}).first;
    it->second.bytes = it->first;
    it->second.values = nfa::ValuesCopy(values);
  }
  return it->second;
}

WindowOperator::Window& WindowOperator::aligned_window(Key& key, Timestamp start,
                                                       const Event& event) {
  // The one asked for is among the last: later starts are begun later.
  for (auto slot = key.windows.rbegin(); slot != key.windows.rend(); ++slot) {
    if (windows_[*slot].start == start) return windows_[*slot];
  }
  return begin(key, start, start + derive_.size, event);
}

WindowOperator::Window& WindowOperator::session_window(Key& key, const Event& event) {
  const Timestamp end = event.ts + derive_.size;
  if (!key.windows.empty()) {
    Window& current = windows_[key.windows.back()];
    if (event.ts < current.end) {
      current.end = std::max(current.end, end);
      return current;
    }
  }
  return begin(key, event.ts, end, event);
}

WindowOperator::Window& WindowOperator::begin(Key& key, Timestamp start, Timestamp end,
                                              const Event& event) {
  Slot slot;
  if (free_.empty()) {
    slot = static_cast<Slot>(windows_.size());
    windows_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  Window& window = windows_[slot];
  window.start = start;
  window.end = end;
  window.first_seq = event.seq;
  window.key = &key;
  window.aggs.reserve(derive_.aggs.size());
  for (const nfa::DeriveAgg& agg : derive_.aggs) window.aggs.emplace_back(agg.agg);

  key.windows.push_back(slot);
  due_.push_back({end, next_ordinal_++, slot});
  std::push_heap(due_.begin(), due_.end(), std::greater<>());
  return window;
}

void WindowOperator::feed(Window& window) {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (!inputs_[i].counts) continue;
    if (derive_.aggs[i].arg == nfa::kNoExpr) {
      window.aggs[i].add_event();
    } else {
      window.aggs[i].add(inputs_[i].value);
    }
  }
}

/// Makes the top of the heap tell the truth: a session whose end has moved is put off. An event
/// moves one end, so that this costs O(log open windows) an event, amortised.
void WindowOperator::settle() {
  while (!due_.empty()) {
    const Due top = due_.front();
    const Timestamp end = windows_[top.window].end;
    if (end == top.end) return;
    std::pop_heap(due_.begin(), due_.end(), std::greater<>());
    due_.back() = {end, top.ordinal, top.window};
    std::push_heap(due_.begin(), due_.end(), std::greater<>());
  }
}

void WindowOperator::close(Slot slot, std::span<const nfa::TablePtr> tables, ValueArena& scratch,
                           const Emit& emit) {
  Window& window = windows_[slot];
  agg_results_.clear();
  for (std::size_t i = 0; i < window.aggs.size(); ++i) {
    agg_results_.push_back(window.aggs[i].result(scratch, derive_.aggs[i].percent));
  }
  nfa::EvalContext context;
  context.tables = tables;
  context.agg_results = agg_results_;
  context.scratch = &scratch;
  values_.clear();
  for (const auto& [name, expr] : derive_.values) values_.push_back(exprs_.eval(expr, context));

  WindowResult result{window.start, window.end, window.end, window.first_seq, {}, {}, values_};
  // A key's last window takes the key with it, once it has been shown.
  decltype(keys_)::node_type gone;
  Key* key = window.key;
  std::erase(key->windows, slot);
  if (key->windows.empty()) {
    gone = keys_.extract(keys_.find(key->bytes));
    key = &gone.mapped();
  }
  result.key_bytes = gone.empty() ? key->bytes : std::string_view(gone.key());
  result.key_values = key->values.get();

  window.key = nullptr;
  window.aggs.clear();
  free_.push_back(slot);
  emit(result);
}

}  // namespace weir::runtime
