// Step 1 of the contract's section 4: deadlines, pauses that are over, loops that can grow no more.
#include <algorithm>

#include "stepper.hpp"

namespace weir::nfa {

namespace {

/// How long an AND waits for one of its members still open: as long as the WITHIN that is longest.
std::optional<Duration> longest_open(const Node& node, std::int64_t filled) {
  std::optional<Duration> longest;
  for (const Test& test : node.tests) {
    if ((filled >> test.member & 1) != 0) continue;
    if (!test.within) return std::nullopt;
    longest = std::max(longest.value_or(*test.within), *test.within);
  }
  return longest;
}

}  // namespace

std::int64_t Matcher::Impl::limit(const Run& run, const Thread& thread) const {
  const Node& node = program_.nodes[thread.node];
  std::int64_t until = kNever;
  if (automaton_->within) until = (Timestamp{run.start_ts} + *automaton_->within).ns;
  const std::optional<Duration> within =
      node.kind == NodeKind::kAnd ? longest_open(node, thread.registers[node.count]) : node.within;
  if (within) until = std::min(until, (Timestamp{thread.base} + *within).ns);
  for (const WindowScope& window : node.windows) {
    const std::int64_t first = thread.registers[window.first_ts];
    if (first != kNoTime) until = std::min(until, (Timestamp{first} + window.duration).ns);
  }
  return until;
}

/// When a thread that would iterate a possessive loop can take no more, where a complete match
/// waits for that. A loop that something would iterate for ever is closed as a whole by the end of
/// the log.
std::int64_t Matcher::Impl::closing_limit(const Run& run, const Thread& thread) const {
  // The loop may have been reached by a pause that ended after the WITHIN.
  std::int64_t until = std::max(limit(run, thread), thread.base);
  if (!log_ended(rule_)) return until;
  for (const Thread& t : run.threads) {
    const bool same_loop = std::ranges::any_of(t.entering, [&](const Entering& e) {
      return std::ranges::find(thread.entering, e.loop, &Entering::loop) != thread.entering.end();
    });
    if (same_loop && limit(run, t) == kNever) {
      until = std::min(until, std::max(ended_[rule_], t.base));
    }
  }
  return until;
}

void Matcher::Impl::set_due(Run& run) const {
  run.due = kNever;
  const bool closing = run.threads.back().waiting == Waiting::kClose;
  for (const Thread& t : run.threads) {
    run.due = std::min(run.due, t.deadline);
    if (closing && !t.entering.empty()) run.due = std::min(run.due, closing_limit(run, t));
  }
}

bool Matcher::Impl::fire(RuleId rule, RunList& list, std::int64_t deadline, std::uint64_t start_seq,
                         std::string_view key_text, MatchSink& sink) {
  enter(rule, key_text);
  const auto found = std::ranges::find_if(
      list.runs, [&](const Run& run) { return run.due == deadline && run.start_seq == start_seq; });
  if (found == list.runs.end()) return false;
  const auto place = found - list.runs.begin();
  std::vector<Run> after = run_on(std::move(*found), deadline);
  list.runs.erase(list.runs.begin() + place);
  list.runs.insert(list.runs.begin() + place, std::make_move_iterator(after.begin()),
                   std::make_move_iterator(after.end()));
  settle(list, Timestamp{deadline}, true, sink);
  return true;
}

void Matcher::Impl::close_loops(Run& run, std::int64_t deadline) {
  Threads left;
  for (const Thread& t : run.threads) {
    const bool closed = !t.entering.empty() && closing_limit(run, t) == deadline;
    if (!closed) left.push_back(t);
  }
  run.threads = std::move(left);
  if (run.threads.size() == 1) run.threads.front().waiting = Waiting::kComplete;
}

std::vector<Run> Matcher::Impl::run_on(Run run, std::int64_t deadline) {
  const bool closing = run.threads.back().waiting == Waiting::kClose;
  for (std::size_t i = 0; i < run.threads.size(); ++i) {
    Thread& t = run.threads[i];
    if (t.waiting == Waiting::kAbsence && t.deadline == deadline) {
      t.waiting = Waiting::kComplete;
      run.threads = Threads{std::move(t)};
      break;
    }
    if (t.waiting == Waiting::kPause && t.deadline == deadline) {
      return end_pause(std::move(run), i, deadline);
    }
    if (closing && !t.entering.empty() && closing_limit(run, t) == deadline) {
      close_loops(run, deadline);
      break;
    }
  }
  std::vector<Run> out;
  out.push_back(std::move(run));
  return out;
}

std::vector<Run> Matcher::Impl::end_pause(Run run, std::size_t index, std::int64_t deadline) {
  Thread thread = run.threads[index];
  const std::uint64_t passed = thread.passed;
  const bool iterating = !thread.entering.empty();
  thread.base = deadline;
  thread.deadline = kNever;
  thread.passed = 0;
  const auto over = std::remove_if(thread.guards.begin(), thread.guards.end(),
                                   [](const PendingGuard& g) { return g.until != kNever; });
  thread.guards.erase(over, thread.guards.end());
  for (PendingGuard& g : thread.guards) g.before_pause = true;

  // The possessive loops before the pause are closed: nothing iterates them any more.
  Threads others;
  std::size_t place = 0;
  std::uint64_t used = 0;
  for (std::size_t i = 0; i < run.threads.size(); ++i) {
    if (i == index) {
      place = others.size();
      continue;
    }
    Thread& t = run.threads[i];
    const bool closed = std::ranges::any_of(
        t.entering, [&](const Entering& e) { return (passed >> e.instance & 1) != 0; });
    if (closed) continue;
    used |= t.passed;
    for (const Entering& e : t.entering) used |= std::uint64_t{1} << e.instance;
    others.push_back(std::move(t));
  }
  for (const Entering& e : thread.entering) used |= std::uint64_t{1} << e.instance;

  ClosureInput input{.program = &program_,
                     .automaton = automaton_,
                     .pool = pool_,
                     .chain = run.chain,
                     .start_ts = run.start_ts,
                     .tests = &tests_,
                     .used = used};
  std::vector<Threads> ways =
      Closure(input).from(program_.nodes[thread.node].next, std::move(thread));

  std::vector<Threads> results;
  if (!iterating) {
    for (Threads& way : ways) {
      Threads threads = others;
      threads.insert(threads.end(), way.begin(), way.end());
      results.push_back(std::move(threads));
    }
    // The way past the loops is gone, what would iterate one that is still open is not.
    if (ways.empty() && !others.empty()) results.push_back(others);
  } else {
    Threads still_iterating;
    std::vector<Threads> leaving;
    for (Threads& way : ways) {
      Threads rest;
      for (Thread& t : way) (t.entering.empty() ? rest : still_iterating).push_back(t);
      if (!rest.empty()) leaving.push_back(std::move(rest));
    }
    Threads same = others;
    same.insert(same.begin() + static_cast<std::ptrdiff_t>(place), still_iterating.begin(),
                still_iterating.end());
    for (Threads& rest : leaving) {
      Threads threads;
      for (const Thread& t : same) {
        if (!t.entering.empty()) threads.push_back(t);
      }
      threads.insert(threads.end(), rest.begin(), rest.end());
      results.push_back(std::move(threads));
    }
    if (!same.empty()) results.insert(results.begin(), std::move(same));
  }

  std::vector<Run> out;
  for (Threads& threads : results) {
    Thread& last = threads.back();
    if (last.waiting == Waiting::kComplete && threads.size() > 1) last.waiting = Waiting::kClose;
    if (last.waiting == Waiting::kClose && threads.size() == 1) last.waiting = Waiting::kComplete;
    Run made = run;
    made.threads = std::move(threads);
    pool_->retain(made.chain);
    trace_run(made, run.trace_id);
    out.push_back(std::move(made));
  }
  trace_end(run, input.where_failed ? EndReason::kWhere : EndReason::kTaken, {},
            Timestamp{deadline});
  release(*pool_, run);
  return out;
}

void Matcher::Impl::refresh_due(RuleId rule, RunList& list) {
  enter(rule, {});
  for (Run& run : list.runs) set_due(run);
}

std::int64_t Matcher::Impl::expire(RuleId rule, RunList& list, std::int64_t now) {
  enter(rule, {});
  std::int64_t next = kNever;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < list.runs.size(); ++i) {
    Run& run = list.runs[i];
    std::int64_t until = std::numeric_limits<std::int64_t>::min();
    for (const Thread& t : run.threads) {
      until = std::max(until, t.waiting == Waiting::kEvent ? limit(run, t) : kNever);
    }
    if (until < now) {
      trace_end(run, EndReason::kWithin, program_.nodes[run.threads.front().node].label,
                Timestamp{until});
      release(*pool_, run);
      continue;
    }
    next = std::min(next, until);
    if (kept != i) list.runs[kept] = std::move(run);
    ++kept;
  }
  list.runs.resize(kept);
  forget_reported(list);
  for (std::size_t i = 0; i < list.leading.size(); ++i) {
    auto& events = list.leading[i];
    const Duration within = automaton_->leading[i].within;
    std::size_t gone = 0;
    while (gone < events.size() && (pool_->events().get(events[gone]).ts + within).ns < now) {
      pool_->events().release(events[gone++]);
    }
    events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(gone));
    if (!events.empty()) {
      next = std::min(next, (pool_->events().get(events.front()).ts + within).ns);
    }
  }
  return next == kNever ? kNever : next + 1;
}

void Matcher::Impl::clear(RuleId rule, RunList& list) {
  enter(rule, {});
  for (Run& run : list.runs) {
    trace_end(run, EndReason::kOpen, program_.nodes[run.threads.front().node].label,
              Timestamp::max());
    release(*pool_, run);
  }
  list.runs.clear();
  for (const Reported& r : list.reported) pool_->release(r.chain);
  list.reported.clear();
  for (auto& events : list.leading) {
    for (const EventRef e : events) pool_->events().release(e);
    events.clear();
  }
}

}  // namespace weir::nfa
