// golden_tests [--update]

#include <cstdio>
#include <string_view>

#include "golden.hpp"

int main(int argc, char** argv) {
  using namespace weir::golden;
  const bool update = argc == 2 && std::string_view(argv[1]) == "--update";
  if (argc > 1 && !update) {
    std::fprintf(stderr, "usage: %s [--update]\n", argv[0]);
    return 3;
  }
  Report report(update);
  const std::filesystem::path root = WEIR_GOLDEN_DIR;
  ast_cases(root / "ast", report);
  program_cases(root / "program", report);
  diagnostic_cases(root / "diagnostics", report);
  plan_cases(root / "plans", std::filesystem::path(WEIR_RULES_DIR), report);
  std::printf("%zu passed, %zu failed\n", report.passed(), report.failed());
  return report.failed() == 0 ? 0 : 1;
}
