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

std::int64_t Matcher::Impl::limit(std::int64_t start_ts, const ThreadView& thread) const {
  const Node& node = program_.nodes[thread.node];
  std::int64_t until = kNever;
  if (automaton_->within) until = (Timestamp{start_ts} + *automaton_->within).ns;
  const std::optional<Duration> within =
      node.kind == NodeKind::kAnd ? longest_open(node, thread.registers[node.count]) : node.within;
  if (within) until = std::min(until, (Timestamp{thread.base} + *within).ns);
  for (const WindowScope& window : node.windows) {
    const std::int64_t first = thread.registers[window.first_ts];
    if (first != kNoTime) until = std::min(until, (Timestamp{first} + window.duration).ns);
  }
  return until;
}

/// Nothing but the end of the log ends the wait; in a pause, one of those that it leads to.
bool Matcher::Impl::waits_for_ever(const RunRecord& run, const ThreadView& thread) const {
  if (thread.waiting != Waiting::kPause) return limit(run.start_ts, thread) == kNever;
  ThreadView after = thread;
  after.base = thread.deadline;
  const std::vector<NodeId> next = reached(program_.nodes, program_.nodes[thread.node].next, false);
  return std::ranges::any_of(next, [&](NodeId id) {
    const NodeKind kind = program_.nodes[id].kind;
    after.node = id;
    return (kind == NodeKind::kWait || kind == NodeKind::kAnd) &&
           limit(run.start_ts, after) == kNever;
  });
}

/// When a thread that would iterate a possessive loop can take no more, where a complete match
/// waits for that. A loop that something would iterate for ever is closed as a whole by the end of
/// the log.
std::int64_t Matcher::Impl::closing_limit(const RunRecord& run, const ThreadView& thread) const {
  // The loop may have been reached by a pause that ended after the WITHIN.
  std::int64_t until = std::max(limit(run.start_ts, thread), thread.base);
  if (!log_ended(rule_)) return until;
  for (const ThreadView& t : threads(run)) {
    const bool same_loop = std::ranges::any_of(t.entering, [&](const Entering& e) {
      return std::ranges::find(thread.entering, e.loop, &Entering::loop) != thread.entering.end();
    });
    if (same_loop && waits_for_ever(run, t)) {
      until = std::min(until, std::max(ended_[rule_], t.base));
    }
  }
  return until;
}

std::int64_t Matcher::Impl::due_of(const RunRecord& run) const {
  std::int64_t due = kNever;
  bool closing = false;
  for (const ThreadView& t : threads(run)) {
    due = std::min(due, t.deadline);
    closing = t.waiting == Waiting::kClose;
  }
  if (!closing) return due;
  for (const ThreadView& t : threads(run)) {
    if (!t.entering.empty()) due = std::min(due, closing_limit(run, t));
  }
  return due;
}

bool Matcher::Impl::fire(RuleId rule, RunList& list, std::int64_t deadline, std::uint64_t start_seq,
                         std::string_view key_text, MatchSink& sink) {
  enter(rule, key_text);
  new_deadlines_.clear();
  if (list.index != 0) return fire_indexed(list, deadline, start_seq, sink);
  load(list);
  const auto found = std::ranges::find_if(runs_, [&](BlockRef run) {
    return at(run).due == deadline && at(run).start_seq == start_seq;
  });
  if (found == runs_.end()) return false;
  fired_.clear();
  run_on(*found, deadline, fired_);
  const auto place = runs_.erase(found);
  runs_.insert(place, fired_.begin(), fired_.end());
  settle(list, Timestamp{deadline}, true, sink);
  return true;
}

void Matcher::Impl::run_on(BlockRef ref, std::int64_t deadline, std::vector<BlockRef>& out) {
  const RunRecord& run = at(ref);
  bool closing = false;
  for (const ThreadView& t : threads(run)) closing = t.waiting == Waiting::kClose;
  std::size_t i = 0;
  for (const ThreadView& t : threads(run)) {
    if (t.waiting == Waiting::kAbsence && t.deadline == deadline) {
      Run complete{.start_seq = run.start_seq,
                   .start_ts = run.start_ts,
                   .chain = run.chain,
                   .threads = Threads{to_thread(t)},
                   .trace_id = run.trace_id};
      complete.threads.front().waiting = Waiting::kComplete;
      out.push_back(add(complete));
      store_.free(ref);
      return;
    }
    if (t.waiting == Waiting::kPause && t.deadline == deadline) {
      return end_pause(ref, i, deadline, out);
    }
    if (closing && !t.entering.empty() && closing_limit(run, t) == deadline) {
      return close_loops(ref, deadline, out);
    }
    ++i;
  }
  out.push_back(ref);
}

void Matcher::Impl::close_loops(BlockRef ref, std::int64_t deadline, std::vector<BlockRef>& out) {
  const RunRecord& run = at(ref);
  left_.clear();
  for (const ThreadView& t : threads(run)) {
    const bool closed = !t.entering.empty() && closing_limit(run, t) == deadline;
    left_.push_back(closed ? 0 : 1);
  }
  out.push_back(rewrite(ref));
}

void Matcher::Impl::end_pause(BlockRef ref, std::size_t index, std::int64_t deadline,
                              std::vector<BlockRef>& out) {
  Run run = store_.unpack(at(ref), automaton_->registers);
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
  ways_.clear();
  std::vector<Threads>& ways = ways_;
  Closure(input).from(program_.nodes[thread.node].next, std::move(thread), ways);

  std::vector<Threads>& results = pause_ways_;
  results.clear();
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

  for (Threads& threads : results) {
    Thread& last = threads.back();
    if (last.waiting == Waiting::kComplete && threads.size() > 1) last.waiting = Waiting::kClose;
    if (last.waiting == Waiting::kClose && threads.size() == 1) last.waiting = Waiting::kComplete;
    run.threads = std::move(threads);
    pool_->retain(run.chain);
    out.push_back(add(run));
    trace_run(at(out.back()), run.trace_id);
  }
  trace_end(run.trace_id, input.where_failed ? EndReason::kWhere : EndReason::kTaken, {},
            Timestamp{deadline});
  release(ref);
}

void Matcher::Impl::refresh_due(RuleId rule, RunList& list) {
  enter(rule, {});
  new_deadlines_.clear();
  if (!automaton_->possessive) return;
  drop_index(list);
  load(list);
  for (const BlockRef ref : runs_) {
    RunRecord& run = at(ref);
    const std::int64_t due = due_of(run);
    run.announced = run.announced && due == run.due;
    run.due = due;
  }
  save(list);
}

void Matcher::Impl::expire(RuleId rule, RunList& list, std::int64_t now) {
  enter(rule, {});
  new_deadlines_.clear();
  const std::span<LeadingEvents> all = leading(list);
  for (std::size_t i = 0; i < all.size(); ++i) {
    expire_leading(all[i], automaton_->leading[i].within, now);
  }
  if (list.index != 0) {
    index_ = indexes_[list.index - 1].get();
    changed_.clear();
    expire_indexed(now);
    return settled(list);
  }
  load(list);
  std::size_t kept = 0;
  for (const BlockRef ref : runs_) {
    const RunRecord& run = at(ref);
    const std::int64_t until = useful_until(run);
    if (until < now) {
      trace_end(run, EndReason::kWithin, program_.nodes[threads(run).front().node].label,
                Timestamp{until});
      release(ref);
      continue;
    }
    runs_[kept++] = ref;
  }
  runs_.resize(kept);
  save(list);
  forget_reported(list);
}

/// An event after it ends the run; kNever where no event does on account of its time.
std::int64_t Matcher::Impl::useful_until(const RunRecord& run) const {
  std::int64_t until = std::numeric_limits<std::int64_t>::min();
  for (const ThreadView& t : threads(run)) {
    until = std::max(until, t.waiting == Waiting::kEvent ? limit(run.start_ts, t) : kNever);
  }
  return until;
}

void Matcher::Impl::clear(RuleId rule, RunList& list) {
  enter(rule, {});
  drop_index(list);
  load(list);
  for (const BlockRef ref : runs_) {
    trace_end(at(ref), EndReason::kOpen, program_.nodes[threads(at(ref)).front().node].label,
              Timestamp::max());
    release(ref);
  }
  runs_.clear();
  save(list);
  forget_reported(list);
  for (LeadingEvents& events : leading(list)) drop_leading(events);
}

}  // namespace weir::nfa
