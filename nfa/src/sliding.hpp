// What the sliding aggregates are made of, and their makers.
#pragma once

#include <algorithm>
#include <boost/circular_buffer.hpp>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/nfa/sliding.hpp"

namespace weir::nfa {

// One file each, sliding_*.cpp.
std::unique_ptr<SlidingAggregate> make_sliding_count();        // count
std::unique_ptr<SlidingAggregate> make_sliding_sum();          // sum, avg
std::unique_ptr<SlidingAggregate> make_sliding_kept(Agg agg);  // min, max, first or last
std::unique_ptr<SlidingAggregate> make_sliding_sample();       // median, percentile
std::unique_ptr<SlidingAggregate> make_sliding_deviation();    // stddev
std::unique_ptr<SlidingAggregate> make_sliding_distinct();     // distinct, count_distinct

/// `Derived` has the functions that are named here for one key's `State` and one pane's `Part`. A
/// static kAddsToPart says that add_to() seldom looks at the state; else it reads the first line of
/// it and, where State has a prefetch_add(), what that asks for.
template <typename Derived, typename State, typename Part>
class SlidingOf : public SlidingAggregate {
 public:
  std::size_t part_size() const noexcept final { return std::is_empty_v<Part> ? 0 : sizeof(Part); }
  std::size_t part_align() const noexcept final { return alignof(Part); }
  void reserve_keys(Key n) final {
    if (states_.size() < n) states_.resize(n);
  }
  void begin_pane(Key key, std::byte* part) final {
    if constexpr (!std::is_empty_v<Part>) new (part) Part();
    self().begin_pane_of(states_[key], at(part));
  }
  void add(Key key, std::byte* part, const Value& v) final {
    self().add_to(states_[key], at(part), v);
  }
  void take_in(Key key, std::byte* part) final { self().take_into(states_[key], at(part)); }
  void drop(Key key, std::byte* part) final { self().drop_from(states_[key], at(part)); }
  void expect(Agg, double) override {}
  Value result(Key key, Agg agg, double percent, ValueArena& scratch) final {
    return self().result_of(states_[key], agg, percent, scratch);
  }
  void close(Key key) final { self().clear(states_[key]); }
  void prefetch_add(Key key) const noexcept final {
    if constexpr (!requires { Derived::kAddsToPart; }) __builtin_prefetch(&states_[key]);
  }
  void prefetch_add_near(Key key) const noexcept final {
    if constexpr (requires(const State& state) { state.prefetch_add(); }) {
      states_[key].prefetch_add();
    }
  }
  void prefetch(Key key) const noexcept final {
    constexpr std::size_t kLine = 64;
    const auto* state = reinterpret_cast<const char*>(&states_[key]);
    for (std::size_t i = 0; i < sizeof(State); i += kLine) __builtin_prefetch(state + i);
  }
  void prefetch_near(Key key) const noexcept final {
    if constexpr (requires(const State& state) { state.prefetch(); }) states_[key].prefetch();
  }

 private:
  static_assert(std::is_trivially_copyable_v<Part> && alignof(Part) <= 16);
  static Part& at(std::byte* part) noexcept {
    if constexpr (std::is_empty_v<Part>) {
      static Part none;
      return none;
    } else {
      return *std::launder(reinterpret_cast<Part*>(part));
    }
  }
  Derived& self() noexcept { return *static_cast<Derived*>(this); }

  std::vector<State> states_;  // by key
};

/// Where all that is kept of a pane lies in the key's state.
struct NoPart {};

template <typename T>
using Queue = boost::circular_buffer<T>;

/// Appends; a queue that is full grows to twice its size.
template <typename T>
void push(Queue<T>& queue, T item) {
  constexpr std::size_t kFirst = 4;
  if (queue.full()) queue.set_capacity(std::max(kFirst, queue.capacity() * 2));
  queue.push_back(std::move(item));
}

/// Empties it; memory for a few items is kept.
template <typename T>
void clear(Queue<T>& queue) {
  constexpr std::size_t kFew = 64;
  queue.clear();
  if (queue.capacity() > kFew) queue.set_capacity(0);
}

}  // namespace weir::nfa
