// A rule file, or a pattern alone, compiled and run over a short log made of the input's bytes: the
// engine never crashes, and its alerts are the same, byte for byte, however many shards hold its
// state, and however often it runs.
//
// The input is the rules, a NUL byte, and the bytes that the log is drawn from.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/compiler/compile.hpp"
#include "weir/connectors/event_line.hpp"
#include "weir/pattern-lang/rule_file.hpp"
#include "weir/runtime/engine.hpp"

namespace weir {
namespace {

constexpr std::size_t kMaxEvents = 40;
/// A log is cut off where it has made so much: patterns with ANY and KEEP grow without bound.
constexpr std::uint64_t kMaxOpenRuns = 1000;
constexpr std::uint64_t kMaxAlerts = 1000;

/// The bytes in turn, and after the last one numbers that follow from all of them.
class Draw {
 public:
  explicit Draw(std::string_view bytes) : bytes_(bytes) {
    for (const char c : bytes) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  /// 0 to n - 1.
  std::size_t below(std::size_t n) {
    if (at_ < bytes_.size()) return static_cast<unsigned char>(bytes_[at_++]) % n;
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state_ >> 33U) % n;
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  std::uint64_t state_ = 0xcbf29ce484222325ULL;
};

bool is_rule_file(std::string_view text) {
  for (const char* key : {"rules:", "events:", "derive:", "tables:", "formats:", "tests:"}) {
    if (text.find(key) != text.npos) return true;
  }
  return false;
}

/// A pattern as the one rule of a file, keyed by `k`.
std::string wrap(std::string_view pattern) {
  std::string text = "rules:\n  - id: fuzz\n    key: k\n    pattern: |\n      ";
  for (const char c : pattern) text += c == '\n' ? std::string("\n      ") : std::string(1, c);
  return text + "\n";
}

nfa::ProgramPtr compile(std::string_view rules) {
  auto file = std::make_shared<lang::SourceFile>();
  file->path = "fuzz.yaml";
  file->text = is_rule_file(rules) ? std::string(rules) : wrap(rules);
  lang::Diagnostics diagnostics;
  const auto documents = lang::read_rule_file(file, diagnostics);
  std::vector<const lang::RuleDocument*> all;
  for (const lang::RuleDocument& document : documents) all.push_back(&document);
  const auto program = compiler::compile(all, {}, diagnostics);
  for (const lang::Diagnostic& d : diagnostics.sorted()) {
    if (lang::render(d).empty()) std::abort();
  }
  if (diagnostics.has_errors()) return nullptr;
  if (program == nullptr) std::abort();
  if (program->dump().empty() && !program->rules.empty()) std::abort();
  for (nfa::RuleId rule = 0; rule < program->rules.size(); ++rule) {
    if (compiler::explain_text(*program, rule).empty()) std::abort();
    if (compiler::explain_dot(*program, rule).empty()) std::abort();
  }
  return program;
}

OwnedValue draw_value(Draw& draw) {
  static const std::array<Value, 12> kValues = {
      Value{},           Value::boolean(true), Value::integer(0),  Value::integer(1),
      Value::integer(2), Value::integer(7),    Value::integer(-1), Value::real(1.5),
      Value::real(1e9),  Value::string("a"),   Value::string("b"), Value::string("10.0.0.1"),
  };
  return OwnedValue(kValues[draw.below(kValues.size())]);
}

/// Events of the types and with the fields that the rules read, at times that often meet.
std::vector<Event> draw_log(const FieldPlan& plan, Draw& draw, ValueArena& arena) {
  static constexpr std::array<std::int64_t, 8> kSteps = {0, 0, 1, 1, 2, 5, 60, 3600};
  std::vector<Event> log;
  Timestamp now{};
  const std::size_t count = 1 + draw.below(kMaxEvents);
  for (std::size_t i = 0; i < count; ++i) {
    now = now + Duration{kSteps[draw.below(kSteps.size())] * kNsPerSecond};
    connectors::EventLine line;
    line.kind = connectors::EventLine::Kind::kEvent;
    const auto type = static_cast<TypeId>(draw.below(plan.type_count()));
    line.type = type == kOtherType ? "other" : plan.type(type).name;
    for (const FieldId field : plan.type(type).fields) {
      if (field == kTsField || field == kTypeField || draw.below(8) == 0) continue;
      line.fields.emplace_back(plan.field(field).dotted, draw_value(draw));
    }
    log.push_back(make_event(line, now, plan, arena));
    log.back().position = {0, 0, i};
  }
  return log;
}

class Collector final : public runtime::AlertSink {
 public:
  void on_alert(const runtime::Alert& alert) override {
    runtime::append_alert_json(text, alert);
    text += '\n';
    ++count;
  }
  std::string text;
  std::uint64_t count = 0;
};

std::string run(const nfa::ProgramPtr& program, const std::vector<Event>& log, std::size_t shards) {
  Collector collector;
  runtime::EngineOptions options;
  options.shards = shards;
  runtime::Engine engine(program, options, collector);
  for (const Event& event : log) {
    engine.push(event);
    if (engine.open_runs() > kMaxOpenRuns || collector.count > kMaxAlerts) break;
  }
  engine.finish();
  if (engine.stats().alerts != collector.count) std::abort();
  return std::move(collector.text);
}

void run(std::string_view input) {
  const std::size_t nul = std::min(input.find('\0'), input.size());
  const nfa::ProgramPtr program = compile(input.substr(0, nul));
  if (program == nullptr) return;
  Draw draw(input.substr(std::min(nul + 1, input.size())));
  ValueArena arena;
  const std::vector<Event> log = draw_log(program->plan, draw, arena);
  const std::string alerts = run(program, log, 1);
  if (alerts != run(program, log, 3)) std::abort();
  if (alerts != run(program, log, 1)) std::abort();
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
