#include "parsed.hpp"

#include <algorithm>
#include <memory>
#include <set>

namespace weir::reference {

std::optional<ParsedRules> ParsedRules::parse(const std::string& rule_yaml, std::string* error) {
  auto file = std::make_shared<lang::SourceFile>();
  file->path = "<generated>";
  file->text = rule_yaml;
  lang::Diagnostics diagnostics;
  ParsedRules out;
  out.documents_ = lang::read_rule_file(file, diagnostics);
  if (diagnostics.has_errors()) {
    if (error != nullptr) {
      for (const auto& d : diagnostics.sorted()) *error += lang::render(d);
    }
    return std::nullopt;
  }
  // Trees point into the documents, whose buffer a move of the vector leaves in place.
  for (const lang::RuleDocument& document : out.documents_) {
    for (const lang::RuleDef& rule : document.rules)
      out.trees_.push_back(make_tree(rule, document));
  }
  return out;
}

MatchResult ParsedRules::run(const Log& log, std::size_t max_runs) const {
  std::vector<const Tree*> trees;
  for (const Tree& tree : trees_) trees.push_back(&tree);
  return match_log(trees, log, max_runs);
}

std::string broken_invariant(const ParsedRules& rules, const Log& log, const MatchResult& result) {
  std::set<std::string> seen;
  const RefMatch* previous = nullptr;
  for (const RefMatch& m : result.matches) {
    const auto tree = std::find_if(rules.trees().begin(), rules.trees().end(),
                                   [&](const Tree& t) { return t.rule == m.rule; });
    std::set<std::uint64_t> events;
    for (const auto& [name, seqs] : m.bindings) {
      if (tree->find_name(name) < 0) return "a name that the pattern does not bind: " + name;
      if (!std::is_sorted(seqs.begin(), seqs.end())) return "events out of order under " + name;
      for (const std::uint64_t seq : seqs) {
        if (!events.insert(seq).second) return "an event bound twice";
      }
    }
    if (events.empty()) return "a match that binds nothing";
    const Timestamp first = log.events[*events.begin()].ts, last = log.events[*events.rbegin()].ts;
    if (tree->within && last - first > *tree->within) return "WITHIN does not hold";
    if (m.detected_at < last) return "detected before its last event";
    if (m.by_event && m.detected_at != log.events[m.completing_seq].ts)
      return "not detected at its event";
    RefMatch undated = m;
    undated.detected_at = {};
    if (!seen.insert(to_string(undated)).second) return "reported twice: " + to_string(m);
    if (previous != nullptr && m.detected_at < previous->detected_at)
      return "not in order of detection";
    previous = &m;
  }
  return {};
}

}  // namespace weir::reference
