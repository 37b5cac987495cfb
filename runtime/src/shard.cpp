#include "shard.hpp"

#include <algorithm>

namespace weir::runtime {

/// Keeps what the matcher reports until all rules have seen the event.
class Shard::Collector final : public nfa::MatchSink {
 public:
  Collector(Shard& shard, PartitionId partition, std::vector<PendingMatch>& out)
      : shard_(shard), partition_(partition), out_(out) {}

  void on_match(const nfa::Match& match) override {
    shard_.bindings_.retain(match.chain);
    out_.push_back({.rule = match.rule,
                    .partition = partition_,
                    .shard = &shard_,
                    .detected_at = match.detected_at,
                    .start_seq = match.start_seq,
                    .chain = match.chain});
  }

 private:
  Shard& shard_;
  PartitionId partition_;
  std::vector<PendingMatch>& out_;
};

Shard::Shard(const nfa::Program& program, nfa::Matcher& matcher, nfa::EventTests& tests,
             bool traced, bool panes)
    : program_(program),
      matcher_(matcher),
      tests_(tests),
      traced_(traced),
      bindings_(evidence_),
      by_key_(program.keys.size()),
      window_due_of_(program.derives.size()),
      pending_(program.rules.size(), 0) {
  windows_.reserve(program.derives.size());
  for (const nfa::Derive& derive : program.derives) {
    windows_.emplace_back(program.exprs, derive,
                          panes ? window_plan(program, derive) : WindowPlan::kListed);
  }
}

PartitionId Shard::open_partition(nfa::KeySpecId spec, const KeyOfEvent& key) {
  PartitionId id;
  if (free_.empty()) {
    id = static_cast<PartitionId>(partitions_.size());
    partitions_.push_back(std::make_unique<Partition>());
  } else {
    id = free_.back();
    free_.pop_back();
  }
  Partition& p = *partitions_[id];
  p.spec = spec;
  p.bytes = key.bytes;
  p.values = p.arena.copy(Value::list(key.values)).as_list();
  if (traced_) {
    p.text.clear();
    for (std::size_t i = 0; i < key.values.size(); ++i) {
      if (i > 0) p.text += ' ';
      p.text += program_.keys[spec].names[i] + "=";
      append_text(p.text, key.values[i]);
    }
  }
  by_key_[spec].emplace(key.bytes, id);
  return id;
}

Shard::RuleState* Shard::find(Partition& partition, nfa::RuleId rule) {
  const auto at = std::ranges::lower_bound(partition.rules, rule, {}, &RuleState::rule);
  return at != partition.rules.end() && at->rule == rule ? &*at : nullptr;
}

Shard::RuleState& Shard::find_or_add(Partition& partition, nfa::RuleId rule) {
  const auto at = std::ranges::lower_bound(partition.rules, rule, {}, &RuleState::rule);
  if (at != partition.rules.end() && at->rule == rule) return *at;
  RuleState state;
  state.rule = rule;
  return *partition.rules.insert(at, std::move(state));
}

void Shard::deliver(nfa::RuleId rule, const KeyOfEvent& key, std::vector<PendingMatch>& matches) {
  matcher_.attach(bindings_);
  const nfa::KeySpecId spec = program_.rules[rule].key;
  const auto found = by_key_[spec].find(key.bytes);
  const bool known = found != by_key_[spec].end();
  if ((!known || find(*partitions_[found->second], rule) == nullptr) &&
      !matcher_.concerns_empty(rule)) {
    return;
  }
  const PartitionId id = known ? found->second : open_partition(spec, key);
  Partition& partition = *partitions_[id];
  RuleState& state = find_or_add(partition, rule);
  Collector collector(*this, id, matches);
  matcher_.step(rule, state.list, partition.text, collector);
  schedule(id, state, tests_.event().ts);
}

void Shard::push(DueKey::Phase phase, std::int64_t at, PartitionId id, nfa::RuleId rule,
                 std::uint64_t start_seq) {
  if (phase == DueKey::kDeadline) ++pending_[rule];
  timers_.push({.key = {.at = at,
                        .phase = phase,
                        .rank = program_.rules[rule].stratum,
                        .index = rule,
                        .start_seq = start_seq},
                .partition = id,
                .generation = partitions_[id]->generation});
}

void Shard::schedule(PartitionId id, RuleState& state, Timestamp now) {
  for (nfa::Run& run : state.list.runs) {
    if (run.due == run.scheduled) continue;
    run.scheduled = run.due;
    if (run.due != nfa::kNever) push(DueKey::kDeadline, run.due, id, state.rule, run.start_seq);
  }
  if (state.list.empty()) {
    maybe_empty_.push_back(id);
    return;
  }
  const nfa::Automaton& automaton = program_.rules[state.rule].automaton;
  if (state.expires != nfa::kNever || (!automaton.within && automaton.leading.empty())) return;
  // Nothing of a key that falls silent is kept past what WITHIN allows.
  Duration span = automaton.within.value_or(Duration{0});
  for (const nfa::LeadingNot& leading : automaton.leading) span = std::max(span, leading.within);
  state.expires = (now + span + Duration{1}).ns;
  if (state.expires != nfa::kNever) push(DueKey::kExpiry, state.expires, id, state.rule, 0);
}

void Shard::add_to_window(nfa::DeriveId derive, const KeyOfEvent& key) {
  windows_[derive].add(tests_.event(), {key.bytes, key.hash, key.values}, tests_.tables(),
                       tests_.scratch());
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
  if (known) windows_due_.erase(*known);
  if (now) windows_due_.insert(*now);
  known = now;
}

std::optional<DueKey> Shard::next_due() const {
  std::optional<DueKey> next;
  if (!windows_due_.empty()) next = *windows_due_.begin();
  if (!timers_.empty() && (!next || timers_.top().key < *next)) next = timers_.top().key;
  return next;
}

void Shard::close_window(const WindowOperator::Emit& emit) {
  const nfa::DeriveId derive = windows_due_.begin()->index;
  window_scratch_.reset();
  windows_[derive].close_next(tests_.tables(), window_scratch_, emit);
  update_window_due(derive);
}

void Shard::fire(std::vector<PendingMatch>& matches) {
  matcher_.attach(bindings_);
  const Timer timer = timers_.top();
  timers_.pop();
  if (timer.key.phase == DueKey::kDeadline) --pending_[timer.key.index];
  Partition& partition = *partitions_[timer.partition];
  if (partition.generation != timer.generation) return;
  RuleState* state = find(partition, timer.key.index);
  if (state == nullptr) return;

  if (timer.key.phase == DueKey::kExpiry) {
    state->expires = nfa::kNever;
    const std::int64_t again = matcher_.expire(state->rule, state->list, timer.key.at);
    if (state->list.empty()) {
      maybe_empty_.push_back(timer.partition);
    } else if (again != nfa::kNever) {
      state->expires = std::max(again, timer.key.at + 1);
      push(DueKey::kExpiry, state->expires, timer.partition, state->rule, 0);
    }
    return;
  }
  Collector collector(*this, timer.partition, matches);
  if (!matcher_.fire(state->rule, state->list, timer.key.at, timer.key.start_seq, partition.text,
                     collector)) {
    return;
  }
  // Further runs of this start may be due now: one at a time, so that what a match causes comes
  // before the next.
  push(DueKey::kDeadline, timer.key.at, timer.partition, state->rule, timer.key.start_seq);
  schedule(timer.partition, *state, {timer.key.at});
}

void Shard::end_of_log(nfa::RuleId rule) {
  matcher_.attach(bindings_);
  for (PartitionId id = 0; id < partitions_.size(); ++id) {
    RuleState* state = find(*partitions_[id], rule);
    if (state == nullptr) continue;
    matcher_.refresh_due(rule, state->list);
    schedule(id, *state, Timestamp::max());
  }
}

void Shard::tidy() {
  for (const PartitionId id : maybe_empty_) {
    Partition& partition = *partitions_[id];
    std::erase_if(partition.rules, [](const RuleState& s) { return s.list.empty(); });
    if (!partition.rules.empty()) continue;
    const auto key = by_key_[partition.spec].find(partition.bytes);
    if (key == by_key_[partition.spec].end() || key->second != id) continue;
    by_key_[partition.spec].erase(key);
    ++partition.generation;
    partition.arena.reset();
    partition.values = {};
    free_.push_back(id);
  }
  maybe_empty_.clear();
}

std::uint64_t Shard::open_runs() const {
  std::uint64_t n = 0;
  for (const auto& partition : partitions_) {
    for (const RuleState& s : partition->rules) n += s.list.runs.size();
  }
  return n;
}

void Shard::clear() {
  matcher_.attach(bindings_);
  for (const auto& partition : partitions_) {
    for (RuleState& s : partition->rules) matcher_.clear(s.rule, s.list);
  }
}

}  // namespace weir::runtime
