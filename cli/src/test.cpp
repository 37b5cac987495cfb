// weir test: the tests of rules, run and told.
#include <fmt/core.h>

#include <chrono>

#include "commands.hpp"
#include "exit_codes.hpp"
#include "interrupt.hpp"
#include "test_events.hpp"
#include "test_plan.hpp"
#include "test_report.hpp"
#include "weir/runtime/engine.hpp"

namespace weir::cli {
namespace {

using Clock = std::chrono::steady_clock;

class Collector : public runtime::AlertSink {
 public:
  explicit Collector(std::vector<GotAlert>& got) : got_(got) {}
  void on_alert(const runtime::Alert& alert) override { got_.push_back(GotAlert::of(alert)); }

 private:
  std::vector<GotAlert>& got_;
};

std::vector<GotAlert> run_engine(const TestScope& scope, const TestEvents& events, bool close) {
  std::vector<GotAlert> got;
  if (scope.only.empty()) return got;
  Collector collector(got);
  runtime::EngineOptions options;
  options.only = scope.only;
  runtime::Engine engine(scope.program, std::move(options), collector);
  for (const TestInput& input : events.inputs()) {
    if (input.watermark) {
      engine.advance(input.ts);
    } else {
      engine.push(input.event);
    }
  }
  if (close) engine.finish();
  return got;
}

void judge(const lang::TestDef& test, TestResult& result) {
  if (!test.expect) {
    result.passed = result.got.size() == test.expect_count.value_or(0);
    return;
  }
  result.lines = align(*test.expect, result.got);
  result.passed = true;
  for (const Aligned& line : result.lines) {
    if (!line.expected || !line.got || !line.differences.empty()) result.passed = false;
  }
}

class Runner {
 public:
  Runner(const TestOptions& options, const RuleSet& rules, TestPlan& plan, TestReport& report)
      : options_(options), rules_(rules), plan_(plan), report_(report) {}

  TestTotals run() {
    const auto start = Clock::now();
    for (const lang::RuleDocument& document : rules_.documents) {
      for (const lang::TestDef& test : document.tests) {
        if (interrupted() || (options_.fail_fast && totals_.failed > 0)) break;
        run_one(document, test);
      }
    }
    totals_.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return totals_;
  }

 private:
  void run_one(const lang::RuleDocument& document, const lang::TestDef& test) {
    const auto start = Clock::now();
    lang::Diagnostics faults;
    TestResult result;
    result.test = &test;
    const TestScope scope = plan_.scope(document, test, faults);
    result.rules = scope.label;
    if (!chosen(document, test, scope)) return;
    const lang::Place& place = test.place;
    result.file = place.snippet->file->path;
    result.line = line_of(place);
    if (scope.program == nullptr) {
      if (!faults.has_errors()) result.faults.push_back("its rules cannot be run together");
    } else {
      check_test(test, scope, faults);
      TestEvents events;
      if (events.load(test, rules_, scope.program->plan, faults) && !faults.has_errors()) {
        result.got = run_engine(scope, events, test.close);
        judge(test, result);
      }
    }
    for (const lang::Diagnostic& fault : faults.sorted()) {
      result.faults.push_back(fault.message + (fault.help.empty() ? "" : "; " + fault.help));
    }
    result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    ++(result.passed ? totals_.passed : totals_.failed);
    report_.add(result);
  }

  /// Counted on from the test before: a file's tests come in its order.
  std::uint32_t line_of(const lang::Place& place) {
    const lang::SourceFile* file = place.snippet->file.get();
    const std::uint32_t offset = place.snippet->file_position(place.span.begin);
    if (file != counted_.file || offset < counted_.offset) counted_ = {.file = file};
    const std::string_view rest = std::string_view(file->text).substr(counted_.offset);
    counted_.line += lang::line_column(rest, offset - counted_.offset).line - 1;
    counted_.offset = offset;
    return counted_.line;
  }

  bool chosen(const lang::RuleDocument& document, const lang::TestDef& test,
              const TestScope& scope) const {
    const auto holds = [&](const std::string& text) {
      return text.find(options_.filter) != std::string::npos;
    };
    return holds(test.name.value) || holds(scope.label) || holds(document.file->path);
  }

  const TestOptions& options_;
  const RuleSet& rules_;
  TestPlan& plan_;
  TestReport& report_;
  TestTotals totals_;
  struct {
    const lang::SourceFile* file = nullptr;
    std::uint32_t offset = 0;
    std::uint32_t line = 1;
  } counted_;
};

std::unique_ptr<TestReport> make_report(const TestOptions& options, Io& io) {
  if (options.output == "junit") return junit_report(io.out);
  if (options.output == "ndjson") return ndjson_report(io.out);
  return text_report(io.out, options.verbose > 0);
}

}  // namespace

int test(const TestOptions& options, Io& io) {
  lang::Diagnostics diagnostics;
  RuleSet rules;
  if (!read_rules(options.paths, rules, diagnostics, io)) return kUsage;
  TestPlan plan(rules, nullptr, diagnostics);
  plan.compile_all();
  if (diagnostics.has_errors()) {
    print_diagnostics(diagnostics, true, io);
    return kInvalidRules;
  }
  const std::size_t warned = diagnostics.warnings();
  if (warned > 0 && !options.quiet) {
    print_warning(io, fmt::format("the rules have {}; `weir check` shows {}",
                                  counted(warned, "warning"), warned == 1 ? "it" : "them"));
  }
  catch_interrupts();
  const auto report = make_report(options, io);
  const TestTotals totals = Runner(options, rules, plan, *report).run();
  report->finish(totals);
  if (diagnostics.has_errors()) {  // of rules that only tests bring together
    print_diagnostics(diagnostics, false, io);
    return kInvalidRules;
  }
  if (interrupted()) return kInterrupted;
  if (totals.passed + totals.failed == 0) {
    print_warning(io, options.filter.empty()
                          ? "there are no tests"
                          : "no test has \"" + options.filter + "\" in its name");
  }
  return totals.failed == 0 ? kFine : kFindings;
}

}  // namespace weir::cli
