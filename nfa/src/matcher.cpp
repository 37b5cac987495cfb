#include "weir/nfa/matcher.hpp"

#include <algorithm>

#include "stepper.hpp"

namespace weir::nfa {

Matcher::Impl::Impl(const Program& program, EventTests& tests, Tracer* tracer, std::size_t few_runs)
    : program_(program),
      tests_(tests),
      tracer_(tracer),
      ended_(program.rules.size(), kNever),
      few_runs_(few_runs) {}

void Matcher::Impl::load(const RunList& list) {
  runs_.clear();
  for (BlockRef run = list.first; run != 0; run = at(run).next) runs_.push_back(run);
}

void Matcher::Impl::save(RunList& list) {
  new_deadlines_.clear();
  BlockRef* link = &list.first;
  for (const BlockRef ref : runs_) {
    *link = ref;
    RunRecord& run = at(ref);
    link = &run.next;
    if (run.announced) continue;
    run.announced = true;
    if (run.due != kNever) new_deadlines_.push_back({run.due, run.start_seq});
  }
  *link = 0;
}

BlockRef Matcher::Impl::add(const Run& run, const Threads& threads) {
  const BlockRef ref = store_.pack(run, threads);
  at(ref).due = due_of(at(ref));
  return ref;
}

void Matcher::Impl::release(BlockRef run) {
  pool_->release(at(run).chain);
  store_.free(run);
}

void Matcher::Impl::trace_run(RunRecord& run, RunId parent) {
  if (!tracing_) return;
  run.trace_id = ++last_run_;
  std::vector<NodeId> waits;
  for (const ThreadView& t : threads(run)) waits.push_back(t.node);
  std::vector<std::pair<NameId, const Event*>> bound;
  for (ChainRef c = run.chain; c != 0; c = pool_->at(c).previous) {
    bound.emplace_back(pool_->at(c).name, &pool_->event(c));
  }
  std::ranges::reverse(bound);
  std::int64_t deadline = kNever;
  for (const ThreadView& t : threads(run)) {
    deadline =
        std::min(deadline, t.waiting == Waiting::kEvent ? limit(run.start_ts, t) : t.deadline);
  }
  tracer_->on_run({.id = run.trace_id,
                   .parent = parent,
                   .automaton = automaton_,
                   .program = &program_,
                   .rule = rule_,
                   .waits = waits,
                   .bound = bound,
                   .deadline = Timestamp{deadline}},
                  key_text_);
}

void Matcher::Impl::trace_end(const RunRecord& run, EndReason reason, std::string_view by,
                              Timestamp at) {
  trace_end(run.trace_id, reason, by, at);
}

void Matcher::Impl::trace_end(RunId run, EndReason reason, std::string_view by, Timestamp at) {
  if (!tracing_) return;
  const bool by_event = reason != EndReason::kWithin && reason != EndReason::kOpen;
  tracer_->on_end(rule_, run, reason, by_event ? &tests_.event() : nullptr, at, by);
}

Matcher::Matcher(const Program& program, EventTests& tests, Tracer* tracer, std::size_t few_runs)
    : impl_(std::make_unique<Impl>(program, tests, tracer, few_runs)) {}
Matcher::~Matcher() = default;

std::size_t Matcher::list_bytes(const Automaton& automaton) noexcept {
  return sizeof(RunList) + automaton.leading.size() * sizeof(LeadingEvents);
}

void Matcher::begin(const Automaton& automaton, RunList& list) noexcept {
  list = {};
  std::fill_n(reinterpret_cast<LeadingEvents*>(&list + 1), automaton.leading.size(),
              LeadingEvents{.last = kNoTime, .oldest = 0, .newest = 0});
}

bool Matcher::empty(const Automaton& automaton, const RunList& list) noexcept {
  const auto* leading = reinterpret_cast<const LeadingEvents*>(&list + 1);
  return list.first == 0 &&
         std::all_of(leading, leading + automaton.leading.size(),
                     [](const LeadingEvents& l) { return l.last == kNoTime && l.oldest == 0; });
}

std::size_t Matcher::runs(const ChunkArena& arena, const RunList& list) noexcept {
  std::size_t n = 0;
  for (BlockRef run = list.first; run != 0; run = arena.as<RunRecord>(run)->next) ++n;
  return n;
}

bool Matcher::Impl::waits(const RunList& list, std::int64_t deadline,
                          std::uint64_t start_seq) const noexcept {
  if (list.index != 0) return indexes_[list.index - 1]->find_due(start_seq, deadline) != 0;
  for (BlockRef ref = list.first; ref != 0; ref = at(ref).next) {
    if (at(ref).due == deadline && at(ref).start_seq == start_seq) return true;
  }
  return false;
}

bool Matcher::waits(const RunList& list, std::int64_t deadline,
                    std::uint64_t start_seq) const noexcept {
  return impl_->waits(list, deadline, start_seq);
}
void Matcher::step(RuleId rule, RunList& list, bool begins, std::string_view key_text,
                   MatchSink& sink) {
  impl_->step(rule, list, begins, key_text, sink);
}
bool Matcher::concerns_empty(RuleId rule) {
  return impl_->concerns_empty(rule);
}
bool Matcher::fire(RuleId rule, RunList& list, std::int64_t deadline, std::uint64_t start_seq,
                   std::string_view key_text, MatchSink& sink) {
  return impl_->fire(rule, list, deadline, start_seq, key_text, sink);
}
void Matcher::attach(BindingPool& pool, ChunkArena& arena) {
  impl_->attach(pool, arena);
}
std::span<const RunDeadline> Matcher::new_deadlines() const noexcept {
  return impl_->new_deadlines();
}
void Matcher::end_of_log(RuleId rule, std::int64_t last) {
  impl_->end_of_log(rule, last);
}
bool Matcher::log_ended(RuleId rule) const noexcept {
  return impl_->log_ended(rule);
}
void Matcher::refresh_due(RuleId rule, RunList& list) {
  impl_->refresh_due(rule, list);
}
void Matcher::expire(RuleId rule, RunList& list, std::int64_t now) {
  impl_->expire(rule, list, now);
}
void Matcher::clear(RuleId rule, RunList& list) {
  impl_->clear(rule, list);
}

std::string_view to_string(EndReason reason) noexcept {
  switch (reason) {
    case EndReason::kMatched:
      return "matched";
    case EndReason::kTaken:
      return "went on";
    case EndReason::kWithin:
      return "WITHIN ran out";
    case EndReason::kNextBroken:
      return "another event came where NEXT asked for this one";
    case EndReason::kGuard:
      return "a NOT was violated";
    case EndReason::kUntil:
      return "UNTIL ended it";
    case EndReason::kLeadingNot:
      return "forbidden by what came before";
    case EndReason::kWhere:
      return "WHERE did not hold";
    case EndReason::kPruned:
      return "taken away by AFTER MATCH of another match";
    case EndReason::kDuplicate:
      return "the same as another";
    case EndReason::kOpen:
      return "still waiting at the end";
  }
  return {};
}

std::string_view to_string(AlertSeverity severity) noexcept {
  switch (severity) {
    case AlertSeverity::kInfo:
      return "info";
    case AlertSeverity::kLow:
      return "low";
    case AlertSeverity::kMedium:
      return "medium";
    case AlertSeverity::kHigh:
      return "high";
    case AlertSeverity::kCritical:
      return "critical";
  }
  return {};
}

}  // namespace weir::nfa
