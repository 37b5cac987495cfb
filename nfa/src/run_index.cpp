#include "run_index.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <new>

namespace weir::nfa {

std::optional<Rank> rank_of(const Value& value) noexcept {
  switch (value.type()) {
    case ValueType::kInt:
    case ValueType::kFloat:
      return Rank{ValueType::kFloat, value.number()};
    case ValueType::kTimestamp:
      return Rank{ValueType::kTimestamp, static_cast<double>(value.as_timestamp().ns)};
    case ValueType::kDuration:
      return Rank{ValueType::kDuration, static_cast<double>(value.as_duration().ns)};
    default:
      return std::nullopt;
  }
}

void RunIndex::begin(std::size_t lookups) {
  always_ = lookups;
  all_.assign(lookups + 1, 0);
  asking_.assign(lookups + 1, 0);
  expired_to = kNoTime;
  while (ordered_.size() < lookups) ordered_.emplace_back(&shared_.sets);
}

void RunIndex::clear() {
  while (first_ != 0) remove(first_);
  sweep();
  shared_.lost.clear();
  shared_.thinned.clear();
}

// ---- the list

EntryRef RunIndex::insert(EntryRef before, BlockRef run) {
  const std::uint64_t label = label_before(before);
  const EntryRef previous = before == 0 ? last_ : at(before).previous;
  const EntryRef ref = memory_.allocate(sizeof(Entry));
  new (memory_.at(ref)) Entry{.label = label,
                              .until = kNever,
                              .visit = 0,
                              .run = run,
                              .next = before,
                              .previous = previous,
                              .root = 0,
                              .keys = 0};
  (previous == 0 ? first_ : at(previous).next) = ref;
  (before == 0 ? last_ : at(before).previous) = ref;
  runs_.at(run).next = before == 0 ? 0 : at(before).run;
  link_run(previous, run);
  if (cursor_ == before) cursor_ = ref;
  at(ref).root = root_for(before, ref);
  ++size_;
  return ref;
}

/// That of the run behind it or in front of it, or one of its own.
BlockRef RunIndex::root_for(EntryRef before, EntryRef entry) {
  const std::uint64_t start_seq = runs_.at(at(entry).run).start_seq;
  if (before != 0 && root(at(before).root).key == start_seq) {
    Root& shared = root(at(before).root);
    if (shared.first == before) shared.first = entry;
    return at(before).root;
  }
  const EntryRef previous = at(entry).previous;
  if (previous != 0 && root(at(previous).root).key == start_seq) return at(previous).root;
  const BlockRef made = memory_.allocate(sizeof(Root));
  new (memory_.at(made)) Root{.key = start_seq,
                              .held = 0,
                              .next = 0,
                              .previous = 0,
                              .first = entry,
                              .holdings = 0,
                              .reported = 0};
  roots_.insert(memory_, made);
  return made;
}

std::uint64_t RunIndex::label_before(EntryRef before) {
  if (before == 0) {
    if (last_ == 0) return kGap;
    if (at(last_).label > std::numeric_limits<std::uint64_t>::max() - 2 * kGap) spread_all();
    return at(last_).label + kGap;
  }
  const auto room = [&] {
    const EntryRef previous = at(before).previous;
    return at(before).label - (previous == 0 ? 0 : at(previous).label);
  };
  if (room() < 2 && !spread_root(before)) spread_all();
  return at(before).label - room() / 2;
}

/// New labels for the runs of one root, between those of its neighbours. Each time they have room
/// for some 30 runs more at one place. False where there is none.
bool RunIndex::spread_root(EntryRef entry) {
  const EntryRef first = root(at(entry).root).first;
  std::uint64_t runs = 0;
  EntryRef last = 0;
  for (EntryRef e = first; e != 0; e = sibling(e)) {
    ++runs;
    last = e;
  }
  const EntryRef previous = at(first).previous;
  const EntryRef next = at(last).next;
  const std::uint64_t from = previous == 0 ? 0 : at(previous).label;
  const std::uint64_t to = next == 0 ? at(last).label + kGap : at(next).label;
  const std::uint64_t step = (to - from) / (runs + 1);
  if (step < 2) return false;
  std::uint64_t label = from;
  for (EntryRef e = first; e != 0; e = sibling(e)) at(e).label = label += step;
  return true;
}

void RunIndex::spread_all() {
  const std::uint64_t step =
      std::min(kGap, std::numeric_limits<std::uint64_t>::max() / 2 / (size_ + 1));
  std::uint64_t label = 0;
  for (EntryRef e = first_; e != 0; e = at(e).next) at(e).label = label += step;
}

void RunIndex::replace(EntryRef ref, BlockRef run) {
  drop_keys(ref);
  Entry& entry = at(ref);
  if (root(entry.root).reported != 0) shared_.thinned.push_back(root(entry.root).key);
  entry.run = run;
  link_run(entry.previous, run);
  runs_.at(run).next = entry.next == 0 ? 0 : at(entry.next).run;
}

void RunIndex::remove(EntryRef ref) {
  drop_keys(ref);
  Entry& entry = at(ref);
  Root& of = root(entry.root);
  if (of.reported != 0) shared_.thinned.push_back(of.key);
  if (of.first == ref) {
    of.first = sibling(ref);
    if (of.first == 0) drop_root(entry.root);
  }
  link_run(entry.previous, entry.next == 0 ? 0 : at(entry.next).run);
  (entry.previous == 0 ? first_ : at(entry.previous).next) = entry.next;
  (entry.next == 0 ? last_ : at(entry.next).previous) = entry.previous;
  if (cursor_ == ref) cursor_ = entry.next;
  entry.run = 0;
  shared_.removed.push_back(ref);
  --size_;
}

void RunIndex::sweep() {
  for (const EntryRef ref : shared_.removed) memory_.free(ref, sizeof(Entry));
  shared_.removed.clear();
}

void RunIndex::drop_root(BlockRef ref) {
  free_holdings(ref);
  if (root(ref).reported != 0) shared_.lost.push_back(root(ref).reported);
  roots_.erase(memory_, ref);
  memory_.free(ref, sizeof(Root));
}

// ---- keys

BlockRef RunIndex::add_key(EntryRef entry, std::size_t lookup, Key::Form form) {
  const BlockRef ref = memory_.allocate(sizeof(Key));
  new (memory_.at(ref)) Key{.key = 0,
                            .next = 0,
                            .previous = 0,
                            .entry = entry,
                            .of_entry = at(entry).keys,
                            .lookup = static_cast<std::uint16_t>(lookup),
                            .form = form,
                            .kind = ValueType::kNull};
  at(entry).keys = ref;
  if (lookup != kDue) ++asking_[lookup];
  return ref;
}

void RunIndex::add_all(EntryRef entry, std::size_t lookup) {
  const BlockRef ref = add_key(entry, lookup, Key::kAll);
  BlockRef& head = all_[lookup];
  key(ref).next = head;
  if (head != 0) key(head).previous = ref;
  head = ref;
}

void RunIndex::add_equal(EntryRef entry, std::size_t lookup, const Value& value) {
  const BlockRef ref = add_key(entry, lookup, Key::kHashed);
  key(ref).key = hash_value(value, lookup);
  hashed_.insert(memory_, ref);
}

void RunIndex::add_ordered(EntryRef entry, std::size_t lookup, Rank rank) {
  const BlockRef ref = add_key(entry, lookup, Key::kOrdered);
  key(ref).key = std::bit_cast<std::uint64_t>(rank.at);
  key(ref).kind = rank.kind;
  ordered_[lookup].insert({rank, ref});
}

void RunIndex::add_due(EntryRef entry, std::uint64_t start_seq, std::int64_t due) {
  const BlockRef ref = add_key(entry, kDue, Key::kHashed);
  key(ref).key = hash_due(start_seq, due);
  hashed_.insert(memory_, ref);
}

void RunIndex::expire_at(EntryRef entry, std::int64_t until) {
  at(entry).until = until;
  expiring_.insert({until, entry});
}

void RunIndex::drop_keys(EntryRef entry) {
  for (BlockRef ref = at(entry).keys; ref != 0;) {
    const Key& k = key(ref);
    if (k.lookup != kDue) --asking_[k.lookup];
    switch (k.form) {
      case Key::kAll:
        (k.previous == 0 ? all_[k.lookup] : key(k.previous).next) = k.next;
        if (k.next != 0) key(k.next).previous = k.previous;
        break;
      case Key::kHashed:
        hashed_.erase(memory_, ref);
        break;
      case Key::kOrdered:
        ordered_[k.lookup].erase({Rank{k.kind, std::bit_cast<double>(k.key)}, ref});
        break;
    }
    const BlockRef after = k.of_entry;
    memory_.free(ref, sizeof(Key));
    ref = after;
  }
  at(entry).keys = 0;
  if (at(entry).until != kNever) expiring_.erase({at(entry).until, entry});
  at(entry).until = kNever;
}

EntryRef RunIndex::find_due(std::uint64_t start_seq, std::int64_t due) const noexcept {
  EntryRef found = 0;
  BlockRef ref = hashed_.first(memory_, hash_due(start_seq, due));
  for (; ref != 0; ref = hashed_.next(memory_, ref)) {
    if (key(ref).lookup != kDue) continue;
    const EntryRef entry = key(ref).entry;
    const RunRecord& run = runs_.at(at(entry).run);
    if (run.start_seq != start_seq || run.due != due) continue;
    if (found == 0 || at(entry).label < at(found).label) found = entry;
  }
  return found;
}

// ---- what runs hold

void RunIndex::hold(EntryRef entry, std::uint64_t seq) {
  const BlockRef of = at(entry).root;
  if (root(of).held == seq) return;
  const BlockRef made = memory_.allocate(sizeof(Holding));
  new (memory_.at(made))
      Holding{.key = seq, .next = 0, .previous = 0, .root = of, .of_root = root(of).holdings};
  root(of).holdings = made;
  root(of).held = seq;
  held_.insert(memory_, made);
}

void RunIndex::free_holdings(BlockRef of) {
  for (BlockRef ref = root(of).holdings; ref != 0;) {
    const BlockRef after = holding(ref).of_root;
    held_.erase(memory_, ref);
    memory_.free(ref, sizeof(Holding));
    ref = after;
  }
  root(of).holdings = 0;
  root(of).held = 0;
}

void RunIndex::forget_holdings() {
  for (EntryRef e = first_; e != 0; e = at(e).next) free_holdings(at(e).root);
}

}  // namespace weir::nfa
