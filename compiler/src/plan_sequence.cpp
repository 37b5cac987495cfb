// Automaton to SequencePlan, for the rules whose pattern is a sequence of single steps.
//
// Read off the automaton and not the tree, so that the plan means what the automaton means. A
// pattern that does not fit is left to the matcher that goes run by run; nothing here can fail.
#include "plan_sequence.hpp"

#include <algorithm>
#include <map>

namespace weir::compiler {
namespace {

using nfa::Contiguity;
using nfa::Node;
using nfa::NodeId;
using nfa::NodeKind;
using nfa::Test;

/// The field by which an event of a type is tied to the run; kTypeField where nothing ties it.
constexpr FieldId kUntied = kTypeField;

class Planner {
 public:
  Planner(const nfa::Program& program, const nfa::Rule& rule)
      : program_(program), automaton_(rule.automaton), rule_(rule) {}

  std::optional<nfa::SequencePlan> plan();
  /// Of events of the types that the steps name; empty where nothing is tied.
  const std::map<TypeId, FieldId>& ties() const noexcept { return ties_; }

 private:
  bool add_until();
  bool add_step(const Node& wait);
  bool add_loop(const Node& enter, NodeId& next);
  bool add_guards(const Node& row);
  bool add_pauses(const Node& row);
  bool add_keywords(const Node& wait, nfa::SequenceStep& step) const;
  bool add_windows(const Node& wait);
  void leave_group(const Node& end);
  bool add_leading();
  bool finish();
  bool take_tests(const std::vector<Test>& from, std::vector<Test>& to);
  bool tie(const Test& test);
  bool tie_types();
  void collect_types();
  void collect(TypeId type);

  const nfa::Program& program_;
  const nfa::Automaton& automaton_;
  const nfa::Rule& rule_;
  nfa::SequencePlan plan_;
  std::vector<Test> guards_;              // written before the step to come
  std::vector<nfa::SequenceNot> pauses_;  // the same
  // A group that stands around the step to come, and its WITHIN as a span.
  struct Group {
    nfa::RegId entry;
    nfa::RegId first_ts;
    nfa::SequenceSpan span;
  };
  std::vector<Group> groups_;
  std::map<nfa::NameId, std::size_t> step_of_;
  // Of each test: the step it is tied to by `own == name.other`.
  struct Tie {
    TypeId type;
    FieldId own;
    nfa::NameId name;
    FieldId other;
  };
  std::vector<Tie> found_;
  std::size_t untied_ = 0;  // tests, but the first step's, without such a condition
  std::map<TypeId, FieldId> ties_;
};

bool plain(const Node& wait) {
  return wait.kind == NodeKind::kWait && wait.untils.empty() && !wait.tests.empty();
}

std::int64_t span(const std::optional<Duration>& within) {
  return within ? within->ns : nfa::kNoSpan;
}

/// UNTIL of the pattern. It sees the event alone: what else it names need not be bound yet. What is
/// given up has to be told from what begins with the same event, and rows from those before.
bool Planner::add_until() {
  const bool alone = std::ranges::all_of(
      automaton_.until, [](const Test& t) { return t.bound.empty() && !t.within; });
  const bool rows = std::ranges::none_of(plan_.steps, &nfa::SequenceStep::any_loop);
  plan_.until = automaton_.until;
  return plan_.until.empty() || (alone && rows && found_.empty() && !plan_.steps.front().loop() &&
                                 plan_.until.size() < std::numeric_limits<std::uint8_t>::max());
}

/// The one condition on what is bound that fits: `own == name.other`.
bool Planner::tie(const Test& test) {
  if (test.bound.empty()) {
    if (!plan_.steps.empty()) ++untied_;
    return true;
  }
  if (test.bound.size() != 1 || test.any_type) return false;
  const nfa::ExprNode& n = program_.exprs.at(test.bound.front());
  if (n.op != nfa::Op::kEq) return false;
  const auto args = program_.exprs.args(test.bound.front());
  const nfa::ExprNode* own = &program_.exprs.at(args[0]);
  const nfa::ExprNode* other = &program_.exprs.at(args[1]);
  if (own->op != nfa::Op::kField) std::swap(own, other);
  if (own->op != nfa::Op::kField || other->op != nfa::Op::kNameField) return false;
  if (other->scope != nfa::kNoReg) return false;
  found_.push_back({test.type, own->a, other->name, other->a});
  return true;
}

bool Planner::take_tests(const std::vector<Test>& from, std::vector<Test>& to) {
  for (const Test& test : from) {
    if (test.within || to.size() == std::numeric_limits<std::uint8_t>::max() || !tie(test)) {
      return false;
    }
    to.push_back(test);
    to.back().bound.clear();
  }
  return true;
}

bool Planner::add_guards(const Node& row) {
  for (const nfa::GuardId id : row.guards) {
    const nfa::Guard& guard = automaton_.guards[id];
    if (guard.next || guard.within || guard.scoped || !take_tests(guard.tests, guards_)) {
      return false;
    }
  }
  return !plan_.steps.empty() && pauses_.empty();
}

/// Pauses in a row. After a loop they would end its wait, and not what iterates it.
bool Planner::add_pauses(const Node& row) {
  for (const nfa::GuardId id : row.guards) {
    const nfa::Guard& guard = automaton_.guards[id];
    if (guard.next || !guard.within || guard.scoped) return false;
    pauses_.push_back({.tests = {}, .span = guard.within->ns});
    if (!take_tests(guard.tests, pauses_.back().tests)) return false;
  }
  return !plan_.steps.empty() && !plan_.steps.back().loop() && guards_.empty() &&
         pauses_.size() == row.guards.size();
}

/// A keyword of a group governs the event of it that comes first.
bool Planner::add_keywords(const Node& wait, nfa::SequenceStep& step) const {
  for (const nfa::KeywordScope& scope : wait.keywords) {
    if (scope.mark == nfa::kNoReg) {
      if (scope.only_first == scope.only_later) return false;
      nfa::Contiguity& of = scope.only_first ? step.contiguity : step.between;
      of = std::max(of, scope.contiguity);
      continue;
    }
    const auto group = std::ranges::find(groups_, scope.mark, &Group::entry);
    if (group == groups_.end()) return false;
    if (group->span.first == plan_.steps.size()) {
      step.contiguity = std::max(step.contiguity, scope.contiguity);
    }
  }
  return true;
}

/// The step that came last is in these groups.
bool Planner::add_windows(const Node& wait) {
  for (const nfa::WindowScope& window : wait.windows) {
    const auto group = std::ranges::find(groups_, window.first_ts, &Group::first_ts);
    if (group == groups_.end()) return false;
    group->span.last = static_cast<std::uint32_t>(plan_.steps.size() - 1);
    group->span.length = window.duration.ns;
  }
  return true;
}

/// Its WHERE is held when all of it is bound: as well when the match is listed.
void Planner::leave_group(const Node& end) {
  plan_.where.insert(plan_.where.end(), end.where.begin(), end.where.end());
  const nfa::SequenceSpan span = groups_.back().span;
  const bool has_within = groups_.back().first_ts != nfa::kNoReg;
  groups_.pop_back();
  if (!has_within || span.first == plan_.steps.size()) return;
  bool loops = false;
  for (std::uint32_t i = span.first; i <= span.last; ++i) {
    nfa::SequenceStep& step = plan_.steps[i];
    loops = loops || step.loop();
    // No event of the span comes later than this after one before it.
    if (i > span.first) step.reach = std::min(step.reach, span.length);
    if (step.loop() && !step.any_loop()) step.within = std::min(step.within, span.length);
  }
  if (loops || span.last > span.first + 1) plan_.spans.push_back(span);
}

/// Behind the steps, one of which it may be tied to.
bool Planner::add_leading() {
  for (const nfa::LeadingNot& leading : automaton_.leading) {
    nfa::SequenceNot& made = plan_.leading.emplace_back();
    made.span = leading.within.ns;
    if (!take_tests(leading.tests, made.tests)) return false;
  }
  // An event that may only go on with a loop, and begin none, is not told from one that may.
  return plan_.leading.empty() || !plan_.steps.front().loop();
}

bool Planner::add_step(const Node& wait) {
  if (!plain(wait) || plan_.steps.size() == nfa::kMaxSequenceSteps) return false;
  nfa::SequenceStep step;
  if (!take_tests(wait.tests, step.tests)) return false;
  step.guards = std::exchange(guards_, {});
  step.pauses = std::exchange(pauses_, {});
  for (const nfa::SequenceNot& pause : step.pauses) step.pause = std::max(step.pause, pause.span);
  step.contiguity = wait.keyword;
  if (!add_keywords(wait, step)) return false;
  step.within = span(wait.within);
  if (wait.within) step.reach = (Timestamp{step.within} + Duration{step.pause}).ns;
  for (const Test& test : step.tests) step_of_.emplace(test.name, plan_.steps.size());
  plan_.steps.push_back(std::move(step));
  return add_windows(wait);
}

bool Planner::add_loop(const Node& enter, NodeId& next) {
  const Node& test = program_.nodes[enter.next];
  const Node& wait = program_.nodes[test.body];
  if (!plain(wait) || enter.entry != nfa::kNoReg || test.min < 1 ||
      test.greed == nfa::Greed::kPossessive) {
    return false;
  }
  const Node& end = program_.nodes[wait.next];
  if (end.kind != NodeKind::kLoopEnd || !end.where.empty() || !add_step(wait)) return false;
  nfa::SequenceStep& step = plan_.steps.back();
  step.min = test.min;
  step.max = test.max;
  step.reluctant = test.greed == nfa::Greed::kReluctant;
  // Which subsequences have a given length is not told by their ends.
  if (step.any_loop() &&
      (step.min > 1 || step.max != nfa::kNoLimit || step.within != nfa::kNoSpan)) {
    return false;
  }
  next = test.next;
  return true;
}

/// Of a sequence that fits the events bound tell the path, so that no match is found twice: it does
/// not matter whether the automaton is ambiguous.
std::optional<nfa::SequencePlan> Planner::plan() {
  plan_.within = span(automaton_.within);
  plan_.where = automaton_.where;
  plan_.after = automaton_.after;
  plan_.after_name = automaton_.after_name;
  NodeId id = automaton_.start;
  while (program_.nodes[id].kind != NodeKind::kAccept) {
    const Node& node = program_.nodes[id];
    NodeId next = node.next;
    bool fits = false;
    if (node.kind == NodeKind::kWait) fits = add_step(node);
    if (node.kind == NodeKind::kLoopEnter) fits = add_loop(node, next);
    if (node.kind == NodeKind::kGuard) fits = add_guards(node);
    if (node.kind == NodeKind::kPause) fits = add_pauses(node);
    if (node.kind == NodeKind::kGroupEnter) {
      const auto first = static_cast<std::uint32_t>(plan_.steps.size());
      groups_.push_back({node.entry, node.first_ts, {.first = first}});
      fits = true;
    }
    if (node.kind == NodeKind::kGroupEnd) {
      leave_group(node);
      fits = true;
    }
    if (!fits) return std::nullopt;
    id = next;
  }
  return finish() ? std::optional(std::move(plan_)) : std::nullopt;
}

bool Planner::finish() {
  if (plan_.steps.empty() || !add_leading() || !add_until()) return false;
  if (!guards_.empty()) {
    plan_.silence = nfa::Silence::kPattern;
    plan_.silence_span = plan_.within;
    plan_.silence_tests = std::move(guards_);
  }
  if (!pauses_.empty()) {
    if (pauses_.size() > 1) return false;
    plan_.silence = nfa::Silence::kOwn;
    plan_.silence_span = pauses_.front().span;
    plan_.silence_tests = std::move(pauses_.front().tests);
  }
  // Deadlines of a silence are first in, first out where they count from the event that came last.
  if (plan_.silence != nfa::Silence::kNone) {
    if (plan_.steps.size() != 1 || plan_.steps.front().loop()) return false;
    plan_.within = nfa::kNoSpan;
  }
  if (plan_.kept() == 0) {
    plan_.within = nfa::kNoSpan;
    if (!plan_.where.empty()) return false;  // nothing is listed
  }
  plan_.steps.front().contiguity = Contiguity::kSkipTillNext;  // nothing comes before it
  plan_.steps.front().reach = nfa::kNoSpan;
  // What is kept of a span ends with the pattern's, not with its own.
  if (!plan_.spans.empty() && plan_.within == nfa::kNoSpan) return false;
  for (const nfa::SequenceStep& step : plan_.steps) {
    plan_.strict = plan_.strict || step.contiguity == Contiguity::kNext ||
                   (step.loop() && step.between == Contiguity::kNext);
  }
  plan_.first_alone =
      plan_.within == nfa::kNoSpan && plan_.silence == nfa::Silence::kNone && plan_.where.empty() &&
      plan_.spans.empty() &&
      (plan_.after == nfa::AfterMatch::kConsume || plan_.after == nfa::AfterMatch::kSkipPastLast);
  for (const nfa::SequenceStep& step : plan_.steps) {
    plan_.first_alone = plan_.first_alone && !step.loop() && step.reach == nfa::kNoSpan &&
                        step.pauses.empty() && step.contiguity != Contiguity::kAny;
  }
  if (!found_.empty() && !tie_types()) return false;
  collect_types();
  // An event that another match uses as well takes the first away, and not those behind it.
  plan_.first_alone = plan_.first_alone && plan_.disjoint;
  return true;
}

/// Each test is tied, by one field for each type, to a step that is tied by the field named.
bool Planner::tie_types() {
  const bool prunes_alone =
      plan_.after == nfa::AfterMatch::kConsume || plan_.after == nfa::AfterMatch::kKeep;
  // A silence after an event whose field is null holds, though the event has no part in the key.
  // The same of a single event after a NOT.
  const bool silent = plan_.silence != nfa::Silence::kNone || plan_.steps.size() == 1;
  if (untied_ > 0 || plan_.strict || silent || !prunes_alone || rule_.input_all) return false;
  std::vector<FieldId> of_step(plan_.steps.size(), kUntied);
  const auto bind = [&](TypeId type, FieldId field) {
    const auto [at, fresh] = ties_.emplace(type, field);
    return fresh || at->second == field;
  };
  for (const Tie& t : found_) {
    const auto step = step_of_.find(t.name);
    if (step == step_of_.end() || plan_.steps[step->second].loop()) return false;
    // Where an OR may bind another name instead, this one is null then.
    const bool always = std::ranges::all_of(plan_.steps[step->second].tests,
                                            [&](const Test& test) { return test.name == t.name; });
    if (!always) return false;
    FieldId& known = of_step[step->second];
    if (known == kUntied) known = t.other;
    if (known != t.other || !bind(t.type, t.own)) return false;
  }
  // A step that others name, or the first: its events are found by that field.
  for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
    for (const Test& test : plan_.steps[i].tests) {
      if (test.any_type) return false;
      if (of_step[i] != kUntied && !bind(test.type, of_step[i])) return false;
      if (!ties_.contains(test.type)) return false;
    }
  }
  return true;
}

void Planner::collect_types() {
  plan_.disjoint = true;
  if (rule_.input_all) collect(kOtherType);
  for (const TypeId type : rule_.input) collect(type);
}

void Planner::collect(TypeId type) {
  nfa::SequenceType of{.type = type, .roles = {}, .silence = {}, .leading = {}, .until = {}};
  const auto pick = [&](const std::vector<Test>& tests) {
    std::vector<std::uint8_t> picked;
    for (std::size_t i = 0; i < tests.size(); ++i) {
      if (tests[i].any_type || (type != kOtherType && tests[i].type == type)) {
        picked.push_back(static_cast<std::uint8_t>(i));
      }
    }
    return picked;
  };
  const auto pick_nots = [&](const std::vector<nfa::SequenceNot>& nots) {
    std::vector<nfa::NotRole> roles;
    for (std::size_t i = 0; i < nots.size(); ++i) {
      nfa::NotRole role{.place = static_cast<std::uint32_t>(i), .tests = pick(nots[i].tests)};
      if (!role.tests.empty()) roles.push_back(std::move(role));
    }
    return roles;
  };
  std::size_t takers = 0;
  for (std::size_t i = plan_.steps.size(); i-- > 0;) {
    nfa::SequenceRole role{.step = static_cast<std::uint32_t>(i),
                           .tests = pick(plan_.steps[i].tests),
                           .guards = pick(plan_.steps[i].guards),
                           .pauses = pick_nots(plan_.steps[i].pauses)};
    takers += role.tests.empty() ? 0 : 1;
    if (!role.tests.empty() || !role.guards.empty() || !role.pauses.empty()) {
      of.roles.push_back(std::move(role));
    }
  }
  plan_.disjoint = plan_.disjoint && takers <= 1;
  of.silence = pick(plan_.silence_tests);
  of.leading = pick_nots(plan_.leading);
  of.until = pick(plan_.until);
  of.ends = !of.silence.empty() || !of.until.empty();
  if (plan_.strict || of.ends || !of.roles.empty() || !of.leading.empty()) {
    plan_.types.push_back(std::move(of));
  }
}

/// The rule's key and, behind it, the field that ties.
nfa::KeySpec tied_key(const nfa::Program& program, const nfa::Rule& rule,
                      const std::map<TypeId, FieldId>& ties) {
  const nfa::KeySpec& own = program.keys[rule.key];
  nfa::KeySpec spec;
  spec.names = own.names;
  for (const auto& [type, field] : ties) {
    std::vector<FieldId> fields = own.fields;
    if (!own.by_type.empty()) {
      const auto found =
          std::ranges::find(own.by_type, type, [](const auto& e) { return e.first; });
      if (found == own.by_type.end()) continue;
      fields = found->second;
    }
    fields.push_back(field);
    spec.by_type.emplace_back(type, std::move(fields));
  }
  return spec;
}

}  // namespace

void plan_sequences(Unit& unit) {
  nfa::Program& program = unit.program;
  std::vector<bool> of_alerts(program.plan.type_count());
  for (const nfa::Rule& rule : program.rules) {
    for (const TypeId type : {rule.alert_type, rule.rule_type}) {
      if (type != kOtherType) of_alerts[type] = true;
    }
  }
  for (nfa::Rule& rule : program.rules) {
    rule.reads_alerts =
        std::ranges::any_of(rule.input, [&](TypeId type) { return of_alerts[type]; });
    Planner planner(program, rule);
    rule.sequence = planner.plan();
    if (!rule.sequence) continue;
    rule.sequence->key = rule.key;
    rule.sequence->own_key = static_cast<std::uint32_t>(program.keys[rule.key].names.size());
    if (planner.ties().empty()) continue;
    const nfa::KeySpec key = tied_key(program, rule, planner.ties());
    if (key.by_type.empty()) {
      rule.sequence.reset();  // no type takes part
    } else {
      rule.sequence->key = intern_key(key, unit);
    }
  }
}

}  // namespace weir::compiler
