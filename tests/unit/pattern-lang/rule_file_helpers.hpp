// Rule files in tests: read a text, look at what was said and where.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "weir/pattern-lang/rule_file.hpp"

namespace weir::lang::testing {

struct Reading {
  std::shared_ptr<const SourceFile> file;
  std::vector<RuleDocument> documents;
  std::vector<Diagnostic> found;  // sorted
};

inline Reading read(std::string text, std::string path = "rules/x.yaml") {
  auto file = std::make_shared<SourceFile>();
  file->path = std::move(path);
  file->text = std::move(text);
  Diagnostics diagnostics;
  Reading out;
  out.file = file;
  out.documents = read_rule_file(file, diagnostics);
  out.found = diagnostics.sorted();
  return out;
}

/// "3:7-10 E0202 message", columns from 1, the end one past the last; "3:7-4:2" over several lines.
inline std::string where(const Diagnostic& d) {
  const std::string& text = d.place.snippet->file->text;
  const LineColumn begin = line_column(text, d.place.snippet->file_position(d.place.span.begin));
  const LineColumn end = line_column(text, d.place.snippet->file_position(d.place.span.end));
  std::string out = std::to_string(begin.line) + ":" + std::to_string(begin.column) + "-";
  if (end.line != begin.line) out += std::to_string(end.line) + ":";
  return out + std::to_string(end.column) + " " + std::string(info(d.code).name);
}

inline std::string all_of(const std::vector<Diagnostic>& found) {
  std::string out;
  for (const Diagnostic& d : found) out += where(d) + " " + d.message + " | " + d.help + "\n";
  return out;
}

inline std::string slurp(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

/// Every YAML file below a folder of the source tree, in order of path.
inline std::vector<std::filesystem::path> yaml_files(const std::string& folder) {
  std::vector<std::filesystem::path> out;
  const auto root = std::filesystem::path(WEIR_SOURCE_DIR) / folder;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() == ".yaml") out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace weir::lang::testing
