// The engine as the differential test sees it: rule text and log in, matches out.
#include "engine_under_test.hpp"

#include <algorithm>
#include <map>

#include "weir/compiler/compile.hpp"
#include "weir/pattern-lang/rule_file.hpp"
#include "weir/runtime/engine.hpp"

namespace weir::reference {
namespace {

/// Takes alerts as the reference reports its matches.
class Collector final : public runtime::AlertSink {
 public:
  explicit Collector(const Log& log) : log_(log) {}

  void on_alert(const runtime::Alert& alert) override {
    RefMatch match;
    match.rule = alert.rule->id;
    match.detected_at = alert.detected_at;
    for (const auto& [name, value] : alert.key) {
      match.key.emplace_back(std::string(name), OwnedValue(value));
    }
    for (const runtime::Binding& binding : alert.match) {
      if (binding.events.empty()) continue;
      auto& seqs = match.bindings[std::string(binding.name)];
      for (const Event* e : binding.events) seqs.push_back(e->position.offset);
    }
    matches.push_back(std::move(match));
  }

  std::vector<RefMatch> matches;

 private:
  const Log& log_;
};

void push(runtime::Engine& engine, const RefEvent& e) {
  const FieldPlan& plan = engine.program().plan;
  Event event;
  event.type = plan.type_id(e.type);
  event.type_name = e.type;
  event.ts = e.ts;
  event.position = {0, 0, e.seq};
  event.plan = &plan.type(event.type);
  std::vector<Value> slots;
  for (const FieldId field : event.plan->fields) {
    slots.push_back(e.field(plan.field(field).dotted));
  }
  event.slots = slots.data();
  engine.push(event);
}

}  // namespace

/// The program keeps nothing of the documents that it was compiled from.
class CompiledRules {
 public:
  std::shared_ptr<const nfa::Program> program;
};

CompiledRulesPtr compile_rules(const std::vector<const lang::RuleDocument*>& documents,
                               std::string* errors) {
  lang::Diagnostics diagnostics;
  const auto program = compiler::compile(documents, {}, diagnostics);
  for (const lang::Diagnostic& d : diagnostics.sorted()) {
    if (errors != nullptr && d.severity() == lang::Severity::kError) *errors += lang::render(d);
  }
  return program ? std::make_shared<const CompiledRules>(CompiledRules{program}) : nullptr;
}

EngineResult run_engine(const CompiledRules& rules, const std::vector<std::string>& only,
                        const Log& log, EngineVariant variant) {
  EngineResult result;
  result.accepted = true;
  const nfa::Program& program = *rules.program;
  runtime::EngineOptions options;
  options.shards = variant.shards;
  options.compact = variant.compact;
  for (nfa::RuleId id = 0; id < program.rules.size(); ++id) {
    if (std::ranges::find(only, program.rules[id].id) != only.end()) options.only.push_back(id);
  }
  Collector collector(log);
  runtime::Engine engine(rules.program, options, collector);
  for (const RefEvent& e : log.events) push(engine, e);
  if (log.watermark) engine.advance(*log.watermark);
  if (log.close) engine.finish();
  result.matches = std::move(collector.matches);
  return result;
}

EngineResult run_engine(const std::vector<const lang::RuleDocument*>& documents,
                        const std::vector<std::string>& only, const Log& log,
                        EngineVariant variant) {
  EngineResult refused;
  const CompiledRulesPtr rules = compile_rules(documents, &refused.errors);
  return rules ? run_engine(*rules, only, log, variant) : refused;
}

}  // namespace weir::reference
