#include "rule_packs.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "rule_text.hpp"

namespace weir::bench {
namespace {

std::size_t indent_of(std::string_view line) {
  return line.find_first_not_of(' ');
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(std::move(line));
  return lines;
}

/// Leaves out the blocks under `tests:` and `formats:`, and comments.
std::string without_tests(const std::string& text) {
  std::string out;
  std::size_t skipped = std::string::npos;  // indentation of the block being left out
  for (const std::string& line : lines_of(text)) {
    const std::size_t indent = indent_of(line);
    if (indent == std::string::npos) {
      if (skipped == std::string::npos) out += "\n";
      continue;
    }
    if (skipped != std::string::npos && indent > skipped) continue;
    skipped = std::string::npos;
    if (line[indent] == '#') continue;
    const std::string_view words = std::string_view(line).substr(indent);
    if (words == "tests:" || words == "formats:") {
      skipped = indent;
      continue;
    }
    out += line + "\n";
  }
  return out;
}

bool in_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

}  // namespace

std::vector<std::string> pack_texts(std::string_view pack) {
  std::vector<std::string> paths;
  const std::filesystem::path root = std::filesystem::path(WEIR_SOURCE_DIR) / "rules" / pack;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path().string());
  }
  std::ranges::sort(paths);
  std::vector<std::string> texts;
  for (const std::string& path : paths) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    texts.push_back(without_tests(text.str()));
  }
  return texts;
}

Renaming::Renaming() : texts_(pack_texts()) {
  const nfa::ProgramPtr program = compile_texts(texts_);
  const FieldPlan& plan = program->plan;
  std::set<TypeId> made;  // by rules and windows, not by sources
  std::set<std::string> words;
  for (const nfa::Rule& rule : program->rules) {
    made.insert({rule.alert_type, rule.rule_type});
    words.insert(rule.id);
    ids_.push_back(rule.id);
  }
  for (const nfa::Derive& derive : program->derives) {
    made.insert(derive.type);
    words.insert(plan.type(derive.type).name);
  }
  rules_ = program->rules.size();
  for (TypeId id = 0; id < plan.type_count(); ++id) {
    if (id == kOtherType || made.contains(id)) continue;
    types_.push_back(plan.type(id).name);
    words.insert(plan.type(id).name);
    for (const FieldId field : plan.type(id).fields) {
      for (const std::string& segment : plan.field(field).segments) words.insert(segment);
    }
  }
  for (const char* const kept : {"ts", "type", "rule"}) words.erase(kept);
  std::ranges::sort(types_);
  std::ranges::sort(ids_);
  words_.assign(words.begin(), words.end());
}

bool Renaming::known(std::string_view word) const {
  return std::ranges::binary_search(words_, word);
}

std::string Renaming::name(std::string_view original, std::size_t copy) const {
  std::string out;
  std::string word;
  for (std::size_t i = 0; i <= original.size(); ++i) {
    if (i < original.size() && original[i] != '.') {
      word += original[i];
      continue;
    }
    out += word;
    // Ids of rules are in kebab-case, names are not.
    const char join = std::ranges::binary_search(ids_, word) ? '-' : '_';
    if (copy != 0 && known(word)) out += fmt::format("{}{}", join, copy);
    if (i < original.size()) out += '.';
    word.clear();
  }
  return out;
}

/// Words of an expression or a pattern, but not those in its strings (save for ids of rules) and
/// regular expressions; of a message those between braces; keys of YAML only where asked.
std::string Renaming::renamed_line(std::string_view line, bool keys_too, std::size_t copy) const {
  const std::string_view start = line.substr(std::min(indent_of(line), line.size()));
  const bool message = start.starts_with("message:");
  std::string out;
  std::string_view last;
  bool braces = false;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size();) {
    const char c = line[i];
    if (in_word(c)) {
      std::size_t end = i;
      while (end < line.size() && in_word(line[end])) ++end;
      const std::string_view word = line.substr(i, end - i);
      const bool key =
          end < line.size() && line[end] == ':' && (end + 1 == line.size() || line[end + 1] == ' ');
      const bool rule_id = out.ends_with("\"rule:");
      const bool shown = message ? braces : !quoted;
      const bool may = (shown || rule_id) && (!key || keys_too);
      out += may ? name(word, copy) : std::string(word);
      last = word;
      i = end;
      continue;
    }
    if (c == '/' && last == "matches") {
      std::size_t end = i + 1;
      while (end < line.size() && line[end] != '/') end += line[end] == '\\' ? 2 : 1;
      out += line.substr(i, end + 1 - i);
      i = end + 1;
      last = {};
      continue;
    }
    if (c == '"') quoted = !quoted;
    if (c == '{') braces = true;
    if (c == '}') braces = false;
    if (c != ' ') last = {};
    out += c;
    ++i;
  }
  return out;
}

std::string Renaming::renamed(std::string_view text, std::size_t copy) const {
  std::string out;
  std::size_t block = std::string::npos;  // indentation of a block whose keys are names
  for (const std::string& line : lines_of(std::string(text))) {
    const std::size_t indent = indent_of(line);
    if (block != std::string::npos && indent != std::string::npos && indent <= block) {
      block = std::string::npos;
    }
    out += renamed_line(line, block != std::string::npos, copy) + "\n";
    if (indent == std::string::npos) continue;
    const std::string_view words = std::string_view(line).substr(indent);
    if (words == "fields:" || words == "events:") block = indent;
  }
  return out;
}

std::vector<std::string> Renaming::copy(std::size_t number) const {
  std::vector<std::string> out;
  for (const std::string& text : texts_) out.push_back(renamed(text, number));
  return out;
}

}  // namespace weir::bench
