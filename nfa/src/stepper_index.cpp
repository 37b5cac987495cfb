// The steps of the contract over a list that has an index: what they change is found, not gone
// over.
//
// What a run at rest waits for are tests: those of its node, of the NOTs that are held, of UNTILs.
// An event that satisfies none of them leaves it as it is, unless it stands behind NEXT or a
// possessive loop: such runs every event goes to. Runs that share their first event are neighbours
// in the list, in the order of those events; only among them can two be the same.
#include <algorithm>

#include "chain_view.hpp"
#include "stepper.hpp"

namespace weir::nfa {

// ---- the index as a whole

/// REQUIRES: runs_ is the list, which has no index.
void Matcher::Impl::build_index(RunList& list) {
  if (spare_indexes_.empty()) {
    indexes_.push_back(std::make_unique<RunIndex>(index_memory_, store_));
    spare_indexes_.push_back(static_cast<std::uint32_t>(indexes_.size()));
  }
  list.index = spare_indexes_.back();
  spare_indexes_.pop_back();
  index_ = indexes_[list.index - 1].get();
  index_->begin(automaton_->lookups.size());
  for (const BlockRef run : runs_) enlist(index_->append(run), true);
  if (automaton_->after == AfterMatch::kConsume) hold_again();
  for (BlockRef ref = list.reported; ref != 0; ref = reported(ref).next) {
    RunIndex::Root& root = index_->root(index_->root_of(reported(ref).start_seq));
    reported(ref).of_root = root.reported;
    root.reported = ref;
  }
}

void Matcher::Impl::drop_index(RunList& list) {
  if (list.index == 0) return;
  indexes_[list.index - 1]->clear();
  spare_indexes_.push_back(list.index);
  list.index = 0;
}

// ---- steps 1 to 3

void Matcher::Impl::step_indexed(RunList& list, bool begins, MatchSink& sink) {
  index_ = indexes_[list.index - 1].get();
  changed_.clear();
  const Timestamp now = tests_.event().ts;
  expire_indexed(now.ns);
  find_touched();
  for (const auto& [label, entry] : touched_) {
    const BlockRef run = index_->at(entry).run;
    runs_.clear();
    advance(run);
    if (runs_.size() != 1 || runs_.front() != run) put_back(entry, runs_);
  }
  if (begins) {
    runs_.clear();
    start(list);
    for (const BlockRef run : runs_) changed_.push_back(index_->append(run));
  }
  settle_indexed(list, now, false, sink);
  if (begins) remember_leading(list);
  release_stored();
}

bool Matcher::Impl::fire_indexed(RunList& list, std::int64_t deadline, std::uint64_t start_seq,
                                 MatchSink& sink) {
  index_ = indexes_[list.index - 1].get();
  const EntryRef entry = index_->find_due(start_seq, deadline);
  if (entry == 0) return false;
  const BlockRef run = index_->at(entry).run;
  changed_.clear();
  fired_.clear();
  run_on(run, deadline, fired_);
  if (fired_.size() != 1 || fired_.front() != run) put_back(entry, fired_);
  settle_indexed(list, Timestamp{deadline}, true, sink);
  return true;
}

/// What became of the entry's run, into its place; the last may be the run as it was.
void Matcher::Impl::put_back(EntryRef entry, std::span<const BlockRef> runs) {
  if (runs.empty()) return index_->remove(entry);
  for (const BlockRef run : runs.first(runs.size() - 1)) {
    changed_.push_back(index_->insert_before(entry, run));
  }
  if (runs.back() == index_->at(entry).run) return;
  index_->replace(entry, runs.back());
  changed_.push_back(entry);
}

/// Runs that no event at `now` is of use to. Where it is the pattern's WITHIN that ends them they
/// lie at the front of the list.
void Matcher::Impl::expire_indexed(std::int64_t now) {
  EntryRef& cursor = index_->cursor();
  index_->expired_to = std::max(index_->expired_to, now);
  while (automaton_->within && cursor != 0) {
    const EntryRef entry = cursor;
    const RunRecord& run = at(index_->at(entry).run);
    if ((Timestamp{run.start_ts} + *automaton_->within).ns >= now) break;
    const std::int64_t until = useful_until(run);
    if (until < now) {
      drop(entry);
      continue;
    }
    cursor = index_->at(entry).next;
    const bool known = index_->at(entry).until != kNever;
    if (until != kNever && !known) index_->expire_at(entry, until);
  }
  while (const EntryRef entry = index_->expired(now)) drop(entry);
}

void Matcher::Impl::drop(EntryRef entry) {
  const BlockRef run = index_->at(entry).run;
  index_->remove(entry);
  release(run);
}

void Matcher::Impl::found(EntryRef ref) {
  RunIndex::Entry& entry = index_->at(ref);
  if (entry.visit == visit_) return;
  entry.visit = visit_;
  touched_.emplace_back(entry.label, ref);
}

/// The runs that the event may do something to, in the list's order.
void Matcher::Impl::find_touched() {
  ++visit_;
  touched_.clear();
  const auto visit = [&](EntryRef entry) { found(entry); };
  index_->each_always(visit);
  for (std::size_t i = 0; i < automaton_->lookups.size(); ++i) {
    const Lookup& lookup = automaton_->lookups[i];
    if (!index_->asks(i) || !takes_part(lookup)) continue;
    index_->each_all(i, visit);
    if (lookup.form == Lookup::kAll) continue;
    const Value value = tests_.value(lookup.candidate);
    if (value.is_null()) continue;
    if (lookup.form == Lookup::kEqual) {
      index_->each_equal(i, value, visit);
    } else if (const auto rank = rank_of(value)) {
      index_->each_ordered(i, lookup.form, *rank, visit);
    }
  }
  std::ranges::sort(touched_);
}

// ---- step 4

void Matcher::Impl::settle_indexed(RunList& list, Timestamp now, bool by_deadline,
                                   MatchSink& sink) {
  if (automaton_->ambiguous && !changed_.empty()) drop_changed_duplicates(by_deadline);
  for (const EntryRef entry : changed_) {
    const BlockRef ref = index_->at(entry).run;
    if (ref == 0 || !is_complete(at(ref))) continue;
    const RunRecord& match = at(ref);
    const bool matched = report_run(list, index_->at(entry).root, match, now, by_deadline, sink);
    index_->remove(entry);
    if (matched) prune_indexed(match);
    release(ref);
  }
  for (const EntryRef entry : changed_) {
    if (index_->at(entry).run != 0) enlist(entry, by_deadline);
  }
  settled(list);
}

void Matcher::Impl::settled(RunList& list) {
  forget_reported_indexed(list);
  index_->sweep();
  list.first = index_->first() == 0 ? 0 : index_->at(index_->first()).run;
  // Far below the size that it is made at, so that it is not made again and again.
  if (index_->size() <= few_runs_ / 4) {
    drop_index(list);
  } else if (index_->holdings_are_stale()) {
    hold_again();
  }
}

/// A run that has bound the event is like others that have; one that has not is like any other of
/// its root.
void Matcher::Impl::drop_changed_duplicates(bool by_deadline) {
  const auto add = [&](EntryRef entry) {
    add_place(index_->at(entry).run, index_->at(entry).label, entry);
  };
  const bool bound_all = !by_deadline && std::ranges::all_of(changed_, [&](EntryRef entry) {
    return holds_event(at(index_->at(entry).run));
  });
  places_.clear();
  if (bound_all) {
    std::ranges::for_each(changed_, add);
  } else {
    BlockRef root = 0;
    for (const EntryRef entry : changed_) {
      if (index_->at(entry).root == root) continue;
      root = index_->at(entry).root;
      for (EntryRef e = index_->root(root).first; e != 0; e = index_->sibling(e)) add(e);
    }
  }
  if (places_.size() < 2) return;
  find_duplicates();
  for (const EntryRef entry : duplicates_) drop(entry);
}

void Matcher::Impl::prune_indexed(const RunRecord& match) {
  const Pruning by = pruning(match);
  if (by.kind == Pruning::kNothing) return;
  if (by.kind == Pruning::kByStart) {
    while (index_->first() != 0 && is_pruned(at(index_->at(index_->first()).run), by)) {
      drop(index_->first());
    }
    return;
  }
  seqs_.clear();  // of first events
  for (ChainRef c = match.chain; c != 0; c = pool_->at(c).previous) {
    const std::uint64_t seq = pool_->events().seq(pool_->at(c).event);
    seqs_.push_back(seq);
    index_->each_holder(seq, [&](std::uint64_t start_seq) { seqs_.push_back(start_seq); });
  }
  std::ranges::sort(seqs_);
  seqs_.erase(std::unique(seqs_.begin(), seqs_.end()), seqs_.end());
  for (const std::uint64_t start_seq : seqs_) {
    const BlockRef root = index_->root_of(start_seq);
    for (EntryRef e = root == 0 ? 0 : index_->root(root).first; e != 0;) {
      const EntryRef next = index_->sibling(e);
      if (is_pruned(at(index_->at(e).run), by)) drop(e);
      e = next;
    }
  }
  // What has come of the event is not known by what it holds yet.
  for (const EntryRef entry : changed_) {
    const BlockRef run = index_->at(entry).run;
    if (run != 0 && is_pruned(at(run), by)) drop(entry);
  }
}

void Matcher::Impl::forget_reported_indexed(RunList& list) {
  for (BlockRef ref : index_->lost()) {
    while (ref != 0) {
      const BlockRef next = reported(ref).of_root;
      forget(list, ref);
      ref = next;
    }
  }
  index_->lost().clear();
  for (const std::uint64_t start_seq : index_->thinned()) {
    const BlockRef ref = index_->root_of(start_seq);
    if (ref == 0) continue;
    RunIndex::Root& root = index_->root(ref);
    seqs_.clear();  // hashes of what is open
    for (EntryRef e = root.first; e != 0; e = index_->sibling(e)) {
      seqs_.push_back(pool_->at(at(index_->at(e).run).chain).hash);
    }
    std::ranges::sort(seqs_);
    BlockRef* link = &root.reported;
    while (*link != 0) {
      const BlockRef at_link = *link;
      Reported& r = reported(at_link);
      if (std::ranges::binary_search(seqs_, pool_->at(r.chain).hash)) {
        link = &r.of_root;
      } else {
        *link = r.of_root;
        forget(list, at_link);
      }
    }
  }
  index_->thinned().clear();
}

// ---- how a run is found

void Matcher::Impl::enlist(EntryRef entry, bool by_deadline) {
  RunRecord& run = at(index_->at(entry).run);
  if (!run.announced && run.due != kNever) new_deadlines_.push_back({run.due, run.start_seq});
  run.announced = true;
  if (run.due != kNever) index_->add_due(entry, run.start_seq, run.due);
  const std::int64_t until = useful_until(run);
  const bool by_start = automaton_->within &&
                        until == (Timestamp{run.start_ts} + *automaton_->within).ns &&
                        until >= index_->expired_to;
  if (until != kNever && !by_start) index_->expire_at(entry, until);
  add_keys(entry);
  const bool first = pool_->at(run.chain).previous == 0;
  if (automaton_->after == AfterMatch::kConsume && !by_deadline && !first && holds_event(run)) {
    index_->hold(entry, tests_.event().seq);
  }
}

void Matcher::Impl::add_keys(EntryRef entry) {
  const RunRecord& run = at(index_->at(entry).run);
  if (run.threads != 1) return index_->add_always(entry);
  const ThreadView thread = threads(run).front();
  const Node& node = program_.nodes[thread.node];
  const bool waits = thread.waiting == Waiting::kEvent;
  if ((waits && thread.contiguity == Contiguity::kNext) ||
      std::ranges::any_of(thread.guards, [](const GuardRecord& g) { return g.next; })) {
    return index_->add_always(entry);
  }
  if (waits) {
    const std::int64_t filled = node.kind == NodeKind::kAnd ? thread.registers[node.count] : 0;
    for (const Test& test : node.tests) {
      if ((filled >> test.member & 1) == 0) {
        add_keys(entry, std::span(&test, 1), run.chain, thread.registers);
      }
    }
  }
  if (waits || thread.waiting == Waiting::kPause) {
    for (const UntilScope& scope : node.untils) {
      add_keys(entry, automaton_->untils[scope.until], run.chain, thread.registers);
    }
  }
  std::span<const std::int64_t> own = thread.guard_registers;
  for (const GuardRecord& pending : thread.guards) {
    const std::span<const std::int64_t> registers =
        pending.registers > 0 ? own.first(pending.registers) : thread.registers;
    own = own.subspan(pending.registers);
    add_keys(entry, automaton_->guards[pending.guard].tests, run.chain, registers);
  }
  add_keys(entry, automaton_->until, run.chain, thread.registers);
}

void Matcher::Impl::add_keys(EntryRef entry, std::span<const Test> tests, ChainRef chain,
                             std::span<const std::int64_t> registers) {
  for (const Test& test : tests) {
    const Lookup& lookup = automaton_->lookups[test.lookup];
    if (lookup.form == Lookup::kAll) {
      index_->add_all(entry, test.lookup);
      continue;
    }
    const ChainView bound(*automaton_, *pool_, tests_, chain, registers);
    const Value value = tests_.pool().eval(lookup.bound, {.candidate = nullptr,
                                                          .bound = &bound,
                                                          .tables = tests_.tables(),
                                                          .agg_results = {},
                                                          .scratch = &tests_.scratch()});
    if (value.is_null()) continue;  // compared with nothing it holds of nothing
    if (lookup.form == Lookup::kEqual) {
      index_->add_equal(entry, test.lookup, value);
    } else if (const auto rank = rank_of(value)) {
      index_->add_ordered(entry, test.lookup, *rank);
    } else {
      index_->add_all(entry, test.lookup);
    }
  }
}

/// All events that runs hold behind their first, root by root.
void Matcher::Impl::hold_again() {
  index_->forget_holdings();
  for (EntryRef first = index_->first(); first != 0;) {
    seqs_.clear();
    EntryRef e = first;
    for (EntryRef next = e; next != 0; next = index_->sibling(next)) {
      e = next;
      ChainRef c = at(index_->at(e).run).chain;
      for (; pool_->at(c).previous != 0; c = pool_->at(c).previous) {
        seqs_.push_back(pool_->events().seq(pool_->at(c).event));
      }
    }
    std::ranges::sort(seqs_);
    for (const std::uint64_t seq : seqs_) index_->hold(first, seq);
    first = index_->at(e).next;
  }
  index_->holdings_are_fresh();
}

}  // namespace weir::nfa
