// weir-bench: the engine as a whole, scenario by scenario. docs/performance.md says what each is.
//
// Exit code: 0, 1 where a result is wrong, 3 where the command line is. A goal that is not reached
// is a figure like any other.
#include <fmt/core.h>
#include <fnmatch.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "hot_path.hpp"
#include "isolate.hpp"
#include "report.hpp"
#include "scenario.hpp"

namespace weir::bench {
namespace {

enum class Form { kText, kJson, kMarkdown, kCheck };

/// With --check: what was right and what was wrong, counted as every part of ./dev test does. What
/// gave up has shown neither.
int summary(const Results& results, Form form) {
  std::size_t right = 0;
  std::size_t wrong = 0;
  for (const auto& [name, result] : results) {
    right += result.verdict == Verdict::kRight;
    wrong += result.verdict == Verdict::kWrong;
  }
  if (form == Form::kCheck) fmt::print("{} passed, {} failed\n", right, wrong);
  return wrong == 0 ? 0 : 1;
}

void show(const std::string& name, const Result& result, Form form) {
  // Where the output is for programs, people see rows as they come.
  if (form != Form::kCheck)
    fmt::print(form == Form::kText ? stdout : stderr, "{}", text_row(name, result));
  if (form == Form::kCheck && (result.verdict == Verdict::kWrong || result.gave_up)) {
    fmt::print("{}  {}: {}\n", result.verdict == Verdict::kWrong ? "FAIL" : "gave up", name,
               result.reason.view());
  }
  std::fflush(stdout);
}

int run(const Scenarios& scenarios, const Context& context, Form form) {
  Results results;
  if (form != Form::kCheck) fmt::print(form == Form::kText ? stdout : stderr, "{}", text_header());
  for (const Scenario& scenario : scenarios) {
    results.emplace_back(scenario.name, run_isolated(scenario, context));
    show(scenario.name, results.back().second, form);
  }
  if (form == Form::kJson) fmt::print("{}", json(results, context));
  if (form == Form::kMarkdown) fmt::print("{}", markdown(results));
  return summary(results, form);
}

/// Ends the process there and then: taking down what was built is no part of the path.
int run_hot_path(const std::string& name, std::size_t events, bool twice) {
  for (const HotPath& path : all_hot_paths()) {
    if (path.name != name) continue;
    path.run(events, twice);
    std::_Exit(0);
  }
  fmt::print(stderr, "error: no hot path has such a name\n");
  return 3;
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  using namespace weir::bench;
  CLI::App app{"Measures the engine, scenario by scenario"};
  Context context;
  context.data_dir = std::filesystem::temp_directory_path().string();
  std::vector<std::string> filters;
  bool list = false;
  bool as_json = false;
  bool as_markdown = false;
  bool check = false;
  std::string hot_path;
  std::size_t hot_events = 1000;
  bool twice = false;
  std::uint64_t memory_mib = context.memory_bytes >> 20;
  app.add_flag("--list", list, "Name the scenarios and end");
  app.add_option("--filter", filters, "Only scenarios whose name fits one of these globs");
  app.add_option("--scale", context.scale, "Size of the logs, as a share of the full one");
  app.add_option("--runs", context.runs, "Figures are medians of so many runs")
      ->check(CLI::PositiveNumber);
  app.add_option("--run-seconds", context.run_seconds, "A run that takes longer is given up");
  app.add_option("--memory-mib", memory_mib, "A scenario that needs more is given up");
  app.add_option("--data", context.data_dir, "Folder for logs that are written to disk");
  app.add_flag("--json", as_json, "Print JSON");
  app.add_flag("--markdown", as_markdown, "Print a table for docs/performance.md");
  app.add_flag("--check", check, "Print what is wrong alone, and `N passed, N failed`");
  app.add_option("--callgrind", hot_path, "Push events of this hot path and end (instructions.py)");
  app.add_option("--events", hot_events, "With --callgrind: so many, of twice as many made");
  app.add_flag("--twice", twice, "With --callgrind: all of them");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 3;
  }
  context.memory_bytes = memory_mib << 20;
  if (!hot_path.empty()) return run_hot_path(hot_path, hot_events, twice);

  Scenarios chosen;
  for (Scenario& scenario : all_scenarios()) {
    const bool fits = std::ranges::any_of(filters, [&](const std::string& glob) {
      return fnmatch(glob.c_str(), scenario.name.c_str(), 0) == 0;
    });
    if (filters.empty() || fits) chosen.push_back(std::move(scenario));
  }
  if (list) {
    for (const Scenario& s : chosen) fmt::print("{:<28} {}\n", s.name, s.what);
    return 0;
  }
  if (chosen.empty()) {
    fmt::print(stderr, "error: no scenario has such a name; --list shows them\n");
    return 3;
  }
  return run(chosen, context,
             as_json       ? Form::kJson
             : as_markdown ? Form::kMarkdown
             : check       ? Form::kCheck
                           : Form::kText);
}
