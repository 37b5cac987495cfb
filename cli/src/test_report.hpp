// What `weir test` prints: text for people, JUnit for CI, NDJSON for programs.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "output.hpp"
#include "test_compare.hpp"

namespace weir::cli {

struct TestResult {
  const lang::TestDef* test = nullptr;
  std::string file;
  std::uint32_t line = 1;
  std::string rules;  // those it names, or the only one; for people
  double seconds = 0;
  bool passed = false;
  std::vector<GotAlert> got;
  std::vector<Aligned> lines;  // where it gave `expect`
  /// The test could not be run: what is wrong with it.
  std::vector<std::string> faults;
};

struct TestTotals {
  std::size_t passed = 0;
  std::size_t failed = 0;
  double seconds = 0;
};

class TestReport {
 public:
  virtual ~TestReport() = default;
  virtual void add(const TestResult& result) = 0;
  virtual void finish(const TestTotals& totals) = 0;
};

/// `verbose`: tests that pass are listed, too.
std::unique_ptr<TestReport> text_report(Out& out, bool verbose);
std::unique_ptr<TestReport> junit_report(Out& out);
std::unique_ptr<TestReport> ndjson_report(Out& out);

/// What differs in a failed test, line by line, without the test's name.
std::string show_failure(const TestResult& result, bool color);

}  // namespace weir::cli
