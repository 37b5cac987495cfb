// What time does to a shard: deadlines, states that grow old, windows that close, the end of the
// log.
#include <algorithm>

#include "shard.hpp"
#include "shard_collector.hpp"

namespace weir::runtime {

void Shard::push(nfa::RuleId rule, const Timer& timer) {
  timers_.push(rule, timer, [&](nfa::RuleId of, const Timer& t) { return is_stale(of, t); });
  next_at_ = std::min(next_at_, timer.at);
}

/// What the timer was set for is gone.
bool Shard::is_stale(nfa::RuleId rule, const Timer& timer) {
  const nfa::BlockRef ref = find_state(timer.of, rule);
  if (ref == 0) return true;
  if (dispatch_.plan(rule).sequence != nullptr) {
    return !sequences_.waits(sequence(ref), timer.index, timer.start_seq);
  }
  matcher_.attach(bindings_, nodes_);
  return !matcher_.waits(list_of(ref), timer.at, timer.start_seq);
}

/// Timers for what has come to wait in the rule's list.
void Shard::schedule(PartitionId id, nfa::RuleId rule) {
  for (const nfa::RunDeadline& due : matcher_.new_deadlines()) {
    push(rule, {.at = due.at, .start_seq = due.start_seq, .of = ticket(id)});
  }
}

void Shard::link_newest(Ages& ages, nfa::BlockRef ref, std::int64_t now) {
  Age& a = age(ref);
  a.since = ages.ticks(now);
  a.older = ages.newest;
  a.newer = 0;
  (ages.newest == 0 ? ages.oldest : age(ages.newest).newer) = ref;
  ages.newest = ref;
  if (ages.oldest == ref) ages.since = a.since;
}

void Shard::unlink(Ages& ages, nfa::BlockRef ref) {
  const Age& a = age(ref);
  if (a.older == 0 && a.newer != 0) ages.since = age(a.newer).since;
  (a.older == 0 ? ages.oldest : age(a.older).newer) = a.newer;
  (a.newer == 0 ? ages.newest : age(a.newer).older) = a.older;
}

void Shard::expire_oldest(Ages& ages, std::int64_t now) {
  const nfa::BlockRef ref = ages.oldest;
  const RulePlan& plan = dispatch_.plan(ages.plan);
  if (const nfa::BlockRef next = age(ref).newer; next != 0) {
    // What was asked for the last time is here by now.
    if (plan.sequence != nullptr) {
      sequences_.prefetch_nodes(sequence(next));
      sequences_.prefetch_events(*plan.sequence, sequence(next));
    }
    if (state(next).serial != 0) by_key_[plan.key].prefetch(state(next).tag);
    if (const nfa::BlockRef after = age(next).newer; after != 0) prefetch_block(after);
  }
  if (plan.family != nullptr) {
    families_.expire(*plan.family, family(ref), now);
  } else if (plan.sequence != nullptr) {
    sequences_.expire(*plan.sequence, sequence(ref), now);
  } else {
    matcher_.attach(bindings_, nodes_);
    matcher_.expire(ages.plan, list_of(ref), now);
  }
  const PartitionId id = partition_of(ref);
  if (is_empty(ref)) maybe_empty_.push_back({ticket(id), ages.plan});
  unlink(ages, ref);
  link_newest(ages, ref, now);
}

void Shard::add_to_window(nfa::DeriveId derive, const KeyOfEvent& key) {
  const bool changed = windows_[derive].add(tests_.event(), {key.hash, key.values}, tests_.tables(),
                                            tests_.scratch());
  if (!changed) return;
  many_windows_ = many_windows_ || windows_[derive].open_keys() > look_ahead_from_;
  update_window_due(derive);
}

void Shard::update_window_due(nfa::DeriveId derive) {
  const WindowOperator& windows = windows_[derive];
  std::optional<DueKey> now;
  if (windows.open_windows() > 0) {
    now = DueKey{.at = windows.next_end().ns,
                 .phase = DueKey::kWindow,
                 .rank = program_.derives[derive].closing_rank,
                 .index = derive,
                 .start_seq = windows.next_first_seq()};
  }
  std::optional<DueKey>& known = window_due_of_[derive];
  if (now == known) return;
  if (known && now) {
    auto entry = windows_due_.extract(*known);
    entry.value() = *now;
    windows_due_.insert(std::move(entry));
  } else if (known) {
    windows_due_.erase(*known);
  } else {
    windows_due_.insert(*now);
  }
  known = now;
  update_next();
}

std::optional<DueKey> Shard::next_due() const {
  std::optional<DueKey> next;
  if (!windows_due_.empty()) next = *windows_due_.begin();
  if (!timers_.empty() && (!next || timers_.key() < *next)) next = timers_.key();
  return next;
}

void Shard::update_next() {
  next_at_ = nfa::kNever;
  if (!windows_due_.empty()) next_at_ = windows_due_.begin()->at;
  if (!timers_.empty()) next_at_ = std::min(next_at_, timers_.top().at);
}

void Shard::drop_stale(std::int64_t until) {
  if (timers_.empty()) return;
  timers_.drop_stale(
      until, [&](nfa::RuleId rule, const Timer& timer) { return is_stale(rule, timer); },
      [&](const Timer& timer) { prefetch_block(timer.of.partition); });
  update_next();
}

WindowResult Shard::close_window() {
  const nfa::DeriveId derive = windows_due_.begin()->index;
  window_scratch_.reset();
  const WindowResult result = windows_[derive].close_next(tests_.tables(), window_scratch_);
  update_window_due(derive);
  return result;
}

void Shard::fire(std::vector<PendingMatch>& matches) {
  const nfa::RuleId rule = timers_.key().index;
  const Timer timer = timers_.top();
  timers_.pop();
  if (dispatch_.plan(rule).sequence != nullptr) {
    fire_silence(rule, timer, matches);
  } else {
    fire_run(rule, timer, matches);
  }
  update_next();
}

void Shard::fire_run(nfa::RuleId rule, const Timer& timer, std::vector<PendingMatch>& matches) {
  const nfa::BlockRef ref = find_state(timer.of, rule);
  if (ref == 0) return;
  matcher_.attach(bindings_, nodes_);
  Collector collector(*this, timer.of.partition, matches);
  if (!matcher_.fire(rule, list_of(ref), timer.at, timer.start_seq, text_of(timer.of.partition),
                     collector)) {
    return;
  }
  schedule(timer.of.partition, rule);
  // Further runs of this start may be due now: one at a time, so that what a match causes comes
  // before the next.
  push(rule, timer);
  if (is_empty(ref)) maybe_empty_.push_back({timer.of, rule});
}

void Shard::fire_silence(nfa::RuleId rule, const Timer& timer, std::vector<PendingMatch>& matches) {
  if (is_stale(rule, timer)) return;
  matches.push_back(
      {.rule = rule,
       .partition = timer.of.partition,
       .shard = this,
       .detected_at = Timestamp{timer.at},
       .start_seq = timer.start_seq,
       .state = find_state(timer.of, rule),
       .completion = {.lo = timer.index, .hi = timer.index + 1, .test = 0, .whole_step = true}});
}

void Shard::end_of_log(nfa::RuleId rule) {
  if (dispatch_.plan(rule).sequence != nullptr || dispatch_.plan(rule).family != nullptr) return;
  if (!program_.rules[rule].automaton.possessive) return;
  matcher_.attach(bindings_, nodes_);
  by_key_[dispatch_.plan(rule).key].for_each([&](PartitionId id) {
    const nfa::BlockRef ref = find_state(ticket(id), rule);
    if (ref == 0) return;
    matcher_.refresh_due(rule, list_of(ref));
    schedule(id, rule);
  });
}

}  // namespace weir::runtime
