// Steps 2 and 3 of the contract's section 4: what an event does to the runs there are, and the runs
// that begin with it.
#include <algorithm>

#include "chain_view.hpp"
#include "stepper.hpp"

namespace weir::nfa {

void Matcher::Impl::enter(RuleId rule, std::string_view key_text) {
  rule_ = rule;
  automaton_ = &program_.rules[rule].automaton;
  key_text_ = key_text;
  tracing_ = tracer_ != nullptr && tracer_->wants(rule);
}

void Matcher::Impl::step(RuleId rule, RunList& list, bool begins, std::string_view key_text,
                         MatchSink& sink) {
  enter(rule, key_text);
  new_deadlines_.clear();
  if (list.index != 0) return step_indexed(list, begins, sink);
  load(list);
  // Most events change nothing for most rules: what they leave alone is not moved.
  std::size_t same = 0;
  if (automaton_->until.empty()) {
    while (same < runs_.size() && stays(at(runs_[same]))) ++same;
    if (same == runs_.size() && !begins) return;
  }
  before_.assign(runs_.begin() + static_cast<std::ptrdiff_t>(same), runs_.end());
  runs_.resize(same);
  for (const BlockRef run : before_) advance(run);
  if (begins) start(list);
  settle(list, tests_.event().ts, false, sink);
  if (begins) remember_leading(list);
  release_stored();
}

void Matcher::Impl::release_stored() {
  if (stored_ != 0) pool_->events().release(stored_);
  stored_ = 0;
}

/// The event is taken by no thread of the run, and breaks nothing of it.
bool Matcher::Impl::stays(const RunRecord& run) {
  for (const ThreadView& thread : threads(run)) {
    const bool spends =
        std::ranges::any_of(thread.guards, [](const GuardRecord& g) { return g.next; });
    if (spends || judge(run, thread).kind != Verdict::kStays) return false;
  }
  return true;
}

EventRef Matcher::Impl::stored() {
  if (stored_ == 0) stored_ = pool_->events().put(tests_.event());
  return stored_;
}

bool Matcher::Impl::bound_holds(const std::vector<ExprId>& predicates, ChainRef chain,
                                std::span<const std::int64_t> registers, const Event* candidate) {
  if (predicates.empty()) return true;
  const ChainView bound(*automaton_, *pool_, tests_, chain, registers);
  const EvalContext context{.candidate = candidate,
                            .bound = &bound,
                            .tables = tests_.tables(),
                            .agg_results = {},
                            .scratch = &tests_.scratch()};
  return std::ranges::all_of(predicates, [&](ExprId e) { return tests_.pool().test(e, context); });
}

bool Matcher::Impl::satisfies(const Test& test, ChainRef chain, std::int64_t base,
                              std::span<const std::int64_t> registers) {
  const Event& event = tests_.event();
  if (!takes_part(test)) return false;
  if (test.within && chain != 0 && event.ts.ns > (Timestamp{base} + *test.within).ns) return false;
  return bound_holds(test.bound, chain, registers, &event);
}

const Guard* Matcher::Impl::violated(ChainRef chain, const ThreadView& thread, bool next_only) {
  std::span<const std::int64_t> own = thread.guard_registers;
  for (const GuardRecord& pending : thread.guards) {
    const std::span<const std::int64_t> registers =
        pending.registers > 0 ? own.first(pending.registers) : thread.registers;
    own = own.subspan(pending.registers);
    if (next_only && !pending.next) continue;
    if (tests_.event().ts.ns > pending.until) continue;
    const Guard& guard = automaton_->guards[pending.guard];
    for (const Test& test : guard.tests) {
      if (satisfies(test, chain, thread.base, registers)) return &guard;
    }
  }
  return nullptr;
}

std::optional<Matcher::Impl::Verdict> Matcher::Impl::judge_untils(ChainRef chain,
                                                                  const ThreadView& thread,
                                                                  bool& barred) {
  for (const UntilScope& scope : program_.nodes[thread.node].untils) {
    const auto& tests = automaton_->untils[scope.until];
    if (std::ranges::none_of(tests, [&](const Test& t) { return satisfies(t, chain, thread); })) {
      continue;
    }
    barred = true;
    const bool has_event =
        scope.count != kNoReg
            ? thread.registers[scope.count] > 0
            : thread.registers[scope.entry] < static_cast<std::int64_t>(pool_->length(chain));
    if (has_event)
      return Verdict{.kind = Verdict::kDies, .reason = EndReason::kUntil, .by = "UNTIL"};
  }
  return std::nullopt;
}

Matcher::Impl::Verdict Matcher::Impl::judge(const RunRecord& run, const ThreadView& thread) {
  if (thread.waiting == Waiting::kEvent) return judge_waiting(run, thread);
  if (thread.waiting == Waiting::kClose) return {};
  bool barred = false;
  if (thread.waiting == Waiting::kPause) {
    if (const auto verdict = judge_untils(run.chain, thread, barred)) return *verdict;
  }
  if (violated(run.chain, thread, false) != nullptr) {
    return {.kind = Verdict::kDies,
            .reason = EndReason::kGuard,
            .by = program_.nodes[thread.node].label};
  }
  return {};
}

Matcher::Impl::Verdict Matcher::Impl::judge_waiting(const RunRecord& run,
                                                    const ThreadView& thread) {
  const Node& node = program_.nodes[thread.node];
  if (tests_.event().ts.ns > limit(run.start_ts, thread)) {
    return {.kind = Verdict::kDies, .reason = EndReason::kWithin, .by = node.label};
  }
  if (violated(run.chain, thread, true) != nullptr) {
    return {.kind = Verdict::kDies, .reason = EndReason::kGuard, .by = node.label};
  }
  bool barred = false;
  if (const auto verdict = judge_untils(run.chain, thread, barred)) return *verdict;
  if (!barred) {
    const std::int64_t filled = node.kind == NodeKind::kAnd ? thread.registers[node.count] : 0;
    for (std::uint32_t i = 0; i < node.tests.size(); ++i) {
      if ((filled >> node.tests[i].member & 1) == 0 &&
          satisfies(node.tests[i], run.chain, thread)) {
        return {.kind = Verdict::kTakes, .test = i};
      }
    }
  }
  if (thread.contiguity == Contiguity::kNext) {
    return {.kind = Verdict::kDies, .reason = EndReason::kNextBroken, .by = node.label};
  }
  if (violated(run.chain, thread, false) != nullptr) {
    return {.kind = Verdict::kDies, .reason = EndReason::kGuard, .by = node.label};
  }
  return {};
}

namespace {

// NEXT NOT is held against one event only.
void spend_next_guards(Thread& thread) {
  const auto spent = std::remove_if(thread.guards.begin(), thread.guards.end(),
                                    [](const PendingGuard& g) { return g.next; });
  thread.guards.erase(spent, thread.guards.end());
}

}  // namespace

/// A thread that could have taken the event, which a thread before it took: to this one it is any
/// other event.
Matcher::Impl::Verdict Matcher::Impl::passed_over(const RunRecord& run, const ThreadView& thread) {
  if (thread.contiguity == Contiguity::kNext) {
    return {.kind = Verdict::kDies, .reason = EndReason::kNextBroken, .by = {}};
  }
  if (violated(run.chain, thread, false) != nullptr) {
    return {.kind = Verdict::kDies, .reason = EndReason::kGuard, .by = {}};
  }
  return {};
}

void Matcher::Impl::advance(BlockRef ref) {
  const std::size_t first_result = runs_.size();
  RunRecord& run = at(ref);
  const Event& event = tests_.event();
  // UNTIL of the pattern sees what was bound before the event.
  const bool until = std::ranges::any_of(automaton_->until, [&](const Test& t) {
    return satisfies(t, run.chain, threads(run).front());
  });

  bool taken = false;
  bool stays = false;
  bool changed = false;
  Verdict end;
  left_.clear();
  std::size_t left = 0;
  for (const ThreadView& thread : threads(run)) {
    Verdict verdict = judge(run, thread);
    if (verdict.kind == Verdict::kTakes) {
      if (!taken) {
        taken = true;
        take(run, thread, verdict.test, !thread.entering.empty());
        if (thread.contiguity != Contiguity::kAny) break;
        stays = true;
      }
      verdict = passed_over(run, thread);
    }
    const bool dies = verdict.kind == Verdict::kDies;
    if (dies) end = verdict;
    left_.push_back(dies ? 0 : 1);
    left += dies ? 0 : 1;
    changed = changed || dies ||
              std::ranges::any_of(thread.guards, [](const GuardRecord& g) { return g.next; });
  }

  if ((taken && !stays) || left == 0) {
    trace_end(run, taken ? EndReason::kTaken : end.reason, stays || !taken ? end.by : "", event.ts);
    release(ref);
  } else if (!changed) {
    runs_.push_back(ref);
  } else {
    runs_.push_back(rewrite(ref));
  }
  if (!until) return;
  for (std::size_t i = first_result; i < runs_.size();) {
    if (is_complete(at(runs_[i]))) {
      ++i;
      continue;
    }
    trace_end(at(runs_[i]), EndReason::kUntil, "UNTIL", event.ts);
    release(runs_[i]);
    runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

/// The run with those of its threads that are left, after an event that they did not take.
BlockRef Matcher::Impl::rewrite(BlockRef ref) {
  const RunRecord& old = at(ref);
  Run run{.start_seq = old.start_seq,
          .start_ts = old.start_ts,
          .chain = old.chain,
          .threads = {},
          .trace_id = old.trace_id};
  std::size_t i = 0;
  for (const ThreadView& thread : threads(old)) {
    if (left_[i++] == 0) continue;
    run.threads.push_back(to_thread(thread));
    spend_next_guards(run.threads.back());
  }
  if (run.threads.size() == 1 && run.threads.front().waiting == Waiting::kClose) {
    run.threads.front().waiting = Waiting::kComplete;
  }
  const BlockRef made = add(run);
  at(made).announced = old.announced && at(made).due == old.due;
  store_.free(ref);
  return made;
}

void Matcher::Impl::take(const RunRecord& run, const ThreadView& thread, std::uint32_t test,
                         bool first_way) {
  const Node& node = program_.nodes[thread.node];
  if (node.kind != NodeKind::kAnd || first_way) return bind(run, thread, node, test);
  std::int64_t filled = thread.registers[node.count];
  for (std::uint32_t i = test; i < node.tests.size(); ++i) {
    const std::int64_t bit = std::int64_t{1} << node.tests[i].member;
    if ((filled & bit) == 0 && (i == test || satisfies(node.tests[i], run.chain, thread))) {
      bind(run, thread, node, i);
      filled |= bit;
    }
  }
}

void Matcher::Impl::bind(const RunRecord& run, const ThreadView& thread, const Node& node,
                         std::uint32_t test) {
  const Event& event = tests_.event();
  const ChainRef chain =
      append_running(*automaton_, *pool_, tests_, run.chain, node.tests[test].name, stored());
  Thread after;
  after.contiguity = thread.contiguity;
  after.base = event.ts.ns;
  after.registers.assign(thread.registers.begin(), thread.registers.end());
  for (const WindowScope& window : node.windows) {
    std::int64_t& first = after.registers[window.first_ts];
    if (first == kNoTime) first = event.ts.ns;
  }
  const Run made{.start_seq = run.chain == 0 ? event.seq : run.start_seq,
                 .start_ts = run.chain == 0 ? event.ts.ns : run.start_ts,
                 .chain = chain,
                 .threads = {},
                 .trace_id = 0};

  ways_.clear();
  ClosureInput input{.program = &program_,
                     .automaton = automaton_,
                     .pool = pool_,
                     .chain = chain,
                     .start_ts = made.start_ts,
                     .tests = &tests_};
  bool filling = false;
  if (node.kind == NodeKind::kAnd) {
    std::int64_t& filled = after.registers[node.count];
    filled |= std::int64_t{1} << node.tests[test].member;
    filling = filled != (std::int64_t{1} << node.max) - 1;
  }
  if (filling) {
    // The AND's keyword governs each of its members, a group's around it only the first to come.
    after.contiguity = node.keyword;
    for (const KeywordScope& scope : node.keywords) {
      const bool each = scope.mark == kNoReg && scope.only_first;
      if (each && after.registers[scope.count] == 0) {
        after.contiguity = std::max(after.contiguity, scope.contiguity);
      }
    }
    after.node = thread.node;
    ways_.emplace_back().push_back(std::move(after));
  } else {
    if (node.kind == NodeKind::kAnd) after.registers[node.count] = 0;
    Closure(input).from(node.next, std::move(after), ways_);
  }
  for (const Threads& threads : ways_) {
    pool_->retain(chain);
    runs_.push_back(add(made, threads));
    trace_run(at(runs_.back()), run.trace_id);
  }
  if (ways_.empty() && input.where_failed) {
    trace_end(run.trace_id, EndReason::kWhere, node.label, event.ts);
  }
  pool_->release(chain);
}

bool Matcher::Impl::concerns_empty(RuleId rule) {
  enter(rule, {});
  if (starts_.size() <= rule_) starts_.resize(program_.rules.size());
  std::vector<Threads>& starts = starts_[rule_];
  if (starts.empty()) {
    ClosureInput input{
        .program = &program_, .automaton = automaton_, .pool = pool_, .tests = &tests_};
    Thread thread;
    thread.registers.resize(automaton_->registers, 0);
    Closure(input).from(automaton_->start, std::move(thread), starts);
  }
  const auto could = [&](const Test& test) { return takes_part(test); };
  for (const Threads& threads : starts) {
    for (const Thread& thread : threads) {
      if (std::ranges::any_of(program_.nodes[thread.node].tests, could)) return true;
    }
  }
  return std::ranges::any_of(automaton_->leading, [&](const LeadingNot& leading) {
    return std::ranges::any_of(leading.tests, could);
  });
}

void Matcher::Impl::start(RunList& list) {
  const RunRecord nothing{};
  const std::size_t first = runs_.size();
  for (const Threads& threads : starts_[rule_]) {
    for (const Thread& owned : threads) {
      const ThreadView thread = view_of(owned);
      bool barred = false;
      if (thread.waiting != Waiting::kEvent) continue;
      judge_untils(0, thread, barred);
      if (barred) continue;
      const Node& node = program_.nodes[thread.node];
      const auto test =
          std::ranges::find_if(node.tests, [&](const Test& t) { return satisfies(t, 0, thread); });
      if (test == node.tests.end()) continue;
      take(nothing, thread, static_cast<std::uint32_t>(test - node.tests.begin()),
           !thread.entering.empty());
      break;
    }
  }
  if (automaton_->leading.empty()) return;
  for (std::size_t i = first; i < runs_.size();) {
    if (!forbidden_before(list, at(runs_[i]))) {
      ++i;
      continue;
    }
    trace_end(at(runs_[i]), EndReason::kLeadingNot, "NOT", tests_.event().ts);
    release(runs_[i]);
    runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

}  // namespace weir::nfa
