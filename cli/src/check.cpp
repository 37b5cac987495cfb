// weir check: every error and warning of rule files and their tests, in one go.
#include <fmt/core.h>

#include "commands.hpp"
#include "exit_codes.hpp"
#include "rules.hpp"
#include "test_plan.hpp"

namespace weir::cli {

int check(const CheckOptions& options, Io& io) {
  lang::Diagnostics diagnostics;
  std::optional<Schema> schema;
  std::string error;
  if (!read_schema(options.schema, schema, error)) {
    print_error(io, error);
    return kUsage;
  }
  RuleSet rules;
  if (!read_rules(options.paths, rules, diagnostics, io)) return kUsage;
  check_documents(rules, schema ? &*schema : nullptr, diagnostics);

  print_diagnostics(diagnostics, true, io);
  if (diagnostics.has_errors()) return kInvalidRules;
  if (options.deny_warnings && diagnostics.warnings() > 0) {
    print_error(io, "warnings are denied (--deny-warnings)");
    return kInvalidRules;
  }
  if (options.quiet) return kFine;
  std::size_t count = 0;
  std::size_t tests = 0;
  for (const lang::RuleDocument& document : rules.documents) {
    count += document.rules.size();
    tests += document.tests.size();
  }
  io.err.write(fmt::format("{}: {} in {}, {}\n", paint(io.err.color(), Style::kBoldGreen, "ok"),
                           counted(count, "rule"), counted(rules.files, "file"),
                           counted(tests, "test")));
  return kFine;
}

}  // namespace weir::cli
