// Step 4 of the contract's section 4: duplicates, matches in list order, and what AFTER MATCH
// prunes.
#include <algorithm>
#include <unordered_map>

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

/// A match that must not be reported again.
struct Reported {
  std::uint64_t start_seq;
  ChainRef chain;  // one reference
  BlockRef next;
};

}  // namespace

void Matcher::Impl::settle(RunList& list, Timestamp now, bool by_deadline, MatchSink& sink) {
  if (automaton_->ambiguous && runs_.size() > 1) drop_duplicates();
  report(list, now, by_deadline, sink);
  save(list);
  forget_reported(list);
}

void Matcher::Impl::drop_duplicates() {
  std::unordered_multimap<std::uint64_t, BlockRef> seen;
  std::size_t kept = 0;
  for (const BlockRef ref : runs_) {
    const RunRecord& run = at(ref);
    const std::uint64_t hash = place_hash(*pool_, run, threads(run));
    const auto [from, to] = seen.equal_range(hash);
    const bool duplicate = std::any_of(from, to, [&](const auto& entry) {
      const RunRecord& other = at(entry.second);
      return same_threads(threads(other), threads(run)) && pool_->equal(other.chain, run.chain);
    });
    if (duplicate) {
      trace_end(run, EndReason::kDuplicate, {}, Timestamp{run.start_ts});
      release(ref);
      continue;
    }
    seen.emplace(hash, ref);
    runs_[kept++] = ref;
  }
  runs_.resize(kept);
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
    if (!bound_holds(automaton_->where, match.chain, threads(match).front().registers, nullptr)) {
      trace_end(match, EndReason::kWhere, "WHERE", now);
    } else if (reported_before(list, match)) {
      trace_end(match, EndReason::kDuplicate, {}, now);
    } else {
      trace_end(match, EndReason::kMatched, {}, now);
      sink.on_match({.rule = rule_,
                     .detected_at = now,
                     .by_deadline = by_deadline,
                     .start_seq = match.start_seq,
                     .chain = match.chain,
                     .pool = pool_});
      i = prune(match, i);
    }
    release(ref);
  }
}

bool Matcher::Impl::reported_before(RunList& list, const RunRecord& run) {
  // Whatever else prunes: no run that shares the first event outlives the match.
  const AfterMatch after = automaton_->after;
  if (!automaton_->ambiguous || after == AfterMatch::kConsume ||
      after == AfterMatch::kSkipPastLast || after == AfterMatch::kSkipToNext) {
    return false;
  }
  for (BlockRef ref = list.reported; ref != 0;) {
    const auto& r = *store_.arena().as<Reported>(ref);
    if (r.start_seq == run.start_seq && pool_->equal(r.chain, run.chain)) return true;
    ref = r.next;
  }
  const BlockRef made = store_.arena().allocate(sizeof(Reported));
  *store_.arena().as<Reported>(made) = {run.start_seq, run.chain, list.reported};
  pool_->retain(run.chain);
  list.reported = made;
  return false;
}

/// What no run of the list, as it was saved, could find again: one that takes another event binds
/// other ones.
void Matcher::Impl::forget_reported(RunList& list) {
  BlockRef* link = &list.reported;
  while (*link != 0) {
    const BlockRef ref = *link;
    auto& r = *store_.arena().as<Reported>(ref);
    const bool open = std::ranges::any_of(runs_, [&](BlockRef run) {
      return at(run).start_seq == r.start_seq && pool_->equal(at(run).chain, r.chain);
    });
    if (open) {
      link = &r.next;
      continue;
    }
    *link = r.next;
    pool_->release(r.chain);
    store_.arena().free(ref, sizeof(Reported));
  }
}

std::size_t Matcher::Impl::prune(const RunRecord& match, std::size_t place) {
  std::uint64_t up_to = 0;  // runs that began at or before it go
  bool any = true;
  switch (automaton_->after) {
    case AfterMatch::kKeep:
      return place;
    case AfterMatch::kConsume:
      any = false;
      break;
    case AfterMatch::kSkipPastLast:
      up_to = pool_->event(match.chain).seq;
      break;
    case AfterMatch::kSkipToNext:
      up_to = match.start_seq;
      break;
    case AfterMatch::kSkipToFirst:
    case AfterMatch::kSkipToLast: {
      bool bound = false;
      for (ChainRef c = match.chain; c != 0; c = pool_->at(c).previous) {
        if (pool_->at(c).name != automaton_->after_name) continue;
        if (bound && automaton_->after == AfterMatch::kSkipToLast) break;
        bound = true;
        up_to = pool_->event(c).seq;
      }
      if (!bound || up_to == 0) return place;
      --up_to;  // before that event
      break;
    }
  }
  if (!any) {
    used_.clear();
    for (ChainRef c = match.chain; c != 0; c = pool_->at(c).previous) {
      used_.push_back(pool_->at(c).event);
    }
    std::ranges::sort(used_);
  }
  const auto goes = [&](const RunRecord& run) {
    if (any) return run.start_seq <= up_to;
    for (ChainRef c = run.chain; c != 0; c = pool_->at(c).previous) {
      if (std::ranges::binary_search(used_, pool_->at(c).event)) return true;
    }
    return false;
  };
  std::size_t kept = 0;
  std::size_t new_place = place;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const BlockRef run = runs_[i];
    if (goes(at(run))) {
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
