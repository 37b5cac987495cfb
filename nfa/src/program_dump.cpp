// The Program as text: deterministic, for golden tests and for people who want to see it all.
#include <fmt/format.h>

#include "aggregate.hpp"
#include "weir/nfa/program.hpp"

namespace weir::nfa {
namespace {

std::string_view to_text(NodeKind kind) {
  switch (kind) {
    case NodeKind::kWait:
      return "wait";
    case NodeKind::kAnd:
      return "and";
    case NodeKind::kSplit:
      return "split";
    case NodeKind::kLoopEnter:
      return "loop-enter";
    case NodeKind::kLoopTest:
      return "loop";
    case NodeKind::kLoopEnd:
      return "loop-end";
    case NodeKind::kGroupEnter:
      return "group-enter";
    case NodeKind::kGroupEnd:
      return "group-end";
    case NodeKind::kGuard:
      return "guard";
    case NodeKind::kPause:
      return "pause";
    case NodeKind::kAccept:
      return "accept";
  }
  return {};
}

std::string_view to_text(Contiguity c) {
  switch (c) {
    case Contiguity::kNext:
      return "next";
    case Contiguity::kAny:
      return "any";
    case Contiguity::kSkipTillNext:
      return "skip-till-next";
  }
  return {};
}

std::string_view to_text(Greed g) {
  switch (g) {
    case Greed::kGreedy:
      return "greedy";
    case Greed::kReluctant:
      return "reluctant";
    case Greed::kPossessive:
      return "possessive";
  }
  return {};
}

std::string_view to_text(Lookup::Form form) {
  switch (form) {
    case Lookup::kAll:
      return {};
    case Lookup::kEqual:
      return "==";
    case Lookup::kLess:
      return "<";
    case Lookup::kLessEqual:
      return "<=";
    case Lookup::kGreater:
      return ">";
    case Lookup::kGreaterEqual:
      return ">=";
  }
  return {};
}

std::string_view to_text(AfterMatch after) {
  switch (after) {
    case AfterMatch::kConsume:
      return "consume";
    case AfterMatch::kSkipPastLast:
      return "skip past last";
    case AfterMatch::kSkipToNext:
      return "skip to next";
    case AfterMatch::kSkipToFirst:
      return "skip to first";
    case AfterMatch::kSkipToLast:
      return "skip to last";
    case AfterMatch::kKeep:
      return "keep";
  }
  return {};
}

class Dumper {
 public:
  Dumper(const Program& program, std::string& out) : program_(program), out_(out) {}

  void rule(RuleId id);
  void derive(DeriveId id);

 private:
  void node(NodeId id);
  void tests(const std::vector<Test>& tests, std::string_view indent);
  void lookup(const Test& test);
  void loop(const Node& n);
  void scopes(const Node& n);
  std::string expr(ExprId id) const { return program_.exprs.dump(id, program_.plan, names_); }
  std::string type(TypeId id, bool any) const { return any ? "*" : program_.plan.type(id).name; }
  void key(KeySpecId id);
  void alert(const AlertSpec& a);

  const Program& program_;
  std::string& out_;
  const Automaton* automaton_ = nullptr;
  bool compact_ = false;
  std::vector<std::string> names_;
};

template <typename... Args>
void put(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

std::string register_name(RegId reg) {
  return reg == kNoReg ? "-" : fmt::format("r{}", reg);
}

void Dumper::key(KeySpecId id) {
  const KeySpec& spec = program_.keys[id];
  if (spec.names.empty()) return;
  put(out_, "  key");
  for (const FieldId f : spec.fields) put(out_, " {}", program_.plan.field(f).dotted);
  for (const auto& [type_id, fields] : spec.by_type) {
    put(out_, " {}:", type(type_id, false));
    for (const FieldId f : fields) put(out_, " {}", program_.plan.field(f).dotted);
  }
  put(out_, "\n");
}

void Dumper::tests(const std::vector<Test>& list, std::string_view indent) {
  for (const Test& t : list) {
    put(out_, "{}{}", indent, type(t.type, t.any_type));
    if (t.name != kNoName) put(out_, " as {}", automaton_->names[t.name].text);
    if (t.within) put(out_, " within {}", format_duration(*t.within));
    for (const ExprId e : t.one_event) put(out_, " if {}", expr(e));
    for (const ExprId e : t.bound) put(out_, " if bound {}", expr(e));
    lookup(t);
    put(out_, "\n");
  }
}

/// By which condition runs are found; of rules that are matched run by run.
void Dumper::lookup(const Test& test) {
  if (compact_ || test.lookup == kNoLookup) return;
  const Lookup& lookup = automaton_->lookups[test.lookup];
  if (lookup.form == Lookup::kAll) return;
  put(out_, " found by {} {} {}", expr(lookup.candidate), to_text(lookup.form), expr(lookup.bound));
}

void Dumper::loop(const Node& n) {
  if (n.kind == NodeKind::kLoopTest) {
    put(out_, " {}..{} {}", n.min, n.max == kNoLimit ? "" : std::to_string(n.max),
        to_text(n.greed));
  }
  if (n.count != kNoReg) put(out_, " count={}", register_name(n.count));
  if (n.entry != kNoReg) put(out_, " entry={}", register_name(n.entry));
  if (n.iter != kNoReg) put(out_, " iteration={}", register_name(n.iter));
  if (n.first_ts != kNoReg) put(out_, " first-ts={}", register_name(n.first_ts));
  if (n.body != kNoNode) put(out_, " body={}", n.body);
}

void Dumper::scopes(const Node& n) {
  for (const KeywordScope& k : n.keywords) {
    if (k.contiguity == Contiguity::kSkipTillNext) continue;
    put(out_, "    {}{}{} since={} count={}\n", to_text(k.contiguity),
        k.only_first ? " first-iteration" : "", k.only_later ? " later-iterations" : "",
        register_name(k.mark), register_name(k.count));
  }
  for (const WindowScope& w : n.windows) {
    put(out_, "    group within {} of {}\n", format_duration(w.duration),
        register_name(w.first_ts));
  }
  for (const UntilScope& u : n.untils) {
    put(out_, "    until\n");
    tests(automaton_->untils[u.until], "      ");
  }
}

void Dumper::node(NodeId id) {
  const Node& n = program_.nodes[id];
  put(out_, "  {} {}", id, to_text(n.kind));
  if (n.kind == NodeKind::kWait || n.kind == NodeKind::kAnd) put(out_, " {}", to_text(n.keyword));
  if (n.within) put(out_, " within {}", format_duration(*n.within));
  loop(n);
  for (const NodeId t : n.targets) put(out_, " or={}", t);
  if (n.next != kNoNode) put(out_, " next={}", n.next);
  put(out_, "\n");
  tests(n.tests, "    ");
  for (const ExprId e : n.where) put(out_, "    where {}\n", expr(e));
  for (const GuardId g : n.guards) {
    const Guard& guard = automaton_->guards[g];
    put(out_, "    {}not{}\n", guard.next ? "next " : "",
        guard.within ? " within " + format_duration(*guard.within) : std::string());
    tests(guard.tests, "      ");
  }
  scopes(n);
}

void Dumper::alert(const AlertSpec& a) {
  put(out_, "  alert {}\n", a.stream);
  for (const MessagePart& part : a.message) {
    put(out_, "    message {}\n", part.expr == kNoExpr ? "\"" + part.text + "\"" : expr(part.expr));
  }
  for (const auto& [name, e] : a.fields) put(out_, "    field {} = {}\n", name, expr(e));
  if (a.cooldown) put(out_, "    cooldown {}\n", format_duration(*a.cooldown));
  if (a.max_per > 0) {
    put(out_, "    at most {} in {}\n", a.max_per, format_duration(a.max_per_span));
  }
  put(out_, "    evidence {} first {} last\n", a.evidence_first, a.evidence_last);
  for (const std::string& path : a.mask) put(out_, "    mask {}\n", path);
}

void Dumper::rule(RuleId id) {
  const Rule& r = program_.rules[id];
  automaton_ = &r.automaton;
  compact_ = r.sequence.has_value();
  names_.clear();
  for (const BoundName& n : automaton_->names) names_.push_back(n.text);

  put(out_, "rule {} {:016x}\n", r.id, r.fingerprint);
  put(out_, "  input");
  for (const TypeId t : r.input) put(out_, " {}", type(t, false));
  if (r.input_all) put(out_, " *");
  put(out_, "\n");
  key(r.key);
  if (r.stratum > 0) put(out_, "  stratum {}\n", r.stratum);
  put(out_, "  names");
  for (const BoundName& n : automaton_->names) put(out_, " {}{}", n.text, n.list ? "[]" : "");
  put(out_, "\n  registers {}\n  after match {}", automaton_->registers,
      to_text(automaton_->after));
  if (automaton_->after_name != kNoName) put(out_, " {}", names_[automaton_->after_name]);
  put(out_, "\n");
  if (automaton_->within) put(out_, "  within {}\n", format_duration(*automaton_->within));
  if (!automaton_->until.empty()) {
    put(out_, "  until\n");
    tests(automaton_->until, "    ");
  }
  for (const LeadingNot& l : automaton_->leading) {
    put(out_, "  not in the {} before\n", format_duration(l.within));
    tests(l.tests, "    ");
  }
  for (const ExprId e : automaton_->where) put(out_, "  where {}\n", expr(e));
  put(out_, "  start {}\n", automaton_->start);
  for (const NodeId n : reached(program_.nodes, automaton_->start)) node(n);
  if (automaton_->ambiguous) put(out_, "  runs may meet\n");
  for (const ExprId e : automaton_->running) put(out_, "  kept {}\n", expr(e));
  alert(r.alert);
}

void Dumper::derive(DeriveId id) {
  const Derive& d = program_.derives[id];
  names_.clear();
  put(out_, "derive {} {:016x}\n", d.id, d.fingerprint);
  for (const Test& t : d.input) {
    put(out_, "  from {}", type(t.type, t.any_type));
    for (const ExprId e : t.one_event) put(out_, " if {}", expr(e));
    put(out_, "\n");
  }
  key(d.key);
  if (d.where != kNoExpr) put(out_, "  where {}\n", expr(d.where));
  switch (d.kind) {
    case WindowKind::kTumbling:
      put(out_, "  tumbling {}\n", format_duration(d.size));
      break;
    case WindowKind::kSliding:
      put(out_, "  sliding {} every {}\n", format_duration(d.size), format_duration(d.every));
      break;
    case WindowKind::kSession:
      put(out_, "  session gap {}\n", format_duration(d.size));
      break;
  }
  for (std::size_t i = 0; i < d.aggs.size(); ++i) {
    const DeriveAgg& a = d.aggs[i];
    put(out_, "  aggregate {} {}", i, text_of(a.agg));
    if (a.agg == Agg::kPercentile) put(out_, " {}", a.percent);
    if (a.arg != kNoExpr) put(out_, " of {}", expr(a.arg));
    if (a.cond != kNoExpr) put(out_, " if {}", expr(a.cond));
    put(out_, "\n");
  }
  for (const auto& [name, e] : d.values) put(out_, "  value {} = {}\n", name, expr(e));
  put(out_, "  stratum {} closes {}\n", d.stratum, d.closing_rank);
}

}  // namespace

std::string Program::dump() const {
  std::string out;
  Dumper dumper(*this, out);
  for (DeriveId d = 0; d < derives.size(); ++d) dumper.derive(d);
  for (RuleId r = 0; r < rules.size(); ++r) dumper.rule(r);
  for (TypeId t = 0; t < plan.type_count(); ++t) {
    const TypePlan& type = plan.type(t);
    if (t != kOtherType || !type.fields.empty()) {
      put(out, "type {}", t == kOtherType ? std::string("*") : type.name);
      for (const FieldId f : type.fields) put(out, " {}", plan.field(f).dotted);
      put(out, "\n");
    }
  }
  for (const TableRef& t : table_refs) put(out, "table {} {}\n", t.name, t.path);
  return out;
}

std::string Program::dump(RuleId rule) const {
  std::string out;
  Dumper(*this, out).rule(rule);
  return out;
}

}  // namespace weir::nfa
