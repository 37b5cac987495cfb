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

std::uint64_t place_hash(const BindingPool& pool, const Run& run) {
  std::uint64_t h = pool.at(run.chain).hash;
  for (const Thread& t : run.threads) {
    h = mix(h, t.node);
    h = mix(h, static_cast<std::uint64_t>(t.waiting));
    h = mix(h, static_cast<std::uint64_t>(t.base));
    for (const std::int64_t r : t.registers) h = mix(h, static_cast<std::uint64_t>(r));
    for (const PendingGuard& g : t.guards) h = mix(h, g.guard);
  }
  return h;
}

}  // namespace

void Matcher::Impl::settle(RunList& list, Timestamp at, bool by_deadline, MatchSink& sink) {
  if (automaton_->ambiguous && list.runs.size() > 1) drop_duplicates(list);
  report(list, at, by_deadline, sink);
  for (Run& run : list.runs) set_due(run);
  forget_reported(list);
}

void Matcher::Impl::drop_duplicates(RunList& list) {
  std::unordered_multimap<std::uint64_t, std::size_t> seen;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < list.runs.size(); ++i) {
    Run& run = list.runs[i];
    const std::uint64_t hash = place_hash(*pool_, run);
    const auto [from, to] = seen.equal_range(hash);
    const bool duplicate = std::any_of(from, to, [&](const auto& entry) {
      const Run& other = list.runs[entry.second];
      return other.threads == run.threads && pool_->equal(other.chain, run.chain);
    });
    if (duplicate) {
      trace_end(run, EndReason::kDuplicate, {}, Timestamp{run.start_ts});
      release(*pool_, run);
      continue;
    }
    if (kept != i) list.runs[kept] = std::move(run);
    seen.emplace(hash, kept);
    ++kept;
  }
  list.runs.resize(kept);
}

void Matcher::Impl::report(RunList& list, Timestamp at, bool by_deadline, MatchSink& sink) {
  for (std::size_t i = 0; i < list.runs.size();) {
    if (!is_complete(list.runs[i])) {
      ++i;
      continue;
    }
    Run match = std::move(list.runs[i]);
    list.runs.erase(list.runs.begin() + static_cast<std::ptrdiff_t>(i));
    if (!bound_holds(automaton_->where, match.chain, match.threads.front().registers, nullptr)) {
      trace_end(match, EndReason::kWhere, "WHERE", at);
    } else if (reported_before(list, match)) {
      trace_end(match, EndReason::kDuplicate, {}, at);
    } else {
      trace_end(match, EndReason::kMatched, {}, at);
      sink.on_match({.rule = rule_,
                     .detected_at = at,
                     .by_deadline = by_deadline,
                     .start_seq = match.start_seq,
                     .chain = match.chain,
                     .pool = pool_});
      i = prune(list, match, i);
    }
    release(*pool_, match);
  }
}

bool Matcher::Impl::reported_before(RunList& list, const Run& run) {
  // Whatever else prunes: no run that shares the first event outlives the match.
  const AfterMatch after = automaton_->after;
  if (!automaton_->ambiguous || after == AfterMatch::kConsume ||
      after == AfterMatch::kSkipPastLast || after == AfterMatch::kSkipToNext) {
    return false;
  }
  const bool found = std::ranges::any_of(list.reported, [&](const Reported& r) {
    return r.start_seq == run.start_seq && pool_->equal(r.chain, run.chain);
  });
  if (!found) {
    pool_->retain(run.chain);
    list.reported.push_back({run.start_seq, run.chain});
  }
  return found;
}

void Matcher::Impl::forget_reported(RunList& list) {
  if (list.reported.empty()) return;
  std::size_t kept = 0;
  for (const Reported& r : list.reported) {
    const bool open = std::ranges::any_of(
        list.runs, [&](const Run& run) { return run.start_seq == r.start_seq; });
    if (open) {
      list.reported[kept++] = r;
    } else {
      pool_->release(r.chain);
    }
  }
  list.reported.resize(kept);
}

std::size_t Matcher::Impl::prune(RunList& list, const Run& match, std::size_t place) {
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
    ++match_number_;
    for (ChainRef c = match.chain; c != 0; c = pool_->at(c).previous) {
      const EventRef e = pool_->at(c).event;
      if (used_.size() <= e) used_.resize(e + 1, 0);
      used_[e] = match_number_;
    }
  }
  const auto goes = [&](const Run& run) {
    if (any) return run.start_seq <= up_to;
    for (ChainRef c = run.chain; c != 0; c = pool_->at(c).previous) {
      const EventRef e = pool_->at(c).event;
      if (e < used_.size() && used_[e] == match_number_) return true;
    }
    return false;
  };
  std::size_t kept = 0;
  std::size_t new_place = place;
  for (std::size_t i = 0; i < list.runs.size(); ++i) {
    Run& run = list.runs[i];
    if (goes(run)) {
      if (i < place) --new_place;
      trace_end(run, EndReason::kPruned, {}, pool_->event(match.chain).ts);
      release(*pool_, run);
      continue;
    }
    if (kept != i) list.runs[kept] = std::move(run);
    ++kept;
  }
  list.runs.resize(kept);
  return new_place;
}

}  // namespace weir::nfa
