#include "shard.hpp"

#include <algorithm>
#include <bit>
#include <new>

#include "shard_collector.hpp"

namespace weir::runtime {

/// Lists the matches of a sequence as those of runs are reported.
class Shard::ChainListing final : public nfa::MatchListing {
 public:
  ChainListing(Shard& shard, const PendingMatch& match, std::vector<PendingMatch>& out)
      : shard_(shard), match_(match), out_(out) {}

  void on_match(std::span<const nfa::BoundEvent> bound) override {
    nfa::ChainRef chain = 0;
    for (const nfa::BoundEvent& b : bound) {
      const nfa::EventRef event = shard_.evidence_.put(*b.event);
      const nfa::ChainRef before = chain;
      chain = shard_.bindings_.append(before, b.name, event);
      shard_.bindings_.release(before);
      shard_.evidence_.release(event);
    }
    out_.push_back({.rule = match_.rule,
                    .partition = match_.partition,
                    .shard = &shard_,
                    .detected_at = match_.detected_at,
                    .start_seq = bound.front().event->seq,
                    .chain = chain});
  }

 private:
  Shard& shard_;
  const PendingMatch& match_;
  std::vector<PendingMatch>& out_;
};

Shard::Shard(const nfa::Program& program, const Dispatch& dispatch, nfa::Matcher& matcher,
             nfa::EventTests& tests, const EngineOptions& options)
    : program_(program),
      dispatch_(dispatch),
      matcher_(matcher),
      tests_(tests),
      traced_(options.tracer != nullptr),
      index_from_(options.index_from),
      look_ahead_from_(options.look_ahead_from),
      bindings_(evidence_),
      sequences_(nodes_, evidence_),
      families_(nodes_, evidence_),
      by_key_(program.keys.size()),
      seen_(program.rules.size(), 0),
      may_begin_(program.rules.size(), 0),
      touched_(program.rules.size(), 0),
      window_due_of_(program.derives.size()),
      timers_(program),
      ages_of_(dispatch.plans(), 0) {
  for (const nfa::KeySpec& spec : program.keys) {
    key_sizes_.push_back((spec.by_type.empty() ? spec.fields : spec.by_type.front().second).size());
  }
  for (PlanId plan = 0; plan < dispatch.plans(); ++plan) {
    layouts_.push_back(layout(dispatch.plan(plan)));
    const std::int64_t span = dispatch.plan(plan).span;
    if (span == nfa::kNoSpan) continue;
    ages_of_[plan] = aging_.size();
    constexpr int kSpanBits = 20;
    const auto width = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(span)));
    const int bits = std::max(width - kSpanBits, 0);
    // Both ends of a span are rounded down: one tick more, and it is over for sure.
    aging_.push_back({.plan = plan,
                      .tick_bits = static_cast<unsigned>(bits),
                      .span = static_cast<std::uint32_t>(span >> bits) + (bits > 0 ? 1 : 0)});
  }
  windows_.reserve(program.derives.size());
  for (const nfa::Derive& derive : program.derives) {
    windows_.emplace_back(program.exprs, derive,
                          options.panes ? window_plan(program, derive) : WindowPlan::kListed);
  }
}

// ---- keys and states

inline PartitionId Shard::find_partition(nfa::KeySpecId spec, const KeyOfEvent& key) const {
  return by_key_[spec].find(key.hash, [&](PartitionId id) { return has_key(id, key.values); });
}

std::span<const Value> Shard::key_of(PartitionId id, Value& room) const noexcept {
  if (state(id).is_integer == 0) return stored_key(id);
  room = Value::integer(integer_key(id));
  return {&room, 1};
}

/// Of the last state that it had nothing is left but the place.
void Shard::close_partition(PartitionId id) {
  State& s = state(id);
  const Layout& parts = layouts_[s.plan];
  const std::size_t key =
      s.is_integer != 0 ? sizeof(std::int64_t) : nfa::copied_bytes(stored_key(id));
  if (s.is_indexed != 0) indexed_.erase(index_key(id, s.plan));
  clear_state(id);
  by_key_[parts.key].erase(s.tag, id);
  s.serial = 0;
  keys_.free(id, parts.bytes + key);
}

Shard::Layout Shard::layout(const RulePlan& plan) noexcept {
  std::size_t end = sizeof(State);
  if (plan.family != nullptr) {
    end += sizeof(nfa::FamilyState);
  } else if (plan.sequence != nullptr) {
    end += nfa::SequenceState::bytes(*plan.sequence);
  } else {
    end += nfa::Matcher::list_bytes(*plan.automaton);
  }
  Layout parts{.key = plan.key};
  if (plan.span != nfa::kNoSpan) {
    parts.age = static_cast<std::uint32_t>(end);
    end += sizeof(Age);
  }
  constexpr std::size_t kUnit = nfa::ChunkArena::kUnit;
  parts.bytes = static_cast<std::uint32_t>((end + kUnit - 1) / kUnit * kUnit);
  return parts;
}

/// Opens the partition as well, where `id` is 0.
nfa::BlockRef Shard::open_state(nfa::KeySpecId spec, const KeyOfEvent& key, PartitionId& id,
                                PlanId plan) {
  const Layout& parts = layouts_[plan];
  nfa::BlockRef ref = 0;
  if (id == 0) {
    const bool is_integer = key.values.size() == 1 && key.values[0].type() == ValueType::kInt;
    ref = keys_.allocate(parts.bytes +
                         (is_integer ? sizeof(std::int64_t) : nfa::copied_bytes(key.values)));
    if (++next_serial_ == 0) ++next_serial_;
    new (&state(ref)) State{.next = 0,
                            .serial = next_serial_,
                            .tag = KeyTable::tag_of(key.hash),
                            .plan = plan & 0x3fffffffU,
                            .is_integer = is_integer,
                            .is_indexed = 0};
    std::byte* const values = keys_.at(ref) + parts.bytes;
    if (is_integer) {
      new (values) std::int64_t(key.values[0].as_int());
    } else {
      nfa::copy_values(key.values, values);
    }
    id = ref;
    KeyTable& table = by_key_[spec];
    table.insert(key.hash, id);
    if (table.size() > look_ahead_from_) many_keys_ = true;
  } else {
    ref = keys_.allocate(parts.bytes);
    new (&state(ref)) State{.next = state(id).next,
                            .serial = 0,
                            .tag = id,
                            .plan = plan & 0x3fffffffU,
                            .is_integer = 0,
                            .is_indexed = 0};
    state(id).next = ref;
    index_state(id, ref);
  }
  if (parts.age != 0) {
    link_newest(aging_[ages_of_[plan]], ref, tests_.event().ts.ns);
  }
  const RulePlan& of = dispatch_.plan(plan);
  if (of.sequence != nullptr) {
    nfa::SequenceMatcher::begin(*of.sequence, sequence(ref));
  } else if (of.family != nullptr) {
    new (&family(ref)) nfa::FamilyState();
  } else {
    nfa::Matcher::begin(*of.automaton, list_of(ref));
  }
  return ref;
}

nfa::BlockRef Shard::find_state(const PartitionTicket& timer, PlanId plan) const {
  if (!is_open(timer)) return 0;
  nfa::BlockRef ref = timer.partition;
  if (state(ref).is_indexed != 0) {
    const auto found = indexed_.find(index_key(ref, plan));
    return found == indexed_.end() ? 0 : found->second;
  }
  while (ref != 0 && state(ref).plan != plan) ref = state(ref).next;
  return ref;
}

bool Shard::is_empty(nfa::BlockRef ref) const {
  const RulePlan& plan = dispatch_.plan(state(ref).plan);
  if (plan.family != nullptr) return nfa::FamilyMatcher::empty(family(ref));
  if (plan.sequence != nullptr) {
    return sequences_.empty(*plan.sequence, sequence(ref));
  }
  return nfa::Matcher::empty(*plan.automaton, list_of(ref));
}

/// Gives back all that the state holds, but not its own place.
void Shard::clear_state(nfa::BlockRef ref) {
  const PlanId id = state(ref).plan;
  const RulePlan& plan = dispatch_.plan(id);
  if (plan.family != nullptr) {
    families_.clear(*plan.family, family(ref));
  } else if (plan.sequence != nullptr) {
    sequences_.clear(*plan.sequence, sequence(ref));
  }
  if (layouts_[id].age != 0) unlink(aging_[ages_of_[id]], ref);
}

/// A further state of a partition: from the first that is too many on, all are in the index.
void Shard::index_state(PartitionId id, nfa::BlockRef ref) {
  State& first = state(id);
  if (first.is_indexed != 0) {
    indexed_.emplace(index_key(id, state(ref).plan), ref);
    return;
  }
  std::size_t states = 0;
  for (nfa::BlockRef s = id; s != 0; s = state(s).next) ++states;
  if (states <= index_from_) return;
  first.is_indexed = 1;
  for (nfa::BlockRef s = id; s != 0; s = state(s).next) {
    indexed_.emplace(index_key(id, state(s).plan), s);
  }
}

void Shard::tidy_partitions() {
  for (const MaybeEmpty& entry : maybe_empty_) tidy_partition(entry);
  maybe_empty_.clear();
}

void Shard::tidy_partition(const MaybeEmpty& entry) {
  const nfa::BlockRef ref = find_state(entry.of, entry.plan);
  if (ref == 0 || !is_empty(ref)) return;
  const PartitionId id = entry.of.partition;
  if (ref != id) {
    nfa::BlockRef* link = &state(id).next;
    while (*link != ref) link = &state(*link).next;
    *link = state(ref).next;
    if (state(id).is_indexed != 0) indexed_.erase(index_key(id, entry.plan));
    clear_state(ref);
    keys_.free(ref, layouts_[entry.plan].bytes);
  }
  // The first state stays as long as there are others.
  if (state(id).next == 0 && is_empty(id)) close_partition(id);
}

std::string_view Shard::text_of(PartitionId id) {
  text_.clear();
  if (!traced_) return text_;
  Value room;
  const std::span<const Value> key = key_of(id, room);
  const std::vector<std::string>& names = program_.keys[layouts_[state(id).plan].key].names;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text_ += ' ';
    text_ += names[i] + "=";
    append_text(text_, key[i]);
  }
  return text_;
}

std::span<const Value> Shard::key_values(const PendingMatch& match, Value& room) const {
  const std::size_t own = program_.keys[program_.rules[match.rule].key].names.size();
  return key_of(match.partition, room).first(own);
}

// ---- memory asked for ahead of time

nfa::BlockRef Shard::prefetch_nodes(PartitionId id) const noexcept {
  if (id == 0) return 0;
  if (dispatch_.plan(state(id).plan).sequence == nullptr) return 0;
  sequences_.prefetch_nodes(sequence(id));
  return id;
}

void Shard::prefetch_events(nfa::BlockRef ref) const noexcept {
  if (ref == 0) return;
  sequences_.prefetch_events(*dispatch_.plan(state(ref).plan).sequence, sequence(ref));
}

// ---- events

inline void Shard::step_sequence(const RuleReader& reader, PartitionId id, nfa::BlockRef ref,
                                 std::vector<PendingMatch>& matches) {
  take_completion(reader, id, ref,
                  sequences_.step(*reader.sequence, *reader.type, sequence(ref), tests_), matches);
}

/// What becomes of a sequence's state after a step.
[[gnu::always_inline]] inline void Shard::take_completion(const RuleReader& reader, PartitionId id,
                                                          nfa::BlockRef ref,
                                                          const nfa::SequenceCompletion& completion,
                                                          std::vector<PendingMatch>& matches) {
  const nfa::SequencePlan& plan = *reader.sequence;
  if (completion.any()) {
    const Event& event = tests_.event();
    const PendingMatch match{.rule = reader.rule,
                             .partition = plan.kept() == 0 ? 0 : id,
                             .shard = this,
                             .detected_at = event.ts,
                             .start_seq = 0,
                             .state = ref,
                             .event = &event,
                             .completion = completion};
    if (reader.lists_at_once && match.partition != 0) {
      ChainListing listing(*this, match, matches);
      sequences_.list(plan, sequence(ref), completion, &event, tests_, listing);
    } else {
      matches.push_back(match);
    }
  }
  if (sequences_.empty(plan, sequence(ref))) {
    maybe_empty_.push_back({ticket(id), reader.rule});
  } else if (plan.silence != nfa::Silence::kNone && sequences_.started()) {
    await_silence(reader, id, sequence(ref));
  }
}

/// The readers that the index names for the event, each once; `found_at` gets the visit, by rule.
void Shard::find_readers(const RuleGroup& group, const ReaderIndex& index,
                         std::vector<std::uint64_t>& found_at, std::vector<std::uint32_t>& found) {
  found.clear();
  const auto add = [&](std::uint32_t i) {
    std::uint64_t& at = found_at[group.readers[i].rule];
    if (at != visit_) found.push_back(i);
    at = visit_;
  };
  std::ranges::for_each(index.always, add);
  hits_.clear();
  index.index.match(tests_, hits_);
  for (const std::uint32_t hit : hits_) std::ranges::for_each(index.readers[hit], add);
}

inline void Shard::step_state(const RuleGroup& group, const RuleReader& reader, PartitionId id,
                              nfa::BlockRef ref, std::vector<PendingMatch>& matches) {
  seen_[reader.rule] = visit_;
  if (reader.sequence != nullptr) {
    if (reader.type != nullptr) step_sequence(reader, id, ref, matches);
    return;
  }
  matcher_.attach(bindings_, nodes_);
  const bool may_begin = group.starts == nullptr || may_begin_[reader.rule] == visit_;
  step_listed(id, ref, may_begin && matcher_.concerns_empty(reader.rule), matches);
}

inline void Shard::step_open(const RuleGroup& group, PartitionId id,
                             std::vector<PendingMatch>& matches) {
  if (state(id).is_indexed == 0) {
    for (nfa::BlockRef ref = id; ref != 0; ref = state(ref).next) {
      if (const RuleReader* reader = group.find(state(ref).plan)) {
        step_state(group, *reader, id, ref, matches);
      }
    }
    return;
  }
  const auto step = [&](const RuleReader& reader) {
    const auto found = indexed_.find(index_key(id, reader.rule));
    if (found != indexed_.end()) step_state(group, reader, id, found->second, matches);
  };
  if (group.touches == nullptr) {
    std::ranges::for_each(group.readers, step);
  } else {
    find_readers(group, *group.touches, touched_, touching_);
    for (const std::uint32_t i : touching_) step(group.readers[i]);
  }
}

void Shard::deliver(const RuleGroup& group, const KeyOfEvent& key,
                    std::vector<PendingMatch>& matches) {
  PartitionId id = find_partition(group.key, key);
  ++visit_;
  if (group.starts != nullptr) find_readers(group, *group.starts, may_begin_, starting_);
  if (id != 0 && !group.readers.empty()) step_open(group, id, matches);
  if (group.starts != nullptr) {
    for (const std::uint32_t i : starting_) try_begin(group, group.readers[i], key, id, matches);
  } else {
    for (const std::uint32_t i : group.beginners) {
      try_begin(group, group.readers[i], key, id, matches);
    }
  }
  for (const FamilyReader& reader : group.families) step_family(group, reader, key, id, matches);
}

/// Unless there is a state already that has seen the event.
void Shard::begin(const RuleGroup& group, const RuleReader& reader, const KeyOfEvent& key,
                  PartitionId& id, std::vector<PendingMatch>& matches) {
  int test = nfa::SequenceMatcher::kNoTest;
  if (reader.sequence == nullptr) {
    matcher_.attach(bindings_, nodes_);
    if (!matcher_.concerns_empty(reader.rule)) return;
  } else {
    if (reader.type == nullptr) return;
    test = nfa::SequenceMatcher::first_test(*reader.sequence, *reader.type, tests_);
    if (test == nfa::SequenceMatcher::kNoTest) {
      if (reader.type->leading.empty()) return;
      if (!nfa::SequenceMatcher::leads(*reader.sequence, *reader.type, tests_)) return;
    }
    if (reader.sequence->single()) {
      seen_[reader.rule] = visit_;
      const Event& event = tests_.event();
      matches.push_back({.rule = reader.rule,
                         .shard = this,
                         .detected_at = event.ts,
                         .start_seq = event.seq,
                         .event = &event,
                         .completion = {.test = static_cast<std::uint8_t>(test)}});
      return;
    }
  }
  seen_[reader.rule] = visit_;
  const nfa::BlockRef ref = open_state(group.key, key, id, reader.rule);
  if (reader.sequence == nullptr) return step_listed(id, ref, true, matches);
  take_completion(reader, id, ref,
                  sequences_.start(*reader.sequence, *reader.type, test, sequence(ref), tests_),
                  matches);
}

void Shard::step_family(const RuleGroup& group, const FamilyReader& reader, const KeyOfEvent& key,
                        PartitionId& id, std::vector<PendingMatch>& matches) {
  const nfa::FamilyPlan& plan = *reader.plan;
  nfa::BlockRef ref = id == 0 ? 0 : find_state(ticket(id), reader.id);
  const Event& event = tests_.event();
  family_places_.clear();
  for (const FamilyReader::Step& at : reader.steps) {
    const nfa::FamilyStep& step = plan.steps[at.step];
    const bool awaited =
        ref == 0 ? step.parent == nfa::kNoStep : families_.awaited(plan, at.step, family(ref));
    if (!awaited) continue;
    if (at.takes && families_.find(step, tests_, reader.members, family_bits_)) {
      if (ref == 0) ref = open_state(group.key, key, id, reader.id);
      families_.step(plan, at.step, family_bits_, event, family(ref), family_places_);
    } else if (!at.guards.empty()) {
      family_bits_.assign(step.words, 0);
    }
    for (const nfa::FamilyTest* guard : at.guards) {
      if (!families_.find(*guard, tests_, reader.members, family_ends_)) continue;
      families_.end_waits(plan, at.step, family_ends_, family_bits_, event, family(ref));
    }
  }
  for (const std::uint32_t place : family_places_) {
    matches.push_back({.rule = plan.members[place].rule,
                       .partition = id,
                       .shard = this,
                       .detected_at = event.ts,
                       .state = ref,
                       .event = &event,
                       .place = place});
  }
  if (ref != 0 && nfa::FamilyMatcher::empty(family(ref))) {
    maybe_empty_.push_back({ticket(id), reader.id});
  }
}

void Shard::list_of_family(const PendingMatch& match, nfa::MatchListing& listing) {
  const nfa::FamilyPlan& plan = *dispatch_.plan(match.rule).family;
  nfa::FamilyState& s = family(match.state);
  families_.list(plan, match.place, *match.event, s, listing);
  if (!nfa::FamilyMatcher::empty(s)) return;
  maybe_empty_.push_back({ticket(match.partition), state(match.state).plan});
}

void Shard::await_silence(const RuleReader& reader, PartitionId id, const nfa::SequenceState& s) {
  const Event& event = tests_.event();
  const std::int64_t at = (event.ts + Duration{reader.sequence->silence_span}).ns;
  if (at == nfa::kNever) return;  // past the end of time
  push(reader.rule,
       {.at = at, .start_seq = event.seq, .of = ticket(id), .index = sequences_.last_start(s)});
}

/// REQUIRES: the matcher is attached.
void Shard::step_listed(PartitionId id, nfa::BlockRef ref, bool begins,
                        std::vector<PendingMatch>& matches) {
  Collector collector(*this, id, matches);
  matcher_.step(state(ref).plan, list_of(ref), begins, text_of(id), collector);
  schedule(id, state(ref).plan);
  if (is_empty(ref)) maybe_empty_.push_back({ticket(id), state(ref).plan});
}

void Shard::list(const PendingMatch& match, nfa::MatchListing& listing) {
  if (dispatch_.plan(match.rule).family != nullptr) return list_of_family(match, listing);
  const nfa::SequencePlan& plan = *dispatch_.plan(match.rule).sequence;
  if (match.partition == 0) {
    const nfa::BoundEvent bound{plan.steps.front().tests[match.completion.test].name, match.event};
    return listing.wanted() > 0 ? listing.on_match({&bound, 1}) : listing.on_more(1);
  }
  nfa::SequenceState& s = sequence(match.state);
  sequences_.list(plan, s, match.completion, match.event, tests_, listing);
  if (sequences_.empty(plan, s)) maybe_empty_.push_back({ticket(match.partition), match.rule});
}

std::uint64_t Shard::open_runs() const {
  std::uint64_t n = 0;
  for (const KeyTable& table : by_key_) {
    table.for_each([&](PartitionId id) {
      for (nfa::BlockRef ref = id; ref != 0; ref = state(ref).next) {
        const RulePlan& plan = dispatch_.plan(state(ref).plan);
        if (plan.family != nullptr) {
          n += family(ref).nodes;
        } else {
          n += plan.sequence != nullptr ? sequences_.held(*plan.sequence, sequence(ref))
                                        : nfa::Matcher::runs(nodes_, list_of(ref));
        }
      }
    });
  }
  return n;
}

void Shard::clear() {
  matcher_.attach(bindings_, nodes_);
  std::vector<PartitionId> all;
  for (const KeyTable& table : by_key_) table.for_each([&](PartitionId id) { all.push_back(id); });
  // As they were opened, whatever the order of a hash table.
  std::ranges::sort(all, {}, [&](PartitionId id) { return state(id).serial; });
  for (const PartitionId id : all) {
    for (nfa::BlockRef ref = id; ref != 0; ref = state(ref).next) {
      const RulePlan& plan = dispatch_.plan(state(ref).plan);
      if (plan.sequence == nullptr && plan.family == nullptr) {
        matcher_.clear(state(ref).plan, list_of(ref));
      }
    }
  }
}

}  // namespace weir::runtime
