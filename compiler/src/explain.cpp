// What the engine made of a rule, for the people who wrote it (weir explain).
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "weir/compiler/compile.hpp"
#include "weir/nfa/predicate_index.hpp"

namespace weir::compiler {
namespace {

using nfa::Node;
using nfa::NodeId;
using nfa::NodeKind;

template <typename... Args>
void put(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

std::vector<NodeId> nodes_of(const nfa::Program& program, const nfa::Automaton& automaton) {
  return nfa::reached(program.nodes, automaton.start);
}

void each_test(const nfa::Program& program, const nfa::Automaton& automaton,
               const std::function<void(const nfa::Test&)>& visit) {
  const auto all = [&](const std::vector<nfa::Test>& tests) {
    for (const nfa::Test& t : tests) visit(t);
  };
  for (const NodeId id : nodes_of(program, automaton)) all(program.nodes[id].tests);
  for (const nfa::Guard& g : automaton.guards) all(g.tests);
  for (const auto& tests : automaton.untils) all(tests);
  for (const nfa::LeadingNot& l : automaton.leading) all(l.tests);
  all(automaton.until);
}

/// How predicates are found among those that all rules ask of events of one type.
class Indexings {
 public:
  explicit Indexings(const nfa::Program& program) : program_(program) {}

  std::string_view of(nfa::ExprId predicate, TypeId type) {
    const auto [it, fresh] = by_type_.try_emplace(type);
    if (fresh) it->second = make(type);
    return nfa::to_string(it->second.at(predicate));
  }

 private:
  using OfPredicate = std::map<nfa::ExprId, nfa::Indexing>;

  OfPredicate make(TypeId type) const {
    std::set<nfa::ExprId> asked;
    for (const nfa::Rule& rule : program_.rules) {
      each_test(program_, rule.automaton, [&](const nfa::Test& t) {
        const bool of_type = t.any_type || type == kOtherType || t.type == type;
        if (of_type) asked.insert(t.one_event.begin(), t.one_event.end());
      });
    }
    const std::vector<nfa::ExprId> predicates(asked.begin(), asked.end());
    const nfa::PredicateIndex index(program_.exprs, predicates);
    OfPredicate out;
    for (std::uint32_t i = 0; i < predicates.size(); ++i) {
      out.emplace(predicates[i], index.indexing(i));
    }
    return out;
  }

  const nfa::Program& program_;
  std::map<TypeId, OfPredicate> by_type_;
};

class Explainer {
 public:
  Explainer(const nfa::Program& program, nfa::RuleId id)
      : program_(program), rule_(program.rules[id]), automaton_(rule_.automaton) {
    for (const nfa::BoundName& n : automaton_.names) names_.push_back(n.text);
  }

  std::string text(nfa::RuleId id);

 private:
  void input(std::string& out) const;
  std::string_view finds_runs(const nfa::Test& test, nfa::ExprId condition) const;
  void predicates(std::string& out) const;
  void fields(std::string& out) const;
  bool any_event_touches() const;
  void state_bound(std::string& out) const;
  std::string type(TypeId id) const { return program_.plan.type(id).name; }

  const nfa::Program& program_;
  const nfa::Rule& rule_;
  const nfa::Automaton& automaton_;
  std::vector<std::string> names_;
};

void Explainer::input(std::string& out) const {
  put(out, "input      ");
  const char* separator = "";
  for (const TypeId t : rule_.input) {
    put(out, "{}{}", separator, type(t));
    separator = ", ";
  }
  if (rule_.input_all) put(out, "{}every type of the sources", separator);
  put(out, "\nkey        ");
  const nfa::KeySpec& key = program_.keys[rule_.key];
  if (key.names.empty()) put(out, "none: all events are one partition");
  separator = "";
  for (const FieldId f : key.fields) {
    put(out, "{}{}", separator, program_.plan.field(f).dotted);
    separator = ", ";
  }
  for (const auto& [type_id, fields] : key.by_type) {
    put(out, "{}{}:", separator, type(type_id));
    for (const FieldId f : fields) put(out, " {}", program_.plan.field(f).dotted);
    separator = ", ";
  }
  const auto sharing = std::ranges::count(program_.rules, rule_.key, &nfa::Rule::key);
  if (!key.names.empty() && sharing > 1) put(out, "  (shared with {} other rules)", sharing - 1);
  put(out, "\n");
}

/// How runs are found by the condition; empty where they are not, or there are none.
std::string_view Explainer::finds_runs(const nfa::Test& test, nfa::ExprId condition) const {
  if (rule_.sequence || test.lookup == nfa::kNoLookup) return {};
  const nfa::Lookup& lookup = automaton_.lookups[test.lookup];
  const auto args = program_.exprs.args(condition);
  if (lookup.form == nfa::Lookup::kAll || args.size() != 2) return {};
  if (std::ranges::find(args, lookup.candidate) == args.end()) return {};
  if (std::ranges::find(args, lookup.bound) == args.end()) return {};
  const bool equal = program_.exprs.at(condition).op == nfa::Op::kEq;
  if (equal != (lookup.form == nfa::Lookup::kEqual)) return {};
  return equal ? "finds runs, hashed" : "finds runs, sorted";
}

void Explainer::predicates(std::string& out) const {
  std::map<nfa::ExprId, std::string_view> found;  // predicate -> how it is answered
  Indexings indexings(program_);
  each_test(program_, automaton_, [&](const nfa::Test& t) {
    const TypeId type = t.any_type ? kOtherType : t.type;
    for (const nfa::ExprId e : t.one_event) found.emplace(e, indexings.of(e, type));
    for (const nfa::ExprId e : t.bound) {
      const std::string_view how = finds_runs(t, e);
      if (!how.empty()) found[e] = how;
      found.emplace(e, "with what is bound");
    }
  });
  for (const nfa::ExprId e : automaton_.where) found.emplace(e, "at the match");
  if (found.empty()) return;
  put(out,
      "\npredicates (relative cost; how it is answered: those of one event once for all rules, by "
      "an index or asked one by one)\n");
  for (const auto& [e, how] : found) {
    put(out, "  {:>4}  {:<18}  {}\n", program_.exprs.at(e).cost, how,
        program_.exprs.dump(e, program_.plan, names_));
  }
}

void Explainer::fields(std::string& out) const {
  put(out, "\nfields decoded (for all rules together)\n");
  std::vector<TypeId> types = rule_.input;
  if (rule_.input_all) types.insert(types.begin(), kOtherType);
  for (const TypeId t : types) {
    put(out, "  {}:", t == kOtherType ? std::string("*") : type(t));
    for (const FieldId f : program_.plan.type(t).fields) {
      put(out, " {}", program_.plan.field(f).dotted);
    }
    put(out, "\n");
  }
}

/// Some of its runs may be ended, or changed, by an event that they do not ask for.
bool Explainer::any_event_touches() const {
  const auto is_next = [](nfa::Contiguity c) { return c == nfa::Contiguity::kNext; };
  const auto nodes = nodes_of(program_, automaton_);
  return automaton_.possessive || std::ranges::any_of(automaton_.guards, &nfa::Guard::next) ||
         std::ranges::any_of(nodes, [&](NodeId id) {
           const Node& n = program_.nodes[id];
           return is_next(n.keyword) ||
                  std::ranges::any_of(n.keywords, is_next, &nfa::KeywordScope::contiguity);
         });
}

void Explainer::state_bound(std::string& out) const {
  put(out, "\nstate\n  plan: one record a run (listed runs)\n  a run lives ");
  if (automaton_.within) {
    put(out, "at most {} of event time after its first event", format_duration(*automaton_.within));
  } else {
    put(out, "until a step's WITHIN, a NOT or a match ends it: nothing bounds the pattern");
  }
  bool forks = false;
  for (const NodeId id : nodes_of(program_, automaton_)) {
    const Node& n = program_.nodes[id];
    forks = forks || n.kind == NodeKind::kSplit ||
            (n.kind == NodeKind::kLoopTest && n.greed != nfa::Greed::kPossessive);
  }
  put(out, "\n  {}\n",
      forks ? "an event may fork a run: at loops, optional steps and ORs"
            : "each event that begins the pattern opens one run; none forks");
  if (!rule_.sequence) {
    put(out, "  of a key with many runs an event goes to those that it can do something to{}\n",
        any_event_touches() ? ", and to all behind NEXT or a possessive loop" : "");
  }
  if (rule_.stratum > 0)
    put(out, "  reads other rules' alerts or windows: stratum {}\n", rule_.stratum);
}

std::string Explainer::text(nfa::RuleId id) {
  std::string out;
  put(out, "rule       {}", rule_.id);
  if (!rule_.title.empty()) put(out, " - {}", rule_.title);
  put(out, "\npattern    ");
  for (const char c : rule_.pattern_text) {
    out += c;
    if (c == '\n') out += "           ";
  }
  put(out, "\n");
  input(out);
  put(out, "plan       {}\n", program_.plan_text(id));
  predicates(out);
  fields(out);
  state_bound(out);
  put(out, "\nautomaton\n{}", program_.dump(id));
  return out;
}

std::string dot_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

}  // namespace

std::string explain_text(const nfa::Program& program, nfa::RuleId rule) {
  return Explainer(program, rule).text(rule);
}

std::string explain_dot(const nfa::Program& program, nfa::RuleId rule) {
  const nfa::Rule& r = program.rules[rule];
  std::string out;
  put(out, "digraph \"{}\" {{\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n",
      dot_escaped(r.id));
  put(out, "  start [shape=point];\n  start -> n{};\n", r.automaton.start);
  for (const NodeId id : nodes_of(program, r.automaton)) {
    const Node& n = program.nodes[id];
    std::string_view shape = "point";
    std::string label;
    switch (n.kind) {
      case NodeKind::kWait:
      case NodeKind::kAnd:
        shape = "box";
        label = n.label;
        break;
      case NodeKind::kPause:
        shape = "hexagon";
        label = n.label;
        break;
      case NodeKind::kGuard:
        shape = "octagon";
        label = n.label;
        break;
      case NodeKind::kAccept:
        shape = "doublecircle";
        label = "match";
        break;
      case NodeKind::kSplit:
        shape = "diamond";
        break;
      case NodeKind::kLoopTest:
        shape = "diamond";
        label = fmt::format("{}..{}", n.min, n.max == nfa::kNoLimit ? "" : std::to_string(n.max));
        break;
      case NodeKind::kLoopEnter:
      case NodeKind::kLoopEnd:
      case NodeKind::kGroupEnter:
      case NodeKind::kGroupEnd:
        break;
    }
    put(out, "  n{} [shape={}, label=\"{}\"];\n", id, shape, dot_escaped(label));
    for (std::size_t i = 0; i < n.targets.size(); ++i) {
      put(out, "  n{} -> n{} [label=\"{}\"];\n", id, n.targets[i], i + 1);
    }
    const bool test = n.kind == NodeKind::kLoopTest;
    if (n.body != nfa::kNoNode) {
      put(out, "  n{} -> n{}{};\n", id, n.body, test ? " [label=\"iterate\"]" : "");
    }
    if (n.next != nfa::kNoNode) {
      put(out, "  n{} -> n{}{};\n", id, n.next, test ? " [label=\"go on\"]" : "");
    }
  }
  out += "}\n";
  return out;
}

}  // namespace weir::compiler
