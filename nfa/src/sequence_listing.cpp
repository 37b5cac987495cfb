#include "sequence_listing.hpp"

#include <algorithm>

namespace weir::nfa {

void SequenceListing::run(const SequencePlan& plan, const SequenceRings& state,
                          const SequenceCompletion& completion, const Event* event,
                          const EventTests& tests, MatchListing& listing) {
  plan_ = &plan;
  state_ = state;
  completion_ = completion;
  event_ = event;
  tests_ = &tests;
  listing_ = &listing;
  end_step_ = plan.kept() - 1;
  left_ = listing.wanted();
  const SequenceRing& starts = state.rings[0];
  cut_ = starts.begin;
  done_ = false;

  countable_ = plan.after == AfterMatch::kKeep && left_ != MatchListing::kAll &&
               plan.where.empty() && plan.spans.empty();
  const std::uint64_t total = countable_ ? count_all() : 0;
  const std::uint64_t wanted = left_;
  if (!countable_ || (left_ > 0 && total > 0)) {
    find_usable();
    // Where one step is kept, a run's end is its start.
    const bool at_once = end_step_ == 0 && !plan.steps.front().loop();
    start_ = at_once && index_before(starts.begin, completion.lo) ? completion.lo : starts.begin;
    for (; start_ != usable_[0] && !done_; ++start_) {
      leave_start_ = false;
      if (!index_before(start_, cut_) && node(0, start_).event != 0) enter(0, start_);
    }
  }
  if (countable_ && total > wanted) listing.on_more(total - wanted);

  // What AFTER MATCH takes away; of a silence, the run that has been reported.
  if (plan.after == AfterMatch::kConsume && done_) consume();
  if (plan.silence != Silence::kNone) matcher_.drop(matcher_.node(state.rings[0], completion.lo));
  while (state.rings[0].count > 0 && index_before(state.rings[0].begin, cut_)) {
    matcher_.pop(state.rings[0]);
  }
  matcher_.drop_unreached(plan, state);
}

/// From the end: which nodes came before some usable node of the next step.
void SequenceListing::find_usable() {
  usable_.assign(plan_->kept(), 0);
  usable_[end_step_] = completion_.hi;
  for (std::uint32_t s = end_step_; s-- > 0;) {
    const SequenceRing& ring = state_.rings[s];
    const SequenceRing& next = state_.rings[s + 1];
    const SequenceStep& step = plan_->steps[s + 1];
    const std::uint32_t end = usable_[s + 1];
    const bool none = !index_before(next.begin, end);
    const std::int64_t last = none ? 0 : node(s + 1, end - 1).ts;
    usable_[s] = ring.begin + matcher_.count_first(ring, [&](const SequenceNode& n) {
      if (step.pauses.empty()) return index_before(n.after, end);
      return !none && too_late(n.ts, step.pause, last);
    });
  }
}

/// An event at `ts` may be bound to the step as far as the WITHINs of groups go. Where it may not,
/// none that comes later may.
bool SequenceListing::in_time(std::uint32_t step, std::int64_t ts) const {
  for (const SequenceSpan& span : plan_->spans) {
    if (step < span.first || step > span.last) continue;
    const auto first = std::ranges::lower_bound(picks_, span.first, {}, &Pick::step);
    if (first != picks_.end() && too_late(node(first->step, first->index).ts, span.length, ts)) {
      return false;
    }
  }
  return true;
}

/// The first node of the next step that came when the node's wait for that step had begun.
std::uint32_t SequenceListing::first_after(std::uint32_t step, std::uint32_t index) const {
  const SequenceNode& n = node(step, index);
  const SequenceStep& next = plan_->steps[step + 1];
  const SequenceRing& ring = state_.rings[step + 1];
  if (!next.pauses.empty()) {
    return ring.begin + matcher_.count_first(ring, [&](const SequenceNode& m) {
      return !too_late(n.ts, next.pause, m.ts);
    });
  }
  return index_before(n.after, ring.begin) ? ring.begin : n.after;
}

void SequenceListing::push(std::uint32_t step, std::uint32_t index, const SequenceNode& n) {
  path_.push_back({plan_->steps[step].tests[n.test].name, &matcher_.events_.get(n.event)});
  picks_.push_back({step, index});
}

void SequenceListing::enter(std::uint32_t step, std::uint32_t index) {
  const SequenceStep& s = plan_->steps[step];
  if (s.any_loop()) return enter_any(step, index);
  if (s.loop()) return enter_row(step, index);
  push(step, index, node(step, index));
  go_on(step, index);
  pop();
}

/// Iterations one after another: all rows that begin with the node, by length.
void SequenceListing::enter_row(std::uint32_t step, std::uint32_t index) {
  const SequenceStep& s = plan_->steps[step];
  std::uint32_t count = 0;
  std::uint32_t i = index;
  const auto goes_on = [&] {
    if (i == usable_[step] || count == s.max) return false;
    const SequenceNode& n = node(step, i);
    return n.event != 0 && (i == index || !index_before(index, n.row)) && in_time(step, n.ts);
  };
  for (; goes_on(); ++i) {
    push(step, i, node(step, i));
    ++count;
    if (s.reluctant && count >= s.min && !done_ && !leave_start_) go_on(step, i);
  }
  for (; count > 0; --count) {
    --i;
    if (!s.reluctant && count >= s.min && !done_ && !leave_start_) go_on(step, i);
    pop();
  }
}

/// Any later nodes may follow: all subsequences that begin with the node. Not by recursion: they
/// may be as long as what is kept.
void SequenceListing::enter_any(std::uint32_t step, std::uint32_t index) {
  const bool reluctant = plan_->steps[step].reluctant;
  const std::size_t base = picks_.size();
  const auto take = [&](std::uint32_t i) {
    push(step, i, node(step, i));
    if (reluctant) go_on(step, i);
  };
  take(index);
  std::uint32_t i = index + 1;
  while (picks_.size() > base) {
    const bool stop = done_ || leave_start_;
    while (!stop && index_before(i, usable_[step]) && node(step, i).event == 0) ++i;
    if (!stop && index_before(i, usable_[step]) && in_time(step, node(step, i).ts)) {
      take(i++);
      continue;
    }
    const std::uint32_t last = picks_.back().index;
    if (!reluctant && !stop) go_on(step, last);
    pop();
    i = last + 1;
  }
}

void SequenceListing::go_on(std::uint32_t step, std::uint32_t index) {
  if (step == end_step_) {
    if (!index_before(index, completion_.lo) && index_before(index, completion_.hi)) emit();
    return;
  }
  const bool only_first = plan_->steps[step + 1].contiguity != Contiguity::kAny;
  std::uint32_t i = first_after(step, index);
  for (; index_before(i, usable_[step + 1]) && !done_ && !leave_start_; ++i) {
    const SequenceNode& n = node(step + 1, i);
    if (index_before(index, n.lo) || !in_time(step + 1, n.ts)) return;
    if (n.event != 0) enter(step + 1, i);
    if (only_first) return;
  }
}

void SequenceListing::emit() {
  const bool with_event = event_ != nullptr && !completion_.whole_step;
  if (with_event) {
    const auto last = static_cast<std::uint32_t>(plan_->steps.size() - 1);
    if (!in_time(last, event_->ts.ns)) return;
    path_.push_back({plan_->steps.back().tests[completion_.test].name, event_});
  }
  if (where_holds()) report();
  if (with_event) path_.pop_back();
}

bool SequenceListing::where_holds() {
  if (plan_->where.empty()) return true;
  values_.reset();
  const MatchView bound(path_);
  const EvalContext context{.candidate = nullptr,
                            .bound = &bound,
                            .tables = tests_->tables(),
                            .agg_results = {},
                            .scratch = &values_};
  return std::ranges::all_of(plan_->where,
                             [&](ExprId e) { return tests_->pool().test(e, context); });
}

void SequenceListing::report() {
  if (left_ > 0) {
    if (left_ != MatchListing::kAll) --left_;
    listing_->on_match(path_);
  } else {
    listing_->on_more(1);
  }
  const std::uint32_t cut_was = cut_;
  switch (plan_->after) {
    case AfterMatch::kKeep:
      done_ = countable_ && left_ == 0;
      break;
    case AfterMatch::kConsume:
      used_ = picks_;
      done_ = true;
      break;
    case AfterMatch::kSkipPastLast:
      cut_ = event_ != nullptr ? state_.rings[0].end() : start_ + 1;
      done_ = true;
      break;
    case AfterMatch::kSkipToNext:
      cut_ = start_ + 1;
      break;
    case AfterMatch::kSkipToFirst:
    case AfterMatch::kSkipToLast: {
      const Event* at = nullptr;
      for (const BoundEvent& b : path_) {
        if (b.name != plan_->after_name) continue;
        at = b.event;
        if (plan_->after == AfterMatch::kSkipToFirst) break;
      }
      if (at != nullptr) cut_before(at->seq);
      break;
    }
  }
  if (cut_ != cut_was && index_before(start_, cut_)) leave_start_ = true;
}

/// Runs that began before the event go.
void SequenceListing::cut_before(std::uint64_t seq) {
  const SequenceRing& starts = state_.rings[0];
  while (cut_ != starts.end()) {
    const SequenceNode& n = node(0, cut_);
    if (n.event != 0 && matcher_.events_.seq(n.event) >= seq) break;
    ++cut_;
  }
}

void SequenceListing::consume() {
  for (const Pick& pick : used_) {
    SequenceNode& n = matcher_.node(state_.rings[pick.step], pick.index);
    if (plan_->disjoint) {
      matcher_.drop(n);
      continue;
    }
    // It may be gone already: one event at two steps of a match.
    if (n.event != 0) matcher_.consume(*plan_, state_, n.ts, matcher_.events_.seq(n.event));
  }
  if (!plan_->disjoint && event_ != nullptr) {
    matcher_.consume(*plan_, state_, event_->ts.ns, event_->seq);
  }
}

}  // namespace weir::nfa
