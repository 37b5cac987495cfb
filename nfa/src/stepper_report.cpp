// Step 4 of the contract's section 4: duplicates, matches in list order, and what AFTER MATCH
// prunes.
#include <algorithm>

#include "stepper.hpp"

namespace weir::nfa {
namespace {

std::uint64_t mix(std::uint64_t h, std::uint64_t v) {
  h ^= v + 0x9e3779b97f4a7c15ULL + (h << 6) + (h >> 2);
  return h * 0xff51afd7ed558ccdULL;
}

std::uint64_t place_hash(const BindingPool& pool, const RunRecord& run, ThreadsView threads) {
  std::uint64_t h = pool.at(run.chain).hash;
  for (const ThreadView& t : threads) {
    h = mix(h, t.node);
    h = mix(h, static_cast<std::uint64_t>(t.waiting));
    h = mix(h, static_cast<std::uint64_t>(t.base));
    for (const std::int64_t r : t.registers) h = mix(h, static_cast<std::uint64_t>(r));
    for (const GuardRecord& g : t.guards) h = mix(h, g.guard);
  }
  return h;
}

bool same_threads(ThreadsView a, ThreadsView b) {
  if (a.size() != b.size()) return false;
  auto other = b.begin();
  for (const ThreadView& t : a) {
    if (!(t == *other)) return false;
    ++other;
  }
  return true;
}

}  // namespace

void Matcher::Impl::settle(RunList& list, Timestamp now, bool by_deadline, MatchSink& sink) {
  if (automaton_->ambiguous && runs_.size() > 1) drop_duplicates();
  report(list, now, by_deadline, sink);
  save(list);
  forget_reported(list);
  if (runs_.size() > few_runs_ && !tracing_) build_index(list);
}

void Matcher::Impl::add_place(BlockRef run, std::uint64_t order, std::uint32_t of) {
  const std::uint64_t hash = place_hash(*pool_, at(run), threads(at(run)));
  places_.push_back({.hash = hash, .order = order, .run = run, .of = of});
}

bool Matcher::Impl::same_place(const RunRecord& a, const RunRecord& b) const {
  return same_threads(threads(a), threads(b)) && pool_->equal(a.chain, b.chain);
}

/// Of places_, into duplicates_: those which one before them is the same as.
void Matcher::Impl::find_duplicates() {
  duplicates_.clear();
  std::ranges::sort(places_);
  for (auto from = places_.begin(); from != places_.end();) {
    const auto to = std::find_if(from, places_.end(),
                                 [&](const Place& place) { return place.hash != from->hash; });
    for (auto place = std::next(from); place != to; ++place) {
      const bool met = std::any_of(from, place, [&](const Place& before) {
        return same_place(at(before.run), at(place->run));
      });
      if (met) duplicates_.push_back(place->of);
    }
    from = to;
  }
}

void Matcher::Impl::drop_duplicates() {
  places_.clear();
  for (std::uint32_t i = 0; i < runs_.size(); ++i) add_place(runs_[i], i, i);
  find_duplicates();
  std::ranges::sort(duplicates_);
  for (const std::uint32_t i : duplicates_) {
    const RunRecord& run = at(runs_[i]);
    trace_end(run, EndReason::kDuplicate, {}, Timestamp{run.start_ts});
    release(runs_[i]);
    runs_[i] = 0;
  }
  if (!duplicates_.empty()) std::erase(runs_, 0);
}

void Matcher::Impl::report(RunList& list, Timestamp now, bool by_deadline, MatchSink& sink) {
  for (std::size_t i = 0; i < runs_.size();) {
    const BlockRef ref = runs_[i];
    const RunRecord& match = at(ref);
    if (!is_complete(match)) {
      ++i;
      continue;
    }
    runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(i));
    if (report_run(list, 0, match, now, by_deadline, sink)) i = prune(match, i);
    release(ref);
  }
}

bool Matcher::Impl::report_run(RunList& list, BlockRef root, const RunRecord& match, Timestamp now,
                               bool by_deadline, MatchSink& sink) {
  if (!bound_holds(automaton_->where, match.chain, threads(match).front().registers, nullptr)) {
    trace_end(match, EndReason::kWhere, "WHERE", now);
    return false;
  }
  if (reported_before(list, root, match)) {
    trace_end(match, EndReason::kDuplicate, {}, now);
    return false;
  }
  trace_end(match, EndReason::kMatched, {}, now);
  sink.on_match({.rule = rule_,
                 .detected_at = now,
                 .by_deadline = by_deadline,
                 .start_seq = match.start_seq,
                 .chain = match.chain,
                 .pool = pool_});
  return true;
}

/// `root`: of the run in the list's index; 0: it has none.
bool Matcher::Impl::reported_before(RunList& list, BlockRef root, const RunRecord& run) {
  // Whatever else prunes: no run that shares the first event outlives the match.
  const AfterMatch after = automaton_->after;
  if (!automaton_->ambiguous || after == AfterMatch::kConsume ||
      after == AfterMatch::kSkipPastLast || after == AfterMatch::kSkipToNext) {
    return false;
  }
  BlockRef ref = root != 0 ? index_->root(root).reported : list.reported;
  while (ref != 0) {
    const Reported& r = reported(ref);
    if (r.start_seq == run.start_seq && pool_->equal(r.chain, run.chain)) return true;
    ref = root != 0 ? r.of_root : r.next;
  }
  const BlockRef made = store_.arena().allocate(sizeof(Reported));
  reported(made) = {.start_seq = run.start_seq,
                    .chain = run.chain,
                    .next = list.reported,
                    .previous = 0,
                    .of_root = 0};
  if (list.reported != 0) reported(list.reported).previous = made;
  list.reported = made;
  if (root != 0) {
    reported(made).of_root = index_->root(root).reported;
    index_->root(root).reported = made;
  }
  pool_->retain(run.chain);
  return false;
}

void Matcher::Impl::forget(RunList& list, BlockRef ref) {
  const Reported& r = reported(ref);
  (r.previous == 0 ? list.reported : reported(r.previous).next) = r.next;
  if (r.next != 0) reported(r.next).previous = r.previous;
  pool_->release(r.chain);
  store_.arena().free(ref, sizeof(Reported));
}

/// What no run of the list, as it was saved, could find again: one that takes another event binds
/// other ones.
void Matcher::Impl::forget_reported(RunList& list) {
  for (BlockRef ref = list.reported; ref != 0;) {
    const Reported& r = reported(ref);
    const BlockRef next = r.next;
    const bool open = std::ranges::any_of(runs_, [&](BlockRef run) {
      return at(run).start_seq == r.start_seq && pool_->equal(at(run).chain, r.chain);
    });
    if (!open) forget(list, ref);
    ref = next;
  }
}

Matcher::Impl::Pruning Matcher::Impl::pruning(const RunRecord& match) {
  switch (automaton_->after) {
    case AfterMatch::kKeep:
      return {};
    case AfterMatch::kConsume:
      used_.clear();
      for (ChainRef c = match.chain; c != 0; c = pool_->at(c).previous) {
        used_.push_back(pool_->at(c).event);
      }
      std::ranges::sort(used_);
      return {.kind = Pruning::kByEvent};
    case AfterMatch::kSkipPastLast:
      return {.kind = Pruning::kByStart, .up_to = pool_->event(match.chain).seq};
    case AfterMatch::kSkipToNext:
      return {.kind = Pruning::kByStart, .up_to = match.start_seq};
    case AfterMatch::kSkipToFirst:
    case AfterMatch::kSkipToLast:
      break;
  }
  bool bound = false;
  std::uint64_t seq = 0;
  for (ChainRef c = match.chain; c != 0; c = pool_->at(c).previous) {
    if (pool_->at(c).name != automaton_->after_name) continue;
    if (bound && automaton_->after == AfterMatch::kSkipToLast) break;
    bound = true;
    seq = pool_->event(c).seq;
  }
  if (!bound || seq == 0) return {};
  return {.kind = Pruning::kByStart, .up_to = seq - 1};  // before that event
}

bool Matcher::Impl::is_pruned(const RunRecord& run, const Pruning& by) const {
  if (by.kind == Pruning::kByStart) return run.start_seq <= by.up_to;
  for (ChainRef c = run.chain; c != 0; c = pool_->at(c).previous) {
    if (std::ranges::binary_search(used_, pool_->at(c).event)) return true;
  }
  return false;
}

std::size_t Matcher::Impl::prune(const RunRecord& match, std::size_t place) {
  const Pruning by = pruning(match);
  if (by.kind == Pruning::kNothing) return place;
  std::size_t kept = 0;
  std::size_t new_place = place;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const BlockRef run = runs_[i];
    if (is_pruned(at(run), by)) {
      if (i < place) --new_place;
      trace_end(at(run), EndReason::kPruned, {}, pool_->event(match.chain).ts);
      release(run);
      continue;
    }
    runs_[kept++] = run;
  }
  runs_.resize(kept);
  return new_place;
}

}  // namespace weir::nfa
