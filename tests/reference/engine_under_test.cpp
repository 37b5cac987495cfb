// The engine as the differential test sees it: rule text and log in, matches out.
#include "engine_under_test.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>

#include "weir/compiler/compile.hpp"
#include "weir/pattern-lang/rule_file.hpp"
#include "weir/runtime/engine.hpp"
#include "weir/runtime/parallel_engine.hpp"

namespace weir::reference {
namespace {

/// As the reference reports its matches.
RefMatch to_match(const runtime::Alert& alert) {
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
  return match;
}

class Collector final : public runtime::AlertSink {
 public:
  void on_alert(const runtime::Alert& alert) override { matches.push_back(to_match(alert)); }

  std::vector<RefMatch> matches;
};

/// Alerts "written down" as handles: matches are made where alerts are written, and taken in the
/// order in which the text comes out.
class Handles final : public runtime::AlertFormat, public runtime::AlertTextSink {
 public:
  void append(std::string& out, const runtime::Alert& alert) const override {
    const std::lock_guard lock(mutex_);
    const std::size_t handle = made_.size();
    made_.push_back(to_match(alert));
    out.append(reinterpret_cast<const char*>(&handle), sizeof handle);
  }
  void on_alerts(std::string_view text, std::size_t) override {
    const std::lock_guard lock(mutex_);
    for (; !text.empty(); text.remove_prefix(sizeof(std::size_t))) {
      std::size_t handle = 0;
      std::memcpy(&handle, text.data(), sizeof handle);
      matches.push_back(made_[handle]);
    }
  }

  std::vector<RefMatch> matches;

 private:
  mutable std::mutex mutex_;
  mutable std::vector<RefMatch> made_;
};

/// A log's events as the engine takes them.
class Events {
 public:
  Events(const Log& log, const FieldPlan& plan) : slots_(log.events.size()) {
    for (const RefEvent& e : log.events) {
      Event event;
      event.type = plan.type_id(e.type);
      event.type_name = e.type;
      event.ts = e.ts;
      event.position = {0, 0, e.seq};
      event.plan = &plan.type(event.type);
      std::vector<Value>& slots = slots_[all.size()];
      for (const FieldId field : event.plan->fields) {
        slots.push_back(e.field(plan.field(field).dotted));
      }
      event.slots = slots.data();
      all.push_back(event);
    }
  }

  std::vector<Event> all;

 private:
  std::vector<std::vector<Value>> slots_;
};

/// Hands a log on in batches.
class Feed final : public runtime::Stage {
 public:
  Feed(const Events& events, const Log& log, runtime::ParallelEngine& engine, std::size_t batch)
      : events_(events.all), log_(log), engine_(engine), batch_(batch) {}

  bool run_one(std::size_t) override {
    if (busy_.test_and_set(std::memory_order_acquire)) return false;
    const bool worked = !ended_ && engine_.has_room();
    if (worked) feed();
    busy_.clear(std::memory_order_release);
    return worked;
  }

 private:
  void feed() {
    if (next_ == events_.size()) {
      ended_ = true;
      if (!log_.close) return engine_.stop();
      return engine_.finish(events_.empty() ? Timestamp::min() : events_.back().ts);
    }
    const auto part = events_.subspan(next_, std::min(batch_, events_.size() - next_));
    next_ += part.size();
    const auto routes = std::make_shared<runtime::Routes>();
    engine_.route(part, *routes);
    runtime::EventBatch batch;
    batch.events = part;
    batch.routes = routes.get();
    if (next_ == events_.size() && log_.watermark) batch.watermark = *log_.watermark;
    batch.memory.push_back(routes);
    engine_.submit(std::move(batch));
  }

  std::span<const Event> events_;
  const Log& log_;
  runtime::ParallelEngine& engine_;
  std::size_t batch_;
  std::atomic_flag busy_;
  std::size_t next_ = 0;
  bool ended_ = false;
};

}  // namespace

/// The program keeps nothing of the documents that it was compiled from.
class CompiledRules {
 public:
  std::shared_ptr<const nfa::Program> program;
  std::shared_ptr<const nfa::Program> without_running;  // the same where nothing would be kept
};

CompiledRulesPtr compile_rules(const std::vector<const lang::RuleDocument*>& documents,
                               std::string* errors) {
  lang::Diagnostics diagnostics;
  const std::shared_ptr<nfa::Program> program = compiler::compile(documents, {}, diagnostics);
  for (const lang::Diagnostic& d : diagnostics.sorted()) {
    if (errors != nullptr && d.severity() == lang::Severity::kError) *errors += lang::render(d);
  }
  if (program == nullptr) return nullptr;
  std::shared_ptr<nfa::Program> without = program;
  if (std::ranges::any_of(program->rules,
                          [](const nfa::Rule& r) { return !r.automaton.running.empty(); })) {
    compiler::CompileOptions options;
    options.running = false;
    without = compiler::compile(documents, options, diagnostics);
  }
  return std::make_shared<const CompiledRules>(CompiledRules{program, without});
}

bool has_compact_plan(const CompiledRules& rules) {
  return std::ranges::any_of(rules.program->rules,
                             [](const nfa::Rule& rule) { return rule.sequence.has_value(); });
}

bool has_families(const CompiledRules& rules) {
  return !rules.program->families.empty();
}

bool has_chains(const CompiledRules& rules) {
  return std::ranges::any_of(rules.program->rules, &nfa::Rule::reads_alerts);
}

EngineResult run_engine(const CompiledRules& rules, const std::vector<std::string>& only,
                        const Log& log, EngineVariant variant) {
  EngineResult result;
  result.accepted = true;
  const nfa::ProgramPtr shared = variant.running ? rules.program : rules.without_running;
  const nfa::Program& program = *shared;
  runtime::EngineOptions options;
  options.shards = variant.shards;
  options.compact = variant.compact;
  options.index_from = variant.index_from;
  if (variant.ahead) options.look_ahead_from = 0;
  options.few_runs = variant.few_runs;
  options.families = variant.families;
  for (nfa::RuleId id = 0; id < program.rules.size(); ++id) {
    if (std::ranges::find(only, program.rules[id].id) != only.end()) options.only.push_back(id);
  }
  Collector collector;
  runtime::Engine engine(shared, options, collector);
  const Events events(log, program.plan);
  if (variant.ahead) {
    engine.push(events.all);
  } else {
    for (const Event& event : events.all) engine.push(event);
  }
  if (log.watermark) engine.advance(*log.watermark);
  if (log.close) engine.finish();
  result.matches = std::move(collector.matches);
  return result;
}

EngineResult run_parallel_engine(const CompiledRules& rules, const Log& log, std::size_t workers,
                                 std::size_t threads, std::size_t batch) {
  EngineResult result;
  result.accepted = true;
  const Events events(log, rules.program->plan);
  Handles handles;
  runtime::ParallelEngine engine(rules.program, {.workers = workers, .only = {}}, handles, handles);
  Feed feed(events, log, engine, batch);
  runtime::Stage* const stages[] = {&engine.merging(), &engine.matching(), &feed};
  runtime::Crew(threads).run(stages, [&] { return engine.done(); });
  result.matches = std::move(handles.matches);
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
