#include "rule_graph.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "output.hpp"

namespace weir::cli {
namespace {

constexpr std::size_t kTextColumns = 44;
constexpr std::size_t kTextLines = 4;

using nfa::NodeKind;

bool is_state(NodeKind kind) {
  return kind == NodeKind::kWait || kind == NodeKind::kAnd || kind == NodeKind::kPause ||
         kind == NodeKind::kAccept;
}

class GraphBuilder {
 public:
  GraphBuilder(const nfa::Program& program, nfa::RuleId rule)
      : program_(program), rule_(program.rules[rule]) {}

  RuleGraph build() {
    graph_.title = rule_.title.empty() ? rule_.id : fmt::format("{}: {}", rule_.id, rule_.title);
    notes();
    graph_.states.push_back({StateShape::kStart, {}});
    follow(0, rule_.automaton.start);
    // States are found in order of preference, each followed once.
    for (std::size_t s = 1; s < graph_.states.size(); ++s) {
      const nfa::Node& node = program_.nodes[node_of_[s]];
      if (node.kind != NodeKind::kAccept) follow(s, node.next);
    }
    return std::move(graph_);
  }

 private:
  void follow(std::size_t from, nfa::NodeId first) {
    visited_.clear();
    walk(from, first, "");
  }

  /// Everything that the closure of `id` may come to, with what it passes.
  void walk(std::size_t from, nfa::NodeId id, const std::string& passed) {
    if (id == nfa::kNoNode || !visited_.insert({id, passed}).second) return;
    const nfa::Node& node = program_.nodes[id];
    if (is_state(node.kind)) {
      graph_.edges.push_back({from, state(id), passed});
      return;
    }
    switch (node.kind) {
      case NodeKind::kSplit:
        for (const nfa::NodeId target : node.targets) walk(from, target, passed);
        break;
      case NodeKind::kLoopEnter:
        loop(from, program_.nodes[node.next], passed, true);
        break;
      case NodeKind::kLoopTest:
        loop(from, node, passed, false);
        break;
      case NodeKind::kLoopEnd:
        loop(from, program_.nodes[node.body], passed, false);
        break;
      case NodeKind::kGuard:
        walk(from, node.next, with(passed, node.label));
        break;
      default:
        walk(from, node.next, passed);
    }
  }

  /// Once more, or on; a loop that must be taken cannot be left where it is entered.
  void loop(std::size_t from, const nfa::Node& test, const std::string& passed, bool entering) {
    const std::string again = entering ? passed : with(passed, bounds(test));
    const bool leave = !entering || test.min == 0;
    const bool last = test.greed == nfa::Greed::kReluctant;
    if (leave && last) walk(from, test.next, passed);
    if (test.max > 1 || entering) walk(from, test.body, again);
    if (leave && !last) walk(from, test.next, passed);
  }

  /// How often a group is repeated; a step says so itself.
  std::string bounds(const nfa::Node& test) const {
    const nfa::Node& body = program_.nodes[test.body];
    if (body.kind == NodeKind::kWait && program_.nodes[body.next].kind == NodeKind::kLoopEnd) {
      return "";
    }
    if (test.max == nfa::kNoLimit) return fmt::format("{} times or more", test.min);
    if (test.min == test.max) return fmt::format("{} times", test.min);
    return fmt::format("{} to {} times", test.min, test.max);
  }

  /// Met again on a round that binds nothing, a text says nothing new.
  static std::string with(const std::string& passed, const std::string& text) {
    if (text.empty() || passed.find(text) != std::string::npos) return passed;
    return passed.empty() ? text : passed + ", " + text;
  }

  std::size_t state(nfa::NodeId id) {
    const auto [it, added] = state_of_.try_emplace(id, graph_.states.size());
    if (!added) return it->second;
    const nfa::Node& node = program_.nodes[id];
    GraphState s;
    std::string text = node.label;
    switch (node.kind) {
      case NodeKind::kAnd:
        s.shape = StateShape::kAnd;
        break;
      case NodeKind::kPause:
        s.shape = StateShape::kPause;
        break;
      case NodeKind::kAccept:
        s.shape = StateShape::kMatch;
        text = "match";
        break;
      default:
        break;
    }
    s.lines = wrap(text, kTextColumns);
    if (s.lines.size() > kTextLines) {
      s.lines.resize(kTextLines);
      s.lines.back() += " ...";
    }
    graph_.states.push_back(std::move(s));
    node_of_[it->second] = id;
    return it->second;
  }

  void notes() {
    std::string key;
    for (const std::string& name : program_.keys[rule_.key].names) {
      key += (key.empty() ? "" : ", ") + name;
    }
    if (!key.empty()) graph_.notes.push_back("key: " + key);
    const nfa::Automaton& a = rule_.automaton;
    for (const nfa::LeadingNot& leading : a.leading) {
      std::string types;
      for (const nfa::Test& test : leading.tests) {
        types += types.empty() ? "" : " or ";
        types += test.any_type ? "event" : program_.plan.type(test.type).name;
      }
      graph_.notes.push_back(
          fmt::format("no {} in the {} before it", types, format_duration(leading.within)));
    }
    if (a.within) graph_.notes.push_back("WITHIN " + format_duration(*a.within));
    static constexpr const char* kAfter[] = {"CONSUME",       "SKIP PAST LAST", "SKIP TO NEXT",
                                             "SKIP TO FIRST", "SKIP TO LAST",   "KEEP"};
    std::string after = fmt::format("AFTER MATCH {}", kAfter[static_cast<std::size_t>(a.after)]);
    if (a.after_name != nfa::kNoName) after += " " + a.names[a.after_name].text;
    graph_.notes.push_back(after);
  }

  const nfa::Program& program_;
  const nfa::Rule& rule_;
  RuleGraph graph_;
  std::map<nfa::NodeId, std::size_t> state_of_;
  std::map<std::size_t, nfa::NodeId> node_of_;
  std::set<std::pair<nfa::NodeId, std::string>> visited_;
};

}  // namespace

RuleGraph graph_of(const nfa::Program& program, nfa::RuleId rule) {
  return GraphBuilder(program, rule).build();
}

}  // namespace weir::cli
