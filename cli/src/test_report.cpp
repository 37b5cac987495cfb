#include "test_report.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "test_time.hpp"

namespace weir::cli {
namespace {

std::string show_key(const Tree& key) {
  std::string out;
  for (const auto& [name, value] : key.entries) {
    out += fmt::format("{}{}={}", out.empty() ? "" : " ", name, show(value));
  }
  return out;
}

std::string headline(const GotAlert& got) {
  std::string line = fmt::format("{} at {}", got.rule, show_test_time(got.at));
  const std::string key = show_key(got.key);
  if (!key.empty()) line += "  " + key;
  return line;
}

std::string headline(const lang::Expectation& expected) {
  std::string line = expected.rule ? expected.rule->value : "an alert";
  if (expected.at) line += " at " + expected.at->value;
  if (expected.key) line += "  key " + show(*expected.key);
  if (expected.match) line += "  match " + show(*expected.match);
  if (expected.fields) line += "  fields " + show(*expected.fields);
  return line;
}

/// The events of an alert that nobody expected, so that one sees where it came from.
void show_events(std::string& out, const GotAlert& got) {
  constexpr std::size_t kShown = 6;
  std::size_t width = 0;
  for (const GotBinding& b : got.match) width = std::max(width, display_width(b.name));
  for (const GotBinding& b : got.match) {
    for (std::size_t i = 0; i < b.events.size(); ++i) {
      if (i == kShown) {
        out += fmt::format("          {}  ... and {} more\n", pad("", width), b.events.size() - i);
        break;
      }
      const GotEvent& e = b.events[i];
      const auto record = parse_json(e.json);
      out += fmt::format("          {}  {:>6}  {} {}\n", pad(i == 0 ? b.name : "", width),
                         show_test_time(e.ts), e.type, record ? show_fields(*record) : e.json);
    }
  }
}

void show_differences(std::string& out, const std::vector<Difference>& differences, bool color) {
  std::size_t width = 0;
  std::size_t expected = 0;
  for (const Difference& d : differences) {
    width = std::max(width, display_width(d.path));
    expected = std::max(expected, display_width(d.expected));
  }
  expected = std::min<std::size_t>(expected, 40);
  for (const Difference& d : differences) {
    out += fmt::format("          {}  expected {}  got {}\n", pad(d.path, width),
                       paint(color, Style::kGreen, pad(printable(d.expected), expected)),
                       paint(color, Style::kRed, printable(d.got)));
  }
}

std::string summary_of(const TestResult& result) {
  const lang::TestDef& test = *result.test;
  const std::size_t wanted = test.expect ? test.expect->size() : test.expect_count.value_or(0);
  const std::string want = wanted == 0 ? "no alerts" : counted(wanted, "alert");
  if (wanted == result.got.size()) {
    const auto differs = std::count_if(
        result.lines.begin(), result.lines.end(),
        [](const Aligned& l) { return !l.expected || !l.got || !l.differences.empty(); });
    return fmt::format("expected {}, {} of them otherwise:", want, differs);
  }
  const std::string have = result.got.empty() ? "none" : with_commas(result.got.size());
  return fmt::format("expected {}, got {}:", want, have);
}

class TextReport : public TestReport {
 public:
  TextReport(Out& out, bool verbose) : out_(out), verbose_(verbose) {}

  void add(const TestResult& result) override {
    if (result.passed && !verbose_) return;
    const std::string place = fmt::format("{}:{}", result.file, result.line);
    if (result.passed) {
      out_.write(fmt::format("{}  {}  {}\n", paint(out_.color(), Style::kGreen, "ok  "),
                             printable(result.test->name.value),
                             paint(out_.color(), Style::kDim, place)));
      return;
    }
    out_.write(fmt::format("{}  {}\n      {}\n", paint(out_.color(), Style::kBoldRed, "FAIL"),
                           paint(out_.color(), Style::kBold, printable(result.test->name.value)),
                           paint(out_.color(), Style::kDim, place)));
    out_.write(show_failure(result, out_.color()) + "\n");
  }

  void finish(const TestTotals& totals) override {
    const bool bad = totals.failed > 0;
    out_.write(paint(out_.color(), bad ? Style::kBoldRed : Style::kBoldGreen,
                     fmt::format("{} passed, {} failed", totals.passed, totals.failed)) +
               "\n");
  }

 private:
  Out& out_;
  bool verbose_;
};

class NdjsonReport : public TestReport {
 public:
  explicit NdjsonReport(Out& out) : out_(out) {}

  void add(const TestResult& result) override {
    std::string line = "{\"test\":";
    append_json_string(line, result.test->name.value);
    line += ",\"file\":";
    append_json_string(line, result.file);
    line += fmt::format(",\"line\":{},\"rules\":", result.line);
    append_json_string(line, result.rules);
    line += fmt::format(",\"passed\":{},\"seconds\":{:.6f}", result.passed, result.seconds);
    if (!result.passed) {
      line += ",\"failure\":";
      append_json_string(line, show_failure(result, false));
    }
    out_.write(line + "}\n");
  }

  void finish(const TestTotals& totals) override {
    out_.write(fmt::format("{{\"passed\":{},\"failed\":{},\"seconds\":{:.6f}}}\n", totals.passed,
                           totals.failed, totals.seconds));
  }

 private:
  Out& out_;
};

}  // namespace

std::string show_failure(const TestResult& result, bool color) {
  std::string out;
  for (const std::string& fault : result.faults) out += fmt::format("      {}\n", fault);
  if (!result.faults.empty()) return out;
  out += fmt::format("      {}\n", summary_of(result));
  if (!result.test->expect) {  // only a count was given: show what came
    for (const GotAlert& got : result.got) out += fmt::format("        {}\n", headline(got));
    return out;
  }
  for (const Aligned& line : result.lines) {
    if (line.expected && line.got && line.differences.empty()) {
      out += fmt::format("      {} {}\n", paint(color, Style::kGreen, "="),
                         paint(color, Style::kDim, headline(result.got[*line.got])));
    } else if (line.expected && line.got) {
      out += fmt::format("      {} {}  (different)\n", paint(color, Style::kBoldYellow, "~"),
                         headline(result.got[*line.got]));
      show_differences(out, line.differences, color);
    } else if (line.expected) {
      const lang::Expectation& expected = (*result.test->expect)[*line.expected];
      out += fmt::format("      {}  (missing)\n",
                         paint(color, Style::kGreen, "- " + headline(expected)));
    } else {
      const GotAlert& got = result.got[*line.got];
      out +=
          fmt::format("      {}  (unexpected)\n", paint(color, Style::kRed, "+ " + headline(got)));
      show_events(out, got);
    }
  }
  return out;
}

std::unique_ptr<TestReport> text_report(Out& out, bool verbose) {
  return std::make_unique<TextReport>(out, verbose);
}

std::unique_ptr<TestReport> ndjson_report(Out& out) {
  return std::make_unique<NdjsonReport>(out);
}

}  // namespace weir::cli
