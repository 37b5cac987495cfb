// JUnit XML as CI systems read it: one testsuite a file, one testcase a test.
#include <fmt/core.h>

#include <cctype>

#include "test_report.hpp"

namespace weir::cli {
namespace {

/// XML 1.0 has no place for most control characters, not even escaped.
std::string xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "&#10;";
        break;
      case '\t':
        out += "&#9;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20) {
          out += c;
        } else {
          out += "\xef\xbf\xbd";
        }
    }
  }
  return out;
}

class JunitReport : public TestReport {
 public:
  explicit JunitReport(Out& out) : out_(out) {}

  void add(const TestResult& result) override {
    if (suites_.empty() || suites_.back().file != result.file)
      suites_.emplace_back().file = result.file;
    Suite& suite = suites_.back();
    ++suite.tests;
    suite.seconds += result.seconds;
    suite.cases += fmt::format(
        "    <testcase name=\"{}\" classname=\"{}\" file=\"{}\" line=\"{}\" time=\"{:.6f}\"",
        xml(result.test->name.value), xml(result.rules.empty() ? result.file : result.rules),
        xml(result.file), result.line, result.seconds);
    if (result.passed) {
      suite.cases += "/>\n";
      return;
    }
    ++suite.failures;
    const std::string text = show_failure(result, false);
    const std::size_t start = text.find_first_not_of(' ');
    const std::string first = text.substr(start, text.find('\n') - start);
    suite.cases += fmt::format(
        ">\n      <failure message=\"{}\" type=\"mismatch\">{}</failure>\n    </testcase>\n",
        xml(first), xml(fmt::format("{}:{}\n{}", result.file, result.line, text)));
  }

  void finish(const TestTotals& totals) override {
    out_.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out_.write(
        fmt::format("<testsuites name=\"weir test\" tests=\"{}\" failures=\"{}\" errors=\"0\" "
                    "time=\"{:.6f}\">\n",
                    totals.passed + totals.failed, totals.failed, totals.seconds));
    for (const Suite& suite : suites_) {
      out_.write(fmt::format(
          "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" time=\"{:.6f}\">\n{}"
          "  </testsuite>\n",
          xml(suite.file), suite.tests, suite.failures, suite.seconds, suite.cases));
    }
    out_.write("</testsuites>\n");
  }

 private:
  struct Suite {
    std::string file;
    std::size_t tests = 0;
    std::size_t failures = 0;
    double seconds = 0;
    std::string cases;
  };
  Out& out_;
  std::vector<Suite> suites_;
};

}  // namespace

std::unique_ptr<TestReport> junit_report(Out& out) {
  return std::make_unique<JunitReport>(out);
}

}  // namespace weir::cli
