#include "closure.hpp"

#include <algorithm>
#include <bit>

#include "chain_view.hpp"

namespace weir::nfa {
namespace {

/// So many branchings are gone through unwatched: nearly every closure ends before.
constexpr std::size_t kUnwatched = 64;

bool enters(const Thread& t, NodeId loop, std::uint32_t instance) {
  return std::ranges::find(t.entering, Entering{loop, instance}) != t.entering.end();
}

void clear(Thread& t, RegId reg) {
  if (reg != kNoReg) t.registers[reg] = 0;
}

}  // namespace

void Closure::from(NodeId node, Thread thread, std::vector<Threads>& out) {
  add(node, thread, out);
  // What is complete behind an open possessive loop has to wait until that can grow no more.
  for (Threads& threads : out) {
    if (threads.size() > 1 && threads.back().waiting == Waiting::kComplete) {
      threads.back().waiting = Waiting::kClose;
    }
  }
}

std::size_t Closure::Hash::operator()(const Thread& thread) const noexcept {
  std::size_t h = thread.node ^ (thread.passed << 32U);
  for (const std::int64_t r : thread.registers) {
    h = (h ^ static_cast<std::size_t>(r)) * 0x9e3779b97f4a7c15ULL;
  }
  for (const Entering& e : thread.entering) {
    h = (h ^ e.loop ^ (std::size_t{e.instance} << 32U)) * 0x9e3779b97f4a7c15ULL;
  }
  return h ^ (h >> 29U);
}

/// A way that comes to where another has been, in the same state, has the same ways on, all of them
/// less preferred than those of the first. (Ways of different possessive loops never are in one
/// state: each has entered, or gone past, an instance of its own.)
bool Closure::came_before(const Thread& thread) {
  if (++branchings_ <= kUnwatched) return false;
  return !seen_.insert(thread).second;
}

void Closure::add(NodeId id, Thread& thread, std::vector<Threads>& out) {
  const Node& node = in_.program->nodes[id];
  thread.node = id;
  switch (node.kind) {
    case NodeKind::kWait:
    case NodeKind::kAnd:
      return wait(node, thread, out);
    case NodeKind::kSplit:
      if (came_before(thread)) return;
      for (const NodeId target : node.targets) {
        Thread way = thread;
        add(target, way, out);
      }
      return;
    case NodeKind::kLoopEnter:
    case NodeKind::kGroupEnter:
      if (node.count != kNoReg) thread.registers[node.count] = 0;
      if (node.entry != kNoReg) thread.registers[node.entry] = length_;
      if (node.iter != kNoReg) thread.registers[node.iter] = length_;
      if (node.first_ts != kNoReg) thread.registers[node.first_ts] = kNoTime;
      return add(node.next, thread, out);
    case NodeKind::kLoopTest:
      if (came_before(thread)) return;
      return test_loop(id, node, thread, out);
    case NodeKind::kLoopEnd:
      return end_iteration(node, thread, out);
    case NodeKind::kGroupEnd:
      return end_group(node, thread, out);
    case NodeKind::kGuard:
      // A NOT before which nothing is bound holds.
      if (length_ > 0) {
        for (const GuardId g : node.guards) thread.guards.push_back(begin_guard(g, thread));
      }
      return add(node.next, thread, out);
    case NodeKind::kPause:
      return pause(node, thread, out);
    case NodeKind::kAccept:
      return accept(thread, out);
  }
}

void Closure::wait(const Node& node, Thread& thread, std::vector<Threads>& out) {
  thread.waiting = Waiting::kEvent;
  thread.contiguity = node.keyword;
  for (const KeywordScope& scope : node.keywords) {
    const std::int64_t count = scope.count == kNoReg ? 0 : thread.registers[scope.count];
    if ((scope.only_first && count != 0) || (scope.only_later && count == 0)) continue;
    if (scope.mark != kNoReg && thread.registers[scope.mark] != length_) continue;
    thread.contiguity = std::max(thread.contiguity, scope.contiguity);
  }
  if (node.kind == NodeKind::kAnd) thread.registers[node.count] = 0;
  out.emplace_back().push_back(std::move(thread));
}

void Closure::leave(const Node& loop, Thread& thread) const {
  // Registers of a loop that is left differ no more between runs.
  for (const RegId reg : {loop.count, loop.entry, loop.iter, loop.first_ts}) clear(thread, reg);
}

void Closure::test_loop(NodeId id, const Node& node, Thread& thread, std::vector<Threads>& out) {
  const auto count = static_cast<std::uint64_t>(thread.registers[node.count]);
  const bool may_iterate = node.max == kNoLimit || count < node.max;
  const bool may_leave = count >= node.min;
  if (node.iter != kNoReg) thread.registers[node.iter] = length_;
  if (may_iterate && node.greed == Greed::kPossessive) {
    return possessive(id, node, thread, may_leave, out);
  }
  const auto iterate = [&](Thread& inside) { add(node.body, inside, out); };
  const auto go_on = [&](Thread& after) {
    leave(node, after);
    add(node.next, after, out);
  };
  if (!may_leave) {
    if (may_iterate) iterate(thread);
  } else if (!may_iterate) {
    go_on(thread);
  } else {
    Thread other = thread;
    if (node.greed == Greed::kReluctant) {
      go_on(other);
      iterate(thread);
    } else {
      iterate(other);
      go_on(thread);
    }
  }
}

void Closure::possessive(NodeId id, const Node& node, Thread& thread, bool may_leave,
                         std::vector<Threads>& out) {
  // More than 64 at once would need as many possessive loops open at one place; the compiler
  // refuses patterns that could (kMaxPossessive).
  const auto instance = static_cast<std::uint32_t>(std::countr_one(in_.used) & 63);
  in_.used |= std::uint64_t{1} << instance;

  std::vector<Threads> ways;
  Thread inside = thread;
  inside.entering.push_back({id, instance});
  add(node.body, inside, ways);
  if (may_leave) {
    leave(node, thread);
    thread.passed |= std::uint64_t{1} << instance;
    add(node.next, thread, ways);
  }

  Threads iterating;
  std::vector<Threads> leaving;
  for (Threads& way : ways) {
    Threads rest;
    for (Thread& t : way) {
      (enters(t, id, instance) ? iterating : rest).push_back(std::move(t));
    }
    if (!rest.empty()) leaving.push_back(std::move(rest));
  }
  if (leaving.empty()) {
    if (!iterating.empty()) out.push_back(std::move(iterating));
    return;
  }
  for (Threads& rest : leaving) {
    Threads run = iterating;
    run.insert(run.end(), std::make_move_iterator(rest.begin()),
               std::make_move_iterator(rest.end()));
    out.push_back(std::move(run));
  }
}

bool Closure::where_holds(const Node& node, const Thread& thread) {
  if (node.where.empty()) return true;
  const ChainView bound(*in_.automaton, *in_.pool, *in_.tests, in_.chain, thread.registers);
  const EvalContext context{.candidate = nullptr,
                            .bound = &bound,
                            .tables = in_.tests->tables(),
                            .agg_results = {},
                            .scratch = &in_.tests->scratch()};
  const ExprPool& pool = in_.tests->pool();
  const bool holds =
      std::ranges::all_of(node.where, [&](ExprId e) { return pool.test(e, context); });
  if (!holds) in_.where_failed = true;
  return holds;
}

void Closure::end_iteration(const Node& node, Thread& thread, std::vector<Threads>& out) {
  const NodeId test_id = node.body;
  const Node& test = in_.program->nodes[test_id];
  if (test.iter != kNoReg && thread.registers[test.iter] == length_) {
    // It has bound nothing: the loop is over, whatever its least count.
    const auto entered =
        std::ranges::find(thread.entering, test_id, [](const Entering& e) { return e.loop; });
    if (entered != thread.entering.end()) {
      thread.passed |= std::uint64_t{1} << entered->instance;
      thread.entering.erase(entered);
    }
    leave(test, thread);
    return add(test.next, thread, out);
  }
  if (!where_holds(node, thread)) return;
  // Past the least count of an unbounded loop more makes no difference.
  const std::int64_t enough = test.max == kNoLimit ? std::max(test.min, 1u) : test.max;
  std::int64_t& count = thread.registers[test.count];
  count = std::min(count + 1, enough);
  add(test_id, thread, out);
}

void Closure::end_group(const Node& node, Thread& thread, std::vector<Threads>& out) {
  const bool bound = node.entry == kNoReg || thread.registers[node.entry] != length_;
  if (bound && !where_holds(node, thread)) return;
  leave(node, thread);
  add(node.next, thread, out);
}

PendingGuard Closure::begin_guard(GuardId id, const Thread& thread) const {
  const Guard& guard = in_.automaton->guards[id];
  PendingGuard pending{.guard = id, .next = guard.next};
  if (guard.scoped) pending.registers.assign(thread.registers.begin(), thread.registers.end());
  return pending;
}

void Closure::pause(const Node& node, Thread& thread, std::vector<Threads>& out) {
  thread.waiting = Waiting::kPause;
  thread.deadline = thread.base;
  for (const GuardId g : node.guards) {
    const Guard& guard = in_.automaton->guards[g];
    PendingGuard pending = begin_guard(g, thread);
    if (guard.within) {
      pending.until = (Timestamp{thread.base} + *guard.within).ns;
      thread.deadline = std::max(thread.deadline, pending.until);
    }
    thread.guards.push_back(pending);
  }
  out.emplace_back().push_back(std::move(thread));
}

void Closure::accept(Thread& thread, std::vector<Threads>& out) {
  if (length_ == 0) return;  // a match binds at least one event
  const auto spent = std::remove_if(thread.guards.begin(), thread.guards.end(),
                                    [](const PendingGuard& g) { return g.before_pause; });
  thread.guards.erase(spent, thread.guards.end());
  if (thread.guards.empty()) {
    thread.waiting = Waiting::kComplete;
  } else {
    thread.waiting = Waiting::kAbsence;
    // A pause may have ended after it.
    const Timestamp within = Timestamp{in_.start_ts} + *in_.automaton->within;
    thread.deadline = std::max(within.ns, thread.base);
  }
  out.emplace_back().push_back(std::move(thread));
}

}  // namespace weir::nfa
