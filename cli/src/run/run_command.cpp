// weir run CONFIG.
#include <fmt/core.h>

#include "commands.hpp"
#include "config/config.hpp"
#include "exit_codes.hpp"
#include "logging.hpp"
#include "paths.hpp"
#include "pattern_cache.hpp"
#include "run/live_run.hpp"

namespace weir::cli {

int run_live(const RunOptions& options, Io& io) {
  set_up_run_logging(options.verbose,
                     options.log_format == "json" ? LogForm::kJson : LogForm::kText, io);
  lang::SourceFile file;
  file.path = options.config;
  std::string error;
  if (!read_file(file.path, lang::kMaxRuleFileBytes, file.text, error)) {
    print_error(io, error);
    return kUsage;
  }
  lang::Diagnostics diagnostics;
  RunConfig config = read_config(file, diagnostics);
  if (diagnostics.has_errors()) {
    print_diagnostics(diagnostics, true, io);
    return kInvalidRules;
  }
  const LoadedRules rules = load_program(config.rules, {}, false, io);
  if (rules.program == nullptr) return rules.code;
  resolve_formats(config, rules.rules, diagnostics);
  check_streams(config, *rules.program, diagnostics);
  if (diagnostics.has_errors()) {
    print_diagnostics(diagnostics, true, io);
    return kInvalidRules;
  }
  print_diagnostics(diagnostics, true, io);
  build_patterns(*rules.program, default_cache_folder());
  return LiveRun(config, rules, io).run();
}

}  // namespace weir::cli
