// weir schema: event types of a log; JSON Schemas of files.
#include <fmt/core.h>

#include "commands.hpp"
#include "config/config.hpp"
#include "exit_codes.hpp"
#include "log_input.hpp"
#include "rules.hpp"
#include "weir/connectors/schema_io.hpp"
#include "weir/pattern-lang/json_schema.hpp"

namespace weir::cli {

int schema_infer(const SchemaOptions& options, Io& io) {
  RuleSet rules;
  lang::Diagnostics diagnostics;
  if (!options.rules.empty() && !read_rules(options.rules, rules, diagnostics, io)) return kUsage;
  connectors::LogOptions log_options;
  std::string error;
  if (!resolve_log_options(options.log, rules, std::nullopt, log_options, error)) {
    print_error(io, error);
    return kUsage;
  }
  FieldPlan plan;
  plan.finish();
  connectors::SchemaInference inference;
  std::uint32_t source = 0;
  for (const std::string& path : options.log.logs) {
    const auto log = open_log(path, source++, log_options, rules, plan, error);
    if (log == nullptr) {
      print_error(io, error);
      return kUsage;
    }
    if (!inference.add(*log, connectors::kInferRecords, error)) print_warning(io, error);
  }
  if (inference.rejected() > 0) {
    print_warning(io, fmt::format("{} of {} were rejected", with_commas(inference.rejected()),
                                  counted(inference.records(), "record")));
  }
  io.out.write(connectors::write_schema(inference.schema()));
  return inference.records() > 0 && inference.rejected() == inference.records() ? kBadInput : kFine;
}

int schema_print(const SchemaOptions& options, Io& io) {
  if (options.what == "rules") io.out.write(lang::rules_json_schema());
  if (options.what == "tests") io.out.write(lang::tests_json_schema());
  if (options.what == "config") io.out.write(config_json_schema());
  if (options.what == "alert") io.out.write(lang::alert_json_schema());
  return kFine;
}

}  // namespace weir::cli
