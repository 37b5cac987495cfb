#include "ways.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace weir::reference {
namespace {

void unique_ways(std::vector<Way>& ways) {
  std::set<std::string> seen;
  std::erase_if(ways, [&](const Way& w) { return !seen.insert(fingerprint(w)).second; });
}

}  // namespace

void unique_threads(std::vector<Thread>& threads) {
  std::set<std::string> seen;
  std::erase_if(threads, [&](const Thread& t) { return !seen.insert(fingerprint(t)).second; });
}

std::vector<Way> Walk::begin() {
  Ways out;
  enter(*tree_.root, {}, out);
  return out;
}

std::vector<Way> Walk::taken(Thread thread) {
  Ways out;
  iteration_complete(std::move(thread), out);
  return out;
}

// The pause stands for an instant, its deadline. NOTs with a WITHIN of their own have done their
// duty; the others guard on until the next step is taken, but no longer keep the end of the match
// waiting
// ("where no step follows a pause, a guard in its row lasts as long as the pause").
std::vector<Way> Walk::pause_over(Thread thread) {
  thread.anchor = thread.since = thread.deadline;
  thread.path.clear();
  std::erase_if(thread.guards, [](const Guard& g) { return g.until.has_value(); });
  for (Guard& g : thread.guards) g.past_pause = true;
  Ways out;
  if (thread.frames.empty()) {
    thread.guards.clear();
    finish(std::move(thread), out);
  } else {
    leave(std::move(thread), out);
  }
  return out;
}

void Walk::enter(const Node& node, Thread thread, Ways& out) {
  thread.frames.push_back({&node, 0, 0, bound_, bound_});
  if (node.loop) {
    next_iteration(std::move(thread), out);
  } else {
    iterate(std::move(thread), out);
  }
}

// At the start of a loop, or between its iterations.
void Walk::next_iteration(Thread thread, Ways& out) {
  const Frame& frame = thread.frames.back();
  const Node& node = *frame.node;
  const bool may_iterate = !node.max || frame.count < *node.max;
  const bool may_leave = frame.count >= node.min;
  switch (node.greed) {
    case lang::Greed::kPossessive:
      possessive(std::move(thread), may_iterate, may_leave, out);
      break;
    case lang::Greed::kGreedy:
      if (may_iterate) iterate(thread, out);
      if (may_leave) leave(std::move(thread), out);
      break;
    case lang::Greed::kReluctant:
      if (may_leave) leave(thread, out);
      if (may_iterate) iterate(std::move(thread), out);
      break;
  }
}

// A possessive loop waits for both at once. Its ways out are those past the loop and those through
// an iteration that binds nothing; for each of them there is a run, and each of these can iterate
// too (once one of them has, they are the same run).
void Walk::possessive(Thread thread, bool may_iterate, bool may_leave, Ways& out) {
  const std::size_t depth = thread.frames.size() - 1;
  const Frame frame = thread.frames.back();
  Ways starts, exits;
  if (may_leave) leave(thread, exits);
  if (may_iterate) iterate(thread, starts);
  const auto inside = [&](const Thread& t) {
    return t.frames.size() > depth && t.frames[depth].node == frame.node &&
           t.frames[depth].entry == frame.entry;
  };
  std::vector<Thread> iterations;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    Way past;
    for (Thread& t : starts[i].iterate) {
      if (!inside(t)) {
        past.iterate.push_back(std::move(t));
        continue;
      }
      t.path.insert(t.path.begin(), {0, i});
      iterations.push_back(std::move(t));
    }
    std::optional<Thread>& main = starts[i].main;
    if (main && inside(*main)) {
      main->path = {{0, i}, {kLastPart, 0}};
      iterations.push_back(std::move(*main));
    } else {
      past.main = std::move(main);
    }
    if (past.main || !past.iterate.empty()) exits.push_back(std::move(past));
  }
  unique_threads(iterations);
  for (Thread& t : iterations) t.loop_depth = depth;
  unique_ways(exits);
  if (exits.empty() && !iterations.empty()) exits.emplace_back();
  for (Way& exit : exits) {
    for (Thread& t : exit.iterate) ++t.path.front().part;
    exit.iterate.insert(exit.iterate.begin(), iterations.begin(), iterations.end());
    out.push_back(std::move(exit));
  }
}

void Walk::iterate(Thread thread, Ways& out) {
  Frame& frame = thread.frames.back();
  frame.iteration = bound_;
  frame.index = 0;
  const Node& node = *frame.node;
  switch (node.kind) {
    case NodeKind::kEvent:
    case NodeKind::kAnd:
      thread.wait = node.kind == NodeKind::kEvent ? Wait::kEvent : Wait::kAnd;
      thread.filled = 0;
      out.push_back({{}, std::move(thread)});
      break;
    case NodeKind::kSeq:
      next_child(std::move(thread), out);
      break;
    case NodeKind::kOr:
      for (const auto& member : node.children) enter(*member, thread, out);
      break;
    case NodeKind::kRow:
      row(std::move(thread), out);
      break;
  }
}

void Walk::next_child(Thread thread, Ways& out) {
  const Frame& frame = thread.frames.back();
  if (frame.index == frame.node->children.size()) {
    iteration_complete(std::move(thread), out);
  } else {
    enter(*frame.node->children[frame.index], std::move(thread), out);
  }
}

// NOTs written one after another: they begin together, and what follows waits for the last
// deadline. Before anything is bound a NOT between steps holds, and a leading one is asked when a
// run begins.
void Walk::row(Thread thread, Ways& out) {
  if (bound_ == 0) {
    leave(std::move(thread), out);
    return;
  }
  std::optional<Timestamp> last;
  for (const NotItem& item : thread.frames.back().node->row) {
    Guard guard;
    guard.item = &item;
    guard.frames = thread.frames;
    if (item.within) {
      guard.until = *thread.anchor + *item.within;
      last = last ? std::max(*last, *guard.until) : *guard.until;
    }
    thread.guards.push_back(std::move(guard));
  }
  if (last) {
    thread.wait = Wait::kPause;
    thread.deadline = *last;
    out.push_back({{}, std::move(thread)});
  } else {
    leave(std::move(thread), out);
  }
}

void Walk::iteration_complete(Thread thread, Ways& out) {
  Frame& frame = thread.frames.back();
  const bool bound_something = bound_ > frame.iteration;
  // WHERE of a group is held when an iteration is complete; one that binds nothing is not held to
  // it.
  if (bound_something && !frame.node->where.empty() && !holds_(thread.frames)) return;
  ++frame.count;
  if (frame.node->loop && bound_something) {
    next_iteration(std::move(thread), out);
  } else {
    leave(std::move(thread), out);  // also: an iteration that binds nothing ends its loop
  }
}

void Walk::leave(Thread thread, Ways& out) {
  thread.frames.pop_back();
  if (thread.frames.empty()) {
    finish(std::move(thread), out);
    return;
  }
  Frame& parent = thread.frames.back();
  if (parent.node->kind == NodeKind::kSeq) {
    ++parent.index;
    next_child(std::move(thread), out);
  } else {
    iteration_complete(std::move(thread), out);
  }
}

// The end of the pattern: complete, or an absence until the pattern's WITHIN has run out.
void Walk::finish(Thread thread, Ways& out) {
  if (bound_ == 0) return;  // a match binds at least one event
  const bool absence = std::any_of(thread.guards.begin(), thread.guards.end(),
                                   [](const Guard& g) { return !g.past_pause; });
  std::erase_if(thread.guards, [](const Guard& g) { return g.past_pause; });
  thread.wait = Wait::kEnd;
  if (absence) {
    thread.wait = Wait::kPause;
    thread.deadline =
        tree_.within ? std::max(first_ts_ + *tree_.within, thread.since) : Timestamp::max();
  }
  out.push_back({{}, std::move(thread)});
}

}  // namespace weir::reference
