// Steps 2 and 3 of the contract's section 4: what an event does to the runs there are, and the runs
// that begin with it.
#include <algorithm>

#include "stepper.hpp"

namespace weir::nfa {

void Matcher::Impl::enter(RuleId rule, std::string_view key_text) {
  rule_ = rule;
  automaton_ = &program_.rules[rule].automaton;
  key_text_ = key_text;
  tracing_ = tracer_ != nullptr && tracer_->wants(rule);
}

void Matcher::Impl::step(RuleId rule, RunList& list, std::string_view key_text, MatchSink& sink) {
  enter(rule, key_text);
  if (!tracing_ && !concerns_empty(rule) && nothing_changes(list)) return;
  next_.clear();
  for (Run& run : list.runs) advance(run);
  start(list);
  list.runs.swap(next_);
  settle(list, tests_.event().ts, false, sink);
  remember_leading(list);
  if (stored_ != 0) pool_->events().release(stored_);
  stored_ = 0;
}

/// The event is taken by no run, breaks nothing and begins nothing: most events are that to most rules,
/// and are spared the moving of runs from list to list.
bool Matcher::Impl::nothing_changes(const RunList& list) {
  if (!automaton_->until.empty()) return false;
  return std::ranges::all_of(list.runs, [&](const Run& run) {
    return std::ranges::all_of(run.threads, [&](const Thread& thread) {
      const bool spends =
          std::ranges::any_of(thread.guards, [](const PendingGuard& g) { return g.next; });
      return !spends && judge(run, thread).kind == Verdict::kStays;
    });
  });
}

EventRef Matcher::Impl::stored() {
  if (stored_ == 0) stored_ = pool_->events().put(tests_.event());
  return stored_;
}

bool Matcher::Impl::bound_holds(const std::vector<ExprId>& predicates, ChainRef chain,
                                std::span<const std::int64_t> registers, const Event* candidate) {
  if (predicates.empty()) return true;
  const ChainView bound(*pool_, chain, registers);
  const EvalContext context{.candidate = candidate,
                            .bound = &bound,
                            .tables = tests_.tables(),
                            .agg_results = {},
                            .scratch = &tests_.scratch()};
  return std::ranges::all_of(predicates, [&](ExprId e) { return tests_.pool().test(e, context); });
}

bool Matcher::Impl::satisfies(const Test& test, ChainRef chain, const Thread& thread) {
  return satisfies(test, chain, thread.base, thread.registers);
}

bool Matcher::Impl::satisfies(const Test& test, ChainRef chain, std::int64_t base,
                              std::span<const std::int64_t> registers) {
  const Event& event = tests_.event();
  if (!test.any_type && test.type != event.type) return false;
  if (!std::ranges::all_of(test.one_event, [&](ExprId e) { return tests_.holds(e); })) return false;
  if (test.within && chain != 0 && event.ts.ns > (Timestamp{base} + *test.within).ns) return false;
  return bound_holds(test.bound, chain, registers, &event);
}

const Guard* Matcher::Impl::violated(const Run& run, const Thread& thread, bool next_only) {
  for (const PendingGuard& pending : thread.guards) {
    if (next_only && !pending.next) continue;
    if (tests_.event().ts.ns > pending.until) continue;
    const Guard& guard = automaton_->guards[pending.guard];
    const std::span<const std::int64_t> registers =
        guard.scoped ? pending.registers : std::span<const std::int64_t>(thread.registers);
    for (const Test& test : guard.tests) {
      if (satisfies(test, run.chain, thread.base, registers)) return &guard;
    }
  }
  return nullptr;
}

std::optional<Matcher::Impl::Verdict> Matcher::Impl::judge_untils(const Run& run,
                                                                  const Thread& thread,
                                                                  bool& barred) {
  for (const UntilScope& scope : program_.nodes[thread.node].untils) {
    const auto& tests = automaton_->untils[scope.until];
    if (std::ranges::none_of(tests,
                             [&](const Test& t) { return satisfies(t, run.chain, thread); })) {
      continue;
    }
    barred = true;
    const bool has_event =
        scope.count != kNoReg
            ? thread.registers[scope.count] > 0
            : thread.registers[scope.entry] < static_cast<std::int64_t>(pool_->length(run.chain));
    if (has_event)
      return Verdict{.kind = Verdict::kDies, .reason = EndReason::kUntil, .by = "UNTIL"};
  }
  return std::nullopt;
}

Matcher::Impl::Verdict Matcher::Impl::judge(const Run& run, const Thread& thread) {
  if (thread.waiting == Waiting::kEvent) return judge_waiting(run, thread);
  if (thread.waiting == Waiting::kClose) return {};
  bool barred = false;
  if (thread.waiting == Waiting::kPause) {
    if (const auto verdict = judge_untils(run, thread, barred)) return *verdict;
  }
  if (violated(run, thread, false) != nullptr) {
    return {.kind = Verdict::kDies,
            .reason = EndReason::kGuard,
            .by = program_.nodes[thread.node].label};
  }
  return {};
}

Matcher::Impl::Verdict Matcher::Impl::judge_waiting(const Run& run, const Thread& thread) {
  const Node& node = program_.nodes[thread.node];
  if (tests_.event().ts.ns > limit(run, thread)) {
    return {.kind = Verdict::kDies, .reason = EndReason::kWithin, .by = node.label};
  }
  if (violated(run, thread, true) != nullptr) {
    return {.kind = Verdict::kDies, .reason = EndReason::kGuard, .by = node.label};
  }
  bool barred = false;
  if (const auto verdict = judge_untils(run, thread, barred)) return *verdict;
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
  if (violated(run, thread, false) != nullptr) {
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
Matcher::Impl::Verdict Matcher::Impl::passed_over(const Run& run, const Thread& thread) {
  if (thread.contiguity == Contiguity::kNext) {
    return {.kind = Verdict::kDies, .reason = EndReason::kNextBroken, .by = {}};
  }
  if (violated(run, thread, false) != nullptr) {
    return {.kind = Verdict::kDies, .reason = EndReason::kGuard, .by = {}};
  }
  return {};
}

void Matcher::Impl::advance(Run& run) {
  const std::size_t first_result = next_.size();
  const Event& event = tests_.event();
  // UNTIL of the pattern sees what was bound before the event.
  const bool until = std::ranges::any_of(automaton_->until, [&](const Test& t) {
    return satisfies(t, run.chain, run.threads.front());
  });

  bool taken = false;
  bool stays = false;
  Verdict end;
  Threads left;
  for (Thread& thread : run.threads) {
    Verdict verdict;
    if (!taken) {
      verdict = judge(run, thread);
      if (verdict.kind == Verdict::kTakes) {
        taken = true;
        take(run, thread, verdict.test, !thread.entering.empty());
        if (thread.contiguity != Contiguity::kAny) break;
        stays = true;
        verdict = passed_over(run, thread);
      }
    } else {
      verdict = judge(run, thread);
      if (verdict.kind == Verdict::kTakes) verdict = passed_over(run, thread);
    }
    if (verdict.kind == Verdict::kDies) {
      end = verdict;
      continue;
    }
    spend_next_guards(thread);
    left.push_back(std::move(thread));
  }

  if (taken && !stays) {
    trace_end(run, EndReason::kTaken, {}, event.ts);
    release(*pool_, run);
  } else if (left.empty()) {
    trace_end(run, taken ? EndReason::kTaken : end.reason, end.by, event.ts);
    release(*pool_, run);
  } else {
    run.threads = std::move(left);
    if (run.threads.size() == 1 && run.threads.front().waiting == Waiting::kClose) {
      run.threads.front().waiting = Waiting::kComplete;
    }
    next_.push_back(std::move(run));
  }
  if (!until) return;
  for (std::size_t i = first_result; i < next_.size();) {
    if (is_complete(next_[i])) {
      ++i;
      continue;
    }
    trace_end(next_[i], EndReason::kUntil, "UNTIL", event.ts);
    release(*pool_, next_[i]);
    next_.erase(next_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void Matcher::Impl::take(const Run& run, const Thread& thread, std::uint32_t test, bool first_way) {
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

void Matcher::Impl::bind(const Run& run, const Thread& thread, const Node& node,
                         std::uint32_t test) {
  const Event& event = tests_.event();
  const ChainRef chain = pool_->append(run.chain, node.tests[test].name, stored());
  Thread after = thread;
  after.base = event.ts.ns;
  after.deadline = kNever;
  after.guards.clear();
  after.entering.clear();
  after.passed = 0;
  for (const WindowScope& window : node.windows) {
    std::int64_t& first = after.registers[window.first_ts];
    if (first == kNoTime) first = event.ts.ns;
  }
  Run made{.start_seq = run.chain == 0 ? event.seq : run.start_seq,
           .start_ts = run.chain == 0 ? event.ts.ns : run.start_ts};

  std::vector<Threads> ways;
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
    ways.push_back(Threads{std::move(after)});
  } else {
    if (node.kind == NodeKind::kAnd) after.registers[node.count] = 0;
    ways = Closure(input).from(node.next, std::move(after));
  }
  for (Threads& threads : ways) {
    pool_->retain(chain);
    made.chain = chain;
    made.threads = std::move(threads);
    next_.push_back(made);
    trace_run(next_.back(), run.trace_id);
  }
  if (ways.empty() && input.where_failed) {
    made.trace_id = run.trace_id;
    trace_end(made, EndReason::kWhere, node.label, event.ts);
  }
  pool_->release(chain);
}

bool Matcher::Impl::concerns_empty(RuleId rule) {
  enter(rule, {});
  if (starts_.size() <= rule) starts_.resize(program_.rules.size());
  std::vector<Threads>& starts = starts_[rule];
  if (starts.empty()) {
    ClosureInput input{
        .program = &program_, .automaton = automaton_, .pool = pool_, .tests = &tests_};
    Thread thread;
    thread.registers.resize(automaton_->registers, 0);
    starts = Closure(input).from(automaton_->start, std::move(thread));
  }
  const auto could = [&](const Test& test) {
    const Event& event = tests_.event();
    return (test.any_type || test.type == event.type) &&
           std::ranges::all_of(test.one_event, [&](ExprId e) { return tests_.holds(e); });
  };
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
  if (!concerns_empty(rule_)) return;
  const Run nothing;
  const std::size_t first = next_.size();
  for (const Threads& threads : starts_[rule_]) {
    for (const Thread& thread : threads) {
      bool barred = false;
      if (thread.waiting != Waiting::kEvent) continue;
      judge_untils(nothing, thread, barred);
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
  for (std::size_t i = first; i < next_.size();) {
    if (!forbidden_before(list, next_[i])) {
      ++i;
      continue;
    }
    trace_end(next_[i], EndReason::kLeadingNot, "NOT", tests_.event().ts);
    release(*pool_, next_[i]);
    next_.erase(next_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

bool Matcher::Impl::forbidden_before(const RunList& list, const Run& run) {
  const std::int64_t now = tests_.event().ts.ns;
  for (std::size_t i = 0; i < list.leading.size(); ++i) {
    const LeadingNot& leading = automaton_->leading[i];
    const std::int64_t from = (Timestamp{now} - leading.within).ns;
    const auto& events = list.leading[i];
    for (auto it = events.rbegin(); it != events.rend(); ++it) {
      const Event& before = pool_->events().get(*it);
      if (before.ts.ns < from) break;
      for (const Test& test : leading.tests) {
        if (!test.any_type && test.type != before.type) continue;
        const auto registers = std::span<const std::int64_t>(run.threads.front().registers);
        if (bound_holds(test.one_event, run.chain, registers, &before) &&
            bound_holds(test.bound, run.chain, registers, &before)) {
          return true;
        }
      }
    }
  }
  return false;
}

void Matcher::Impl::remember_leading(RunList& list) {
  if (automaton_->leading.empty()) return;
  const Event& event = tests_.event();
  list.leading.resize(automaton_->leading.size());
  for (std::size_t i = 0; i < list.leading.size(); ++i) {
    const LeadingNot& leading = automaton_->leading[i];
    const bool asked = std::ranges::any_of(leading.tests, [&](const Test& test) {
      return (test.any_type || test.type == event.type) &&
             std::ranges::all_of(test.one_event, [&](ExprId e) { return tests_.holds(e); });
    });
    if (!asked) continue;
    const EventRef ref = stored();
    pool_->events().retain(ref);
    list.leading[i].push_back(ref);
  }
}

}  // namespace weir::nfa
