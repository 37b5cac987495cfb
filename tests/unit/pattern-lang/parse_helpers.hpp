// What the tests of parser and printer share.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "weir/pattern-lang/parse.hpp"
#include "weir/pattern-lang/print.hpp"

namespace weir::lang::testing {

/// "E0101@4-7 E0102@9-9": codes and spans, sorted; empty where there was none.
inline std::string summary(const Diagnostics& diagnostics) {
  std::string out;
  for (const Diagnostic& d : diagnostics.sorted()) {
    if (!out.empty()) out += ' ';
    out += std::string(info(d.code).name) + '@' + std::to_string(d.place.span.begin) + '-' +
           std::to_string(d.place.span.end);
  }
  return out;
}

inline std::string errors_of_pattern(const std::string& text) {
  Diagnostics diagnostics;
  const auto pattern = parse_pattern(make_snippet("<pattern>", text), diagnostics);
  if (pattern.has_value() == diagnostics.has_errors()) return "result and diagnostics disagree";
  return summary(diagnostics);
}

inline std::string errors_of_expression(const std::string& text) {
  Diagnostics diagnostics;
  const ExprText expression = parse_expression(make_snippet("<expression>", text), diagnostics);
  if ((expression.root != nullptr) == diagnostics.has_errors()) {
    return "result and diagnostics disagree";
  }
  return summary(diagnostics);
}

inline std::optional<Pattern> pattern_of(const std::string& text) {
  Diagnostics diagnostics;
  return parse_pattern(make_snippet("<pattern>", text), diagnostics);
}

inline ExprPtr expression_of(const std::string& text) {
  Diagnostics diagnostics;
  return std::move(parse_expression(make_snippet("<expression>", text), diagnostics).root);
}

inline std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// The *.yaml below tests/conformance, sorted.
inline std::vector<std::filesystem::path> conformance_files() {
  std::vector<std::filesystem::path> out;
  const std::filesystem::path root = std::filesystem::path(WEIR_SOURCE_DIR) / "tests/conformance";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() == ".yaml") out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace weir::lang::testing
