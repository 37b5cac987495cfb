// Rules from text, logs drawn at random, and what one engine and several say of them.
#pragma once

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "weir/compiler/compile.hpp"
#include "weir/pattern-lang/rule_file.hpp"
#include "weir/runtime/engine.hpp"
#include "weir/runtime/parallel_engine.hpp"

namespace weir::runtime {

/// Null, with what is wrong on standard error, where the text is no rule file.
inline nfa::ProgramPtr compile_text(const std::string& yaml) {
  auto file = std::make_shared<lang::SourceFile>();
  file->path = "<test>";
  file->text = yaml;
  lang::Diagnostics diagnostics;
  const std::vector<lang::RuleDocument> documents = lang::read_rule_file(file, diagnostics);
  std::vector<const lang::RuleDocument*> all;
  for (const lang::RuleDocument& document : documents) all.push_back(&document);
  nfa::ProgramPtr program;
  if (!diagnostics.has_errors()) program = compiler::compile(all, {}, diagnostics);
  if (!diagnostics.has_errors()) return program;
  for (const auto& d : diagnostics.sorted()) std::fprintf(stderr, "%s\n", lang::render(d).c_str());
  return nullptr;
}

/// Events of the types a, b, c and d with the fields k and j (strings; sometimes missing) and x (an
/// integer), in order of time, often at the same. `keys`: different k.
class RandomLog {
 public:
  RandomLog(const nfa::Program& program, std::size_t size, unsigned seed, unsigned keys = 12) {
    std::mt19937 random(seed);
    const auto pick = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    std::int64_t second = 1000;
    for (std::size_t i = 0; i < size; ++i) {
      second += pick(3) == 0 ? pick(8) : 0;
      const std::string type(1, "abcd"[pick(4)]);
      const Value k = pick(20) == 0 ? Value() : text("k" + std::to_string(pick(keys)));
      const Value j = pick(20) == 0 ? Value() : text("k" + std::to_string(pick(5)));
      const Value x = Value::integer(pick(10));
      add(program, type, {second * kNsPerSecond}, k, j, x);
    }
  }
  RandomLog(const RandomLog&) = delete;
  RandomLog& operator=(const RandomLog&) = delete;

  std::vector<Event> events;

 private:
  Value text(const std::string& s) { return Value::string(strings_.emplace_back(s)); }

  void add(const nfa::Program& program, const std::string& type, Timestamp ts, const Value& k,
           const Value& j, const Value& x) {
    Event event;
    event.type = program.plan.type_id(type);
    event.type_name = strings_.emplace_back(type);
    event.ts = ts;
    event.position = {0, 0, events.size()};
    event.plan = &program.plan.type(event.type);
    event.format = &format_;
    event.raw = strings_.emplace_back("{\"n\":" + std::to_string(events.size()) + "}");
    std::vector<Value>& slots = slots_.emplace_back();
    for (const FieldId field : event.plan->fields) {
      const std::string& name = program.plan.field(field).dotted;
      slots.push_back(name == "k" ? k : name == "j" ? j : name == "x" ? x : Value());
    }
    event.slots = slots.data();
    events.push_back(event);
  }

  class Raw final : public RecordFormat {
    void append_json(std::string& out, const Event& event) const override { out += event.raw; }
  };
  Raw format_;
  std::deque<std::string> strings_;
  std::deque<std::vector<Value>> slots_;
};

class JsonFormat final : public AlertFormat {
 public:
  /// `padding`: bytes added to each alert.
  explicit JsonFormat(std::size_t padding = 0) : padding_(padding) {}
  void append(std::string& out, const Alert& alert) const override {
    append_alert_json(out, alert);
    out.append(padding_, '.');
    out += '\n';
  }

 private:
  std::size_t padding_;
};

/// What was reported, and the counts.
struct Report {
  std::string text;
  std::size_t alerts = 0;
  EngineStats stats;
};

/// Where two differ: the first line, or the counts.
inline std::string difference(const Report& a, const Report& b) {
  std::size_t at = 0;
  while (at < a.text.size() && at < b.text.size() && a.text[at] == b.text[at]) ++at;
  if (at == a.text.size() && at == b.text.size()) return "counts";
  const auto line = [&](const std::string& text) {
    const std::size_t begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
    return begin < text.size() ? text.substr(begin, text.find('\n', begin) - begin) : "the end";
  };
  return line(a.text) + "\nagainst\n" + line(b.text);
}

inline bool operator==(const Report& a, const Report& b) {
  const auto same = [](const RuleStats& x, const RuleStats& y) {
    return x.matches == y.matches && x.alerts == y.alerts && x.suppressed == y.suppressed &&
           x.events == y.events && x.without_key == y.without_key;
  };
  return a.text == b.text && a.alerts == b.alerts && a.stats.events == b.stats.events &&
         a.stats.alerts == b.stats.alerts &&
         std::equal(a.stats.rules.begin(), a.stats.rules.end(), b.stats.rules.begin(),
                    b.stats.rules.end(), same);
}

/// After every `step` events time advances by itself, as far as the log allows.
struct Course {
  std::size_t step = 0;      // 0: never
  bool finish = true;        // the log has an end
  std::size_t together = 1;  // so many events are pushed in one call
};

inline Timestamp watermark_after(const RandomLog& log, std::size_t events) {
  return log.events[std::min(events, log.events.size() - 1)].ts - Duration{1};
}

inline Report run_one_engine(const nfa::ProgramPtr& program, const RandomLog& log,
                             const Course& course, const JsonFormat& format) {
  class Sink final : public AlertSink {
   public:
    explicit Sink(const JsonFormat& format) : format_(format) {}
    void on_alert(const Alert& alert) override {
      format_.append(report.text, alert);
      ++report.alerts;
    }
    Report report;

   private:
    const JsonFormat& format_;
  };
  Sink sink(format);
  Engine engine(program, {}, sink);
  const std::span<const Event> events = log.events;
  for (std::size_t i = 0; i < events.size();) {
    const std::size_t n = std::min(course.together, events.size() - i);
    engine.push(events.subspan(i, n));
    i += n;
    if (course.step > 0 && i % course.step == 0) engine.advance(watermark_after(log, i));
  }
  if (course.finish) engine.finish();
  sink.report.stats = engine.stats();
  return sink.report;
}

/// Feeds a log in batches.
class LogStage final : public Stage {
 public:
  LogStage(const RandomLog& log, std::size_t batch, const Course& course, ParallelEngine& engine)
      : log_(log), batch_(batch), course_(course), engine_(engine) {}

  bool run_one(std::size_t) override {
    if (busy_.test_and_set(std::memory_order_acquire)) return false;
    const bool worked = !ended_ && engine_.has_room();
    if (worked) feed();
    busy_.clear(std::memory_order_release);
    return worked;
  }

 private:
  void feed() {
    const std::vector<Event>& events = log_.events;
    if (next_ == events.size()) {
      course_.finish ? engine_.finish(events.empty() ? Timestamp::min() : events.back().ts)
                     : engine_.stop();
      ended_ = true;
      return;
    }
    std::size_t n = std::min(batch_, events.size() - next_);
    if (course_.step > 0) n = std::min(n, course_.step - next_ % course_.step);
    const auto routes = std::make_shared<Routes>();
    const auto part = std::span(events).subspan(next_, n);
    engine_.route(part, *routes);
    next_ += n;
    EventBatch batch;
    batch.events = part;
    batch.routes = routes.get();
    if (course_.step > 0 && next_ % course_.step == 0) {
      batch.watermark = watermark_after(log_, next_);
    }
    batch.memory.push_back(routes);
    engine_.submit(std::move(batch));
  }

  const RandomLog& log_;
  std::size_t batch_;
  Course course_;
  ParallelEngine& engine_;
  std::atomic_flag busy_;
  std::size_t next_ = 0;
  bool ended_ = false;
};

inline Report run_in_parallel(const nfa::ProgramPtr& program, const RandomLog& log,
                              const Course& course, const JsonFormat& format, std::size_t workers,
                              std::size_t threads, std::size_t batch) {
  class Sink final : public AlertTextSink {
   public:
    void on_alerts(std::string_view text, std::size_t alerts) override {
      report.text += text;
      report.alerts += alerts;
    }
    Report report;
  };
  Sink sink;
  ParallelEngine engine(program, {.workers = workers, .only = {}}, format, sink);
  LogStage feeding(log, batch, course, engine);
  Stage* const stages[] = {&engine.merging(), &engine.matching(), &feeding};
  Crew(threads).run(stages, [&] { return engine.done(); });
  sink.report.stats = engine.stats();
  return sink.report;
}

}  // namespace weir::runtime
