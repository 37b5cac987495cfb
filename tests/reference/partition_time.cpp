// What falls due as event time goes on: absences, pauses, WITHIN, waiting possessive loops.
#include <algorithm>
#include <utility>

#include "partition.hpp"

namespace weir::reference {

// When the WITHIN of the pattern, or of a group that the thread stands in, runs out.
std::optional<Timestamp> Partition::group_expiry(const Thread& thread,
                                                 const std::vector<Binding>& bound) const {
  std::optional<Timestamp> due;
  const auto limit = [&](const Binding& first, Duration d) {
    const Timestamp t = events_[first.event]->ts + d;
    due = due ? std::min(*due, t) : t;
  };
  if (tree_.within && !bound.empty()) limit(bound.front(), *tree_.within);
  for (const Frame& f : thread.frames) {
    if (f.node->within && bound.size() > f.entry) limit(bound[f.entry], *f.node->within);
  }
  return due;
}

// The step's own WITHIN: from the event bound before it, or the end of the pause before it.
bool Partition::in_time(const Thread& thread, const Alternative& alternative,
                        const RefEvent& e) const {
  return !thread.anchor || std::all_of(alternative.within.begin(), alternative.within.end(),
                                       [&](Duration d) { return e.ts <= *thread.anchor + d; });
}

// The last instant at which the thread can take an event.
Timestamp Partition::expiry(const Thread& thread, const std::vector<Binding>& bound) const {
  Timestamp last = Timestamp::max();
  if ((thread.wait == Wait::kEvent || thread.wait == Wait::kAnd) && thread.anchor) {
    const Node& node = *thread.frames.back().node;
    last = Timestamp::min();
    for (std::size_t slot = 0; slot < node.slots.size(); ++slot) {
      if (thread.wait == Wait::kAnd && (thread.filled >> slot & 1U) != 0) continue;
      for (const Alternative& a : node.slots[slot]) {
        Timestamp t = Timestamp::max();
        for (const Duration d : a.within) t = std::min(t, *thread.anchor + d);
        last = std::max(last, t);
      }
    }
  }
  const auto group = group_expiry(thread, bound);
  return group ? std::min(last, *group) : last;
}

// Runs whose WITHIN can no longer hold. A pause is not held to it: WITHIN speaks of events.
void Partition::drop_expired(Timestamp now) {
  for (Run& run : runs_) {
    const auto over = [&](const Thread& t) {
      return t.wait != Wait::kPause && t.wait != Wait::kEnd && expiry(t, run.bound) < now;
    };
    std::erase_if(run.way.iterate, over);
    if (run.way.main && over(*run.way.main)) run.way.main.reset();
  }
  std::erase_if(runs_, [](const Run& run) { return !run.way.main && run.way.iterate.empty(); });
}

void Partition::watermark(Timestamp t) {
  advance(t, true, std::nullopt);
}

void Partition::close(Timestamp last) {
  advance(Timestamp::max(), true, last);
}

void Partition::advance(Timestamp limit, bool inclusive, std::optional<Timestamp> log_end) {
  while (const auto due = earliest(log_end)) {
    if (inclusive ? due->at > limit : due->at >= limit) return;
    happen(*due, log_end);
    if (runs_.size() > max_runs_) {
      gave_up_ = true;
      runs_.clear();
    }
  }
}

// When the possessive loop that a thread would iterate closes: when none of its ways to go on is in
// time any more. One that only the end of the log closes does so at the largest event time (or
// where the pause before it ends, if later: see the callers).
Timestamp Partition::closing(const Run& run, const Thread& iterating,
                             std::optional<Timestamp> log_end) const {
  Timestamp last = Timestamp::min();
  for (const Thread& t : run.way.iterate) {
    if (t.loop_depth == iterating.loop_depth &&
        t.frames[t.loop_depth].node == iterating.frames[iterating.loop_depth].node) {
      last = std::max(last, expiry(t, run.bound));
    }
  }
  if (last == Timestamp::max()) last = log_end.value_or(last);
  return std::max(last, run.way.main->since);
}

// In order of (deadline, start of the run), then of the list.
std::optional<Partition::Due> Partition::earliest(std::optional<Timestamp> log_end) const {
  std::optional<Due> best;
  const auto start = [&](std::size_t run) { return runs_[run].bound.front().event; };
  const auto offer = [&](const Due& due) {
    if (!best || due.at < best->at || (due.at == best->at && start(due.run) < start(best->run)))
      best = due;
  };
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const Way& way = runs_[i].way;
    if (way.main && way.main->wait == Wait::kPause && way.main->deadline < Timestamp::max()) {
      offer({way.main->deadline, i, std::nullopt, false});
    }
    for (std::size_t k = 0; k < way.iterate.size(); ++k) {
      if (way.iterate[k].wait == Wait::kPause) offer({way.iterate[k].deadline, i, k, false});
    }
    if (!way.main || way.main->wait != Wait::kEnd) continue;
    for (const Thread& t : way.iterate) {
      const Timestamp at = closing(runs_[i], t, log_end);
      if (at < Timestamp::max()) offer({at, i, std::nullopt, true});
    }
  }
  return best;
}

void Partition::happen(const Due& due, std::optional<Timestamp> log_end) {
  Run run = std::move(runs_[due.run]);
  std::vector<Run> become;
  if (due.closes) {
    // Each loop by itself: the run is complete when the last of them has closed.
    std::vector<Thread> open;
    for (const Thread& t : run.way.iterate) {
      if (closing(run, t, log_end) != due.at) open.push_back(t);
    }
    run.way.iterate = std::move(open);
    become.push_back(std::move(run));
  } else if (!due.iterate) {
    // A pause or an absence is over: whatever possessive loop was before it is closed in this run.
    for (Way& way : walk(run.bound).pause_over(std::move(*run.way.main)))
      become.push_back({run.bound, std::move(way)});
  } else {
    // A pause that begins a possessive loop's iteration closes neither this loop nor the way past
    // it, but the possessive loops before it, for which it is what follows.
    const Thread paused = std::move(run.way.iterate[*due.iterate]);
    const Frame loop = paused.frames[paused.loop_depth];
    const auto inside = [&](const Thread& t) {
      return t.frames.size() > paused.loop_depth && t.frames[paused.loop_depth].node == loop.node &&
             t.frames[paused.loop_depth].entry == loop.entry;
    };
    std::vector<Thread> iterate;
    std::vector<Way> exits;
    for (std::size_t k = 0; k < run.way.iterate.size(); ++k) {
      if (k != *due.iterate) {
        if (!follows(paused, run.way.iterate[k])) iterate.push_back(run.way.iterate[k]);
        continue;
      }
      std::vector<Way> ways = walk(run.bound).pause_over(paused);
      for (std::size_t i = 0; i < ways.size(); ++i) {
        Way past;
        const auto place = [&](Thread t) {
          if (!inside(t)) return false;
          t.loop_depth = paused.loop_depth;
          if (t.path.empty()) t.path = {{kLastPart, 0}};
          t.path.insert(t.path.begin(), {0, i});
          t.path.insert(t.path.begin(), paused.path.begin(), paused.path.end());
          iterate.push_back(std::move(t));
          return true;
        };
        for (Thread& t : ways[i].iterate) {
          if (!place(t)) past.iterate.push_back(t);
        }
        if (ways[i].main && !place(*ways[i].main)) past.main = ways[i].main;
        if (past.main || !past.iterate.empty()) exits.push_back(std::move(past));
      }
    }
    unique_threads(iterate);
    Way original{iterate, run.way.main};
    if (original.main || !original.iterate.empty())
      become.push_back({run.bound, std::move(original)});
    for (Way& exit : exits) {
      for (Thread& x : exit.iterate) x.path.front().part += kLastPart;  // behind all of `iterate`
      exit.iterate.insert(exit.iterate.begin(), iterate.begin(), iterate.end());
      become.push_back({run.bound, std::move(exit)});
    }
  }
  const auto at = runs_.begin() + static_cast<std::ptrdiff_t>(due.run);
  const auto place = runs_.erase(at);
  runs_.insert(place, become.begin(), become.end());
  unique_runs();
  report(due.at, std::nullopt);
}

}  // namespace weir::reference
