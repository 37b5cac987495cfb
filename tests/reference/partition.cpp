#include "partition.hpp"

#include <algorithm>

namespace weir::reference {

// ------------------------------------------------------------------ events

void Partition::event(const RefEvent& e) {
  if (gave_up_) return;
  advance(e.ts, false, std::nullopt);  // 1. Time
  drop_expired(e.ts);
  events_.push_back(&e);
  const std::size_t index = events_.size() - 1;

  std::vector<Run> next;  // 2. Runs
  for (const Run& run : runs_) step(run, index, false, next);
  Run nothing;  // 3. Starts
  for (Way& way : walk(nothing.bound).begin()) {
    nothing.way = std::move(way);
    step(nothing, index, true, next);
  }
  runs_ = std::move(next);
  unique_runs();
  report(e.ts, index);  // 4. Matches
  if (runs_.size() > max_runs_) {
    gave_up_ = true;
    runs_.clear();
  }
}

// What becomes of one run. A possessive loop iterates if it can, in the first way that it can; only
// otherwise the event is for what follows.
void Partition::step(const Run& run, std::size_t e, bool starting, std::vector<Run>& out) {
  std::vector<Run> become;
  Taken taken = Taken::kNo;
  const Thread* taker = nullptr;
  for (const Thread& t : run.way.iterate) {
    if (taken != Taken::kNo) break;
    taken = try_take(t, run.bound, e, starting, true, become);
    taker = &t;
  }
  if (taken == Taken::kNo && run.way.main) {
    taken = try_take(*run.way.main, run.bound, e, starting, false, become);
    taker = &*run.way.main;
  }
  if (!starting && taken != Taken::kYes) {
    Run rest;
    rest.bound = run.bound;
    const auto keep = [&](const Thread& t) -> std::optional<Thread> {
      Thread copy = t;
      const bool took = taken != Taken::kNo && &t == taker;
      return survives(copy, run.bound, e, took) ? std::optional(std::move(copy)) : std::nullopt;
    };
    for (const Thread& t : run.way.iterate) {
      if (auto kept = keep(t)) rest.way.iterate.push_back(std::move(*kept));
    }
    if (run.way.main) rest.way.main = keep(*run.way.main);
    if (rest.way.main || !rest.way.iterate.empty()) become.push_back(std::move(rest));
  }
  // UNTIL of the pattern sees what was bound before e, and spares the match that e completes.
  if (!starting && tree_.until &&
      first_fit(*tree_.until, *events_[e], run.bound, {}, false) != nullptr) {
    std::erase_if(become, [](const Run& r) { return !r.way.complete(); });
  }
  std::move(become.begin(), become.end(), std::back_inserter(out));
}

// NEXT beats ANY beats neither. The keyword before a step governs the first event of its first
// iteration, that after the quantifier the first event of each further one; before an AND each of
// its members (of the first iteration: "the keyword before the step governs only the first
// iteration").
lang::Contiguity Partition::contiguity(const Thread& thread, std::size_t bound) const {
  using lang::Contiguity;
  Contiguity strongest = Contiguity::kSkipTillNext;
  for (const Frame& f : thread.frames) {
    const Contiguity keyword = f.count == 0 ? f.node->keyword : f.node->between;
    const bool all_members =
        thread.wait == Wait::kAnd && &f == &thread.frames.back() && f.count == 0;
    if (bound != f.iteration && !all_members) continue;
    if (keyword == Contiguity::kNext) return keyword;
    if (keyword == Contiguity::kAny) strongest = keyword;
  }
  return strongest;
}

Partition::Taken Partition::try_take(const Thread& thread, const std::vector<Binding>& bound,
                                     std::size_t e, bool starting, bool first_only,
                                     std::vector<Run>& out) {
  if (thread.wait != Wait::kEvent && thread.wait != Wait::kAnd) return Taken::kNo;
  const RefEvent& event = *events_[e];
  if (until_hit(thread, bound, event, false)) return Taken::kNo;
  for (const Guard& g : thread.guards) {
    if (!starting && g.item->next && guard_hit(g, bound, event)) return Taken::kNo;
  }
  if (const auto due = group_expiry(thread, bound); due && event.ts > *due) return Taken::kNo;
  const Node& node = *thread.frames.back().node;
  // A loop of at most one iteration counts as no loop: its own name is the candidate.
  const bool own = node.kind == NodeKind::kAnd || !node.loop || (node.max && *node.max <= 1);
  bool took = false;
  for (std::size_t slot = 0; slot < node.slots.size(); ++slot) {
    const std::uint32_t bit = thread.wait == Wait::kAnd ? 1U << slot : 0;
    if ((thread.filled & bit) != 0) continue;
    for (const Alternative& a : node.slots[slot]) {
      if (!in_time(thread, a, event) || !fits(a, event, bound, thread.frames, own)) continue;
      take(thread, bound, a.name, e, thread.filled | bit, starting, out);
      took = true;
      break;  // of an OR of single events the leftmost
    }
    if (took && first_only) break;
  }
  if (!took) return Taken::kNo;
  const bool stays = !starting && contiguity(thread, bound.size()) == lang::Contiguity::kAny;
  return stays ? Taken::kYesAndStays : Taken::kYes;
}

void Partition::take(const Thread& thread, const std::vector<Binding>& bound, int name,
                     std::size_t e, std::uint32_t filled, bool starting, std::vector<Run>& out) {
  Run run;
  run.bound = bound;
  run.bound.push_back({name, e});
  if (starting && leading_not_hit(run.bound, e)) return;
  Thread t = thread;
  t.guards.clear();
  t.path.clear();
  t.anchor = t.since = events_[e]->ts;
  t.filled = filled;
  const Node& node = *t.frames.back().node;
  if (t.wait == Wait::kAnd && filled != (1U << node.slots.size()) - 1) {
    run.way.main = std::move(t);
    out.push_back(std::move(run));
    return;
  }
  t.filled = 0;
  for (Way& way : walk(run.bound).taken(std::move(t))) out.push_back({run.bound, std::move(way)});
}

// Whether a thread that has not taken e, or stays under ANY although it has, goes on waiting.
bool Partition::survives(Thread& thread, const std::vector<Binding>& bound, std::size_t e,
                         bool took) {
  if (thread.wait == Wait::kEnd) return true;
  const RefEvent& event = *events_[e];
  if (until_hit(thread, bound, event, true)) return false;
  for (const Guard& g : thread.guards) {
    if (guard_hit(g, bound, event)) return false;
  }
  if (!took && thread.wait != Wait::kPause &&
      contiguity(thread, bound.size()) == lang::Contiguity::kNext) {
    return false;
  }
  for (Guard& g : thread.guards) g.fresh = false;
  return true;
}

// ------------------------------------------------------------------ matches

void Partition::report(Timestamp at, std::optional<std::size_t> e) {
  for (std::size_t i = 0; i < runs_.size();) {
    if (!runs_[i].way.complete()) {
      ++i;
      continue;
    }
    const std::vector<Binding> match = std::move(runs_[i].bound);
    runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(i));
    // A match that fails the pattern's WHERE is none; the same match again is not reported, and
    // prunes nothing.
    if (!passes_where(match)) continue;
    std::string key;
    for (const Binding& b : match)
      key += std::to_string(b.name) + ':' + std::to_string(b.event) + ' ';
    if (!reported_.insert(key).second) continue;
    found_.push_back({at, e.has_value(), e.value_or(0), match});
    prune(match);
    i = 0;  // what was before it may be gone; the complete ones are after it in any case
  }
}

void Partition::prune(const std::vector<Binding>& match) {
  const auto start = [](const Run& run) { return run.bound.front().event; };
  switch (tree_.after) {
    case lang::AfterKind::kKeep:
      return;
    case lang::AfterKind::kConsume:
      std::erase_if(runs_, [&](const Run& run) {
        return std::any_of(run.bound.begin(), run.bound.end(), [&](const Binding& b) {
          return std::any_of(match.begin(), match.end(),
                             [&](const Binding& m) { return m.event == b.event; });
        });
      });
      return;
    case lang::AfterKind::kSkipPastLast:
      std::erase_if(runs_, [&](const Run& run) { return start(run) <= match.back().event; });
      return;
    case lang::AfterKind::kSkipToNext:
      std::erase_if(runs_, [&](const Run& run) { return start(run) <= match.front().event; });
      return;
    case lang::AfterKind::kSkipToFirst:
    case lang::AfterKind::kSkipToLast: {
      std::optional<std::size_t> to;
      for (const Binding& b : match) {
        if (b.name != tree_.after_name) continue;
        if (!to || tree_.after == lang::AfterKind::kSkipToLast) to = b.event;
      }
      if (to) std::erase_if(runs_, [&](const Run& run) { return start(run) < *to; });
      return;
    }
  }
}

void Partition::unique_runs() {
  std::set<std::string> seen;
  std::erase_if(runs_, [&](const Run& run) { return !seen.insert(fingerprint(run)).second; });
}

}  // namespace weir::reference
