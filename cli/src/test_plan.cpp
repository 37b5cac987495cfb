#include "test_plan.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace weir::cli {
namespace {

void collect_elements(const lang::Element& element, std::set<std::string>& names);

void collect_step(const lang::Step& step, std::set<std::string>& names) {
  collect_elements(step.element, names);
  if (step.until) collect_elements(step.until->element, names);
}

void collect_elements(const lang::Element& element, std::set<std::string>& names) {
  if (element.kind == lang::ElementKind::kType || element.kind == lang::ElementKind::kQuoted) {
    names.insert(element.name);
  }
  for (const lang::Step& member : element.members) collect_step(member, names);
}

}  // namespace

TestPlan::TestPlan(const RuleSet& rules, const Schema* schema, lang::Diagnostics& diagnostics)
    : rules_(rules), schema_(schema), diagnostics_(diagnostics) {
  defines_.resize(rules.documents.size());
  reads_.resize(rules.documents.size());
  for (std::size_t d = 0; d < rules.documents.size(); ++d) find_names(d);
}

/// What a document makes and what it reads, by name. A type that nobody makes is one of the
/// sources'.
void TestPlan::find_names(std::size_t document) {
  const lang::RuleDocument& doc = rules_.documents[document];
  std::set<std::string> read;
  for (const lang::RuleDef& rule : doc.rules) {
    rule_documents_[rule.id.value].insert(document);
    if (rule.enabled) {
      const lang::Text& stream = rule.alert.stream;
      defines_[document].insert(stream.empty() ? "alerts" : stream.value);
      if (rule.status == lang::RuleStatus::kTest) defines_[document].insert("shadow");
      defines_[document].insert("rule:" + rule.id.value);
    }
    for (const lang::Text& from : rule.from) read.insert(from.value);
    if (rule.pattern) collect_step(rule.pattern->root, read);
  }
  for (const lang::Derive& derive : doc.derives) {
    defines_[document].insert(derive.id.value);
    for (const lang::Text& from : derive.from) read.insert(from.value);
  }
  for (const std::string& name : read) {
    const auto is_named = [&](const lang::EventClass& c) { return c.name.value == name; };
    const auto event_class = std::find_if(doc.events.begin(), doc.events.end(), is_named);
    if (event_class == doc.events.end()) {
      reads_[document].insert(name);
    } else {
      for (const lang::Text& from : event_class->from) reads_[document].insert(from.value);
    }
  }
  for (const std::string& name : defines_[document]) definers_[name].insert(document);
}

TestPlan::Documents TestPlan::with_feeders(Documents documents) const {
  std::vector<std::size_t> open(documents.begin(), documents.end());
  while (!open.empty()) {
    const std::size_t d = open.back();
    open.pop_back();
    for (const std::string& name : reads_[d]) {
      const auto it = definers_.find(name);
      if (it == definers_.end() || defines_[d].contains(name)) continue;
      for (const std::size_t feeder : it->second) {
        if (documents.insert(feeder).second) open.push_back(feeder);
      }
    }
  }
  return documents;
}

const TestPlan::Unit& TestPlan::unit(const Documents& documents) {
  const auto [it, added] = units_.try_emplace(documents);
  Unit& unit = it->second;
  if (!added) return unit;
  std::vector<const lang::RuleDocument*> list;
  for (const std::size_t d : documents) list.push_back(&rules_.documents[d]);
  unit.program = compile_rules(list, schema_, diagnostics_);
  // The Program has the enabled rules in the order of the documents.
  nfa::RuleId next = 0;
  for (const std::size_t d : documents) {
    for (const lang::RuleDef& rule : rules_.documents[d].rules) {
      if (rule.enabled) unit.rules[d].emplace_back(rule.id.value, next++);
    }
  }
  return unit;
}

std::vector<std::string> TestPlan::names_of(const lang::TestDef& test) const {
  std::vector<std::string> names;
  for (const lang::Text& name : test.rules) names.push_back(name.value);
  if (names.empty() && test.rule) names.push_back(test.rule->value);
  return names;
}

void TestPlan::report_unknown(const lang::Text& name, lang::Diagnostics& faults) const {
  auto& d = faults.report(lang::Code::E0601, name.place,
                          fmt::format("no loaded file has a rule `{}`", name.value));
  std::vector<std::string> known;
  for (const auto& [id, documents] : rule_documents_) known.push_back(id);
  const std::string near = lang::nearest(name.value, known);
  if (!near.empty()) d.help = fmt::format("did you mean `{}`?", near);
}

void TestPlan::compile_all() {
  for (std::size_t d = 0; d < rules_.documents.size(); ++d) unit(with_feeders({d}));
}

TestScope TestPlan::scope(const lang::RuleDocument& document, const lang::TestDef& test,
                          lang::Diagnostics& faults) {
  const auto own = static_cast<std::size_t>(&document - rules_.documents.data());
  const std::vector<std::string> names = names_of(test);
  TestScope scope;
  Documents documents = {own};
  bool known = true;
  for (const std::string& name : names) {
    const auto it = rule_documents_.find(name);
    if (it != rule_documents_.end()) {
      if (!it->second.contains(own)) documents.insert(*it->second.begin());
      continue;
    }
    known = false;
    for (const lang::Text& text : test.rules) {
      if (text.value == name) report_unknown(text, faults);
    }
  }
  if (!known) return scope;
  if (names.empty() && document.rules.empty()) {
    for (std::size_t d = 0; d < rules_.documents.size(); ++d) documents.insert(d);
  }
  const Unit& found = unit(with_feeders(std::move(documents)));
  for (const auto& [d, rules] : found.rules) {
    for (const auto& [id, rule] : rules) {
      // Its own document's rule where several have the id.
      const bool here = d == own || document.rules.empty() || !rule_documents_.at(id).contains(own);
      const bool named = std::find(names.begin(), names.end(), id) != names.end();
      const bool wanted = names.empty() ? d == own || document.rules.empty() : named && here;
      if (!wanted) continue;
      scope.only.push_back(rule);
      if (names.empty()) continue;
      scope.label += (scope.label.empty() ? "" : ", ") + id;
    }
  }
  if (scope.only.size() == 1 && found.program != nullptr) {
    scope.label = found.program->rules[scope.only.front()].id;
  }
  scope.program = found.program;
  return scope;
}

}  // namespace weir::cli
