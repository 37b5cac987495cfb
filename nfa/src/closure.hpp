// What a run waits for next: the nodes reached from a place without an event, in order of
// preference.
//
// As in a Pike VM's addthread (Cox, "Regular Expression Matching: the Virtual Machine Approach",
// 2009), but each way is a run of its own, and a possessive loop binds its ways together: the
// threads that would iterate it stand before those that go on past it, in one run (see Thread).
#pragma once

#include <cstddef>
#include <unordered_set>
#include <vector>

#include "thread.hpp"
#include "weir/nfa/event_tests.hpp"

namespace weir::nfa {

/// What is the same for all threads of one closure.
struct ClosureInput {
  const Program* program = nullptr;
  const Automaton* automaton = nullptr;
  const BindingPool* pool = nullptr;
  ChainRef chain = 0;
  std::int64_t start_ts = 0;    // of the run; meaningless where nothing is bound
  EventTests* tests = nullptr;  // for the WHERE of groups
  std::uint64_t used = 0;       // instances that other threads of the run hold
  bool where_failed = false;    // out: some way died of a group's WHERE
};

/// The ways on from `node`, the most preferred first: the threads of one run each. A run that is
/// complete has one thread, kComplete.
///
/// One object makes one closure. Time and memory grow with the places that can be reached, not with
/// the ways that lead there: loops of what may be absent, inside one another, have as many ways as
/// there are choices, and all of them meet again.
class Closure {
 public:
  explicit Closure(ClosureInput& input) : in_(input), length_(input.pool->length(input.chain)) {}

  /// Appends them to `out`.
  void from(NodeId node, Thread thread, std::vector<Threads>& out);

 private:
  // These leave `thread` in any state.
  void add(NodeId id, Thread& thread, std::vector<Threads>& out);
  void wait(const Node& node, Thread& thread, std::vector<Threads>& out);
  void test_loop(NodeId id, const Node& node, Thread& thread, std::vector<Threads>& out);
  void possessive(NodeId id, const Node& node, Thread& thread, bool may_leave,
                  std::vector<Threads>& out);
  void end_iteration(const Node& node, Thread& thread, std::vector<Threads>& out);
  void end_group(const Node& node, Thread& thread, std::vector<Threads>& out);
  void pause(const Node& node, Thread& thread, std::vector<Threads>& out);
  PendingGuard begin_guard(GuardId id, const Thread& thread) const;
  void accept(Thread& thread, std::vector<Threads>& out);
  void leave(const Node& loop, Thread& thread) const;
  bool where_holds(const Node& node, const Thread& thread);
  bool came_before(const Thread& thread);

  struct Hash {
    std::size_t operator()(const Thread& thread) const noexcept;
  };

  ClosureInput& in_;
  std::uint32_t length_;
  std::size_t branchings_ = 0;
  std::unordered_set<Thread, Hash> seen_;  // at the places where ways part
};

}  // namespace weir::nfa
