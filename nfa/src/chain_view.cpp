#include "chain_view.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <variant>

#include "aggregate.hpp"
#include "functions.hpp"

namespace weir::nfa {
namespace {

/// The node whose event has the value: the first, the last, the least or the greatest.
struct Kept {
  ChainRef node = 0;
  bool unlike = false;  // min, max: values that have no order among them
};

/// An aggregate over the events bound so far, as AggregateState folds them.
struct RunningValue {
  std::uint64_t count = 0;  // of values that are not null; of events where nothing is asked of them
  std::variant<std::monostate, Sum, Welford, Kept> state;
};
static_assert(std::is_trivially_copyable_v<RunningValue>);

class Running {
 public:
  Running(const BindingPool& pool, EventTests& tests, const ExprNode& aggregate,
          std::span<const ExprId> args)
      : pool_(pool), tests_(tests), aggregate_(aggregate), args_(args) {}

  RunningValue nothing() const {
    switch (aggregate_.agg) {
      case Agg::kSum:
      case Agg::kAvg:
        return {.count = 0, .state = Sum()};
      case Agg::kStddev:
        return {.count = 0, .state = Welford()};
      case Agg::kMin:
      case Agg::kMax:
      case Agg::kFirst:
      case Agg::kLast:
        return {.count = 0, .state = Kept()};
      default:
        return {};
    }
  }

  void add(RunningValue& to, ChainRef node) const {
    if (args_.empty()) {
      ++to.count;
      return;
    }
    if (aggregate_.agg == Agg::kFirst || aggregate_.agg == Agg::kLast) {
      Kept& kept = *std::get_if<Kept>(&to.state);
      if (aggregate_.agg == Agg::kLast || kept.node == 0) kept.node = node;
      return;
    }
    const Value v = value_at(node);
    if (v.is_null()) return;
    ++to.count;
    if (Sum* sum = std::get_if<Sum>(&to.state)) sum->add(v);
    if (Welford* squares = std::get_if<Welford>(&to.state)) squares->add(v);
    if (Kept* kept = std::get_if<Kept>(&to.state)) keep_extreme(*kept, v, node);
  }

  Value result(const RunningValue& of) const {
    switch (aggregate_.agg) {
      case Agg::kSum:
        return std::get_if<Sum>(&of.state)->result();
      case Agg::kAvg:
        return of.count == 0 ? Value{}
                             : divide(std::get_if<Sum>(&of.state)->result(),
                                      Value::integer(static_cast<std::int64_t>(of.count)));
      case Agg::kStddev:
        return std::get_if<Welford>(&of.state)->deviation();
      case Agg::kMin:
      case Agg::kMax:
      case Agg::kFirst:
      case Agg::kLast: {
        const Kept& kept = *std::get_if<Kept>(&of.state);
        return kept.unlike || kept.node == 0 ? Value{} : value_at(kept.node);
      }
      default:
        return Value::integer(static_cast<std::int64_t>(of.count));
    }
  }

 private:
  Value value_at(ChainRef node) const {
    const EvalContext context{.candidate = &pool_.event(node),
                              .bound = nullptr,
                              .tables = tests_.tables(),
                              .agg_results = {},
                              .scratch = &tests_.scratch()};
    return tests_.pool().eval(args_[0], context);
  }

  void keep_extreme(Kept& kept, const Value& v, ChainRef node) const {
    if (kept.node == 0) {
      kept.node = node;
      return;
    }
    const auto order = compare(v, value_at(kept.node));
    if (!order) {
      kept.unlike = true;
    } else if (aggregate_.agg == Agg::kMin ? *order < 0 : *order > 0) {
      kept.node = node;
    }
  }

  const BindingPool& pool_;
  EventTests& tests_;
  const ExprNode& aggregate_;
  std::span<const ExprId> args_;
};

Running running(const BindingPool& pool, EventTests& tests, ExprId aggregate) {
  return {pool, tests, tests.pool().at(aggregate), tests.pool().args(aggregate)};
}

RunningValue load(const BindingPool& pool, ChainRef node, std::size_t place) noexcept {
  RunningValue value;
  std::memcpy(&value, pool.room(node) + place * sizeof value, sizeof value);
  return value;
}

}  // namespace

const Event* ChainView::last(NameId name, RegId scope) const {
  const std::uint32_t from = mark(scope);
  for (ChainRef c = chain_; c != 0 && pool_.length(c) > from; c = pool_.at(c).previous) {
    if (pool_.at(c).name == name) return &pool_.event(c);
  }
  return nullptr;
}

std::span<const Event* const> ChainView::all(NameId name, RegId scope, ValueArena& scratch) const {
  const std::uint32_t from = mark(scope);
  std::size_t n = 0;
  for (ChainRef c = chain_; c != 0 && pool_.length(c) > from; c = pool_.at(c).previous) {
    n += pool_.at(c).name == name ? 1 : 0;
  }
  auto* list =
      static_cast<const Event**>(scratch.allocate(n * sizeof(const Event*), alignof(const Event*)));
  std::size_t i = n;
  for (ChainRef c = chain_; i > 0; c = pool_.at(c).previous) {
    if (pool_.at(c).name == name) list[--i] = &pool_.event(c);
  }
  return {list, n};
}

bool ChainView::aggregate(ExprId aggregate, Value& value) const {
  if (chain_ == 0) return false;
  const auto& all = automaton_.running;
  const auto at = std::ranges::find(all, aggregate);
  if (at == all.end()) return false;
  const RunningValue of = load(pool_, chain_, static_cast<std::size_t>(at - all.begin()));
  value = running(pool_, tests_, aggregate).result(of);
  return true;
}

ChainRef append_running(const Automaton& automaton, BindingPool& pool, EventTests& tests,
                        ChainRef previous, NameId name, EventRef event) {
  const std::size_t bytes = automaton.running.size() * sizeof(RunningValue);
  const ChainRef made = pool.append(previous, name, event, bytes);
  for (std::size_t i = 0; i < automaton.running.size(); ++i) {
    const Running of = running(pool, tests, automaton.running[i]);
    RunningValue value = previous == 0 ? of.nothing() : load(pool, previous, i);
    if (tests.pool().at(automaton.running[i]).name == name) of.add(value, made);
    std::memcpy(pool.room(made) + i * sizeof value, &value, sizeof value);
  }
  return made;
}

}  // namespace weir::nfa
