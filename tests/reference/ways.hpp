// What may come next: from a place in the pattern to the ordered list of waits that it leads to.
#pragma once

#include <functional>
#include <vector>

#include "run.hpp"

namespace weir::reference {

/// Walks the pattern without taking events. Made anew for every event taken and every pause ended.
class Walk {
 public:
  /// Whether the WHERE of the group of the last of `frames` holds for the iteration just complete.
  using GroupHolds = std::function<bool(const std::vector<Frame>& frames)>;

  /// `bound`: how many events the run has; `first_ts`: of the first of them.
  Walk(const Tree& tree, std::size_t bound, Timestamp first_ts, GroupHolds holds)
      : tree_(tree), bound_(bound), first_ts_(first_ts), holds_(std::move(holds)) {}

  /// The ways into the pattern, before any event.
  std::vector<Way> begin();
  /// After the element that the thread waited for has all its events.
  std::vector<Way> taken(Thread thread);
  /// At the end of the thread's pause.
  std::vector<Way> pause_over(Thread thread);

 private:
  using Ways = std::vector<Way>;
  void enter(const Node& node, Thread thread, Ways& out);
  void next_iteration(Thread thread, Ways& out);
  void possessive(Thread thread, bool may_iterate, bool may_leave, Ways& out);
  void iterate(Thread thread, Ways& out);
  void iteration_complete(Thread thread, Ways& out);
  void leave(Thread thread, Ways& out);
  void next_child(Thread thread, Ways& out);
  void row(Thread thread, Ways& out);
  void finish(Thread thread, Ways& out);

  const Tree& tree_;
  std::size_t bound_;
  Timestamp first_ts_;
  GroupHolds holds_;
};

/// Keeps the first of equal members.
void unique_threads(std::vector<Thread>& threads);

}  // namespace weir::reference
