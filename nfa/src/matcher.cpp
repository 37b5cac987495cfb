#include "weir/nfa/matcher.hpp"

#include <algorithm>

#include "stepper.hpp"

namespace weir::nfa {

Matcher::Impl::Impl(const Program& program, EventTests& tests, Tracer* tracer)
    : program_(program), tests_(tests), tracer_(tracer), ended_(program.rules.size(), kNever) {}

void Matcher::Impl::trace_run(Run& run, RunId parent) {
  if (!tracing_) return;
  run.trace_id = ++last_run_;
  std::vector<NodeId> waits;
  for (const Thread& t : run.threads) waits.push_back(t.node);
  std::vector<std::pair<NameId, const Event*>> bound;
  for (ChainRef c = run.chain; c != 0; c = pool_->at(c).previous) {
    bound.emplace_back(pool_->at(c).name, &pool_->event(c));
  }
  std::ranges::reverse(bound);
  std::int64_t deadline = kNever;
  for (const Thread& t : run.threads) {
    deadline = std::min(deadline, t.waiting == Waiting::kEvent ? limit(run, t) : t.deadline);
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

void Matcher::Impl::trace_end(const Run& run, EndReason reason, std::string_view by, Timestamp at) {
  if (!tracing_) return;
  const bool by_event = reason != EndReason::kWithin && reason != EndReason::kOpen;
  tracer_->on_end(rule_, run.trace_id, reason, by_event ? &tests_.event() : nullptr, at, by);
}

Matcher::Matcher(const Program& program, EventTests& tests, Tracer* tracer)
    : impl_(std::make_unique<Impl>(program, tests, tracer)) {}
Matcher::~Matcher() = default;

void Matcher::step(RuleId rule, RunList& list, std::string_view key_text, MatchSink& sink) {
  impl_->step(rule, list, key_text, sink);
}
bool Matcher::concerns_empty(RuleId rule) {
  return impl_->concerns_empty(rule);
}
bool Matcher::fire(RuleId rule, RunList& list, std::int64_t deadline, std::uint64_t start_seq,
                   std::string_view key_text, MatchSink& sink) {
  return impl_->fire(rule, list, deadline, start_seq, key_text, sink);
}
void Matcher::attach(BindingPool& pool) {
  impl_->attach(pool);
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
std::int64_t Matcher::expire(RuleId rule, RunList& list, std::int64_t now) {
  return impl_->expire(rule, list, now);
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
