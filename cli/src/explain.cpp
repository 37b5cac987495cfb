// weir explain: what a rule became, or what a code means.
#include <fmt/core.h>

#include <algorithm>
#include <cctype>

#include "commands.hpp"
#include "exit_codes.hpp"
#include "rules.hpp"
#include "svg.hpp"

namespace weir::cli {
namespace {

bool looks_like_code(const std::string& text) {
  return text.size() == 5 && std::string_view("EWew").find(text[0]) != std::string_view::npos &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int explain_code(const std::string& name, Io& io) {
  const auto code = lang::find_code(name);
  if (!code) {
    print_error(io, fmt::format("there is no code \"{}\"", name));
    std::vector<std::string> known;
    for (const lang::CodeInfo& info : lang::all_codes()) known.emplace_back(info.name);
    const std::string near = lang::nearest(name, known);
    if (!near.empty()) io.err.write(fmt::format("  = help: did you mean {}?\n", near));
    return kUsage;
  }
  const lang::CodeInfo& info = lang::info(*code);
  io.out.write(paint(io.out.color(), Style::kBold, fmt::format("{}: {}", info.name, info.title)));
  io.out.write("\n\n");
  std::string_view text = info.text;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with(' ')) {  // an example stays as it is
      io.out.write(line + "\n");
    } else {
      for (const std::string& part : wrap(line, kHelpColumns)) io.out.write(part + "\n");
    }
  }
  return kFine;
}

int write_to(const std::string& path, const std::string& text, Io& io) {
  if (path == "-") {
    io.out.write(text);
    return kFine;
  }
  std::string error;
  if (const auto file = Out::create(path, error)) {
    file->write(text);
    file->flush();
    error = file->failure();
  }
  if (error.empty()) return kFine;
  print_error(io, error);
  return kUsage;
}

}  // namespace

int explain(const ExplainOptions& options, Io& io) {
  if (looks_like_code(options.subject)) return explain_code(options.subject, io);
  if (options.rules.empty()) {
    print_error(io, fmt::format("say where rule \"{}\" stands: --rules PATH", options.subject));
    return kUsage;
  }
  const LoadedRules loaded = load_program(options.rules, options.schema, true, io);
  if (loaded.program == nullptr) return loaded.code;
  const auto rule = find_rule(*loaded.program, options.subject, io);
  if (!rule) return kUsage;
  if (!options.dot.empty()) {
    return write_to(options.dot, compiler::explain_dot(*loaded.program, *rule), io);
  }
  if (!options.svg.empty()) {
    return write_to(options.svg, draw_svg(graph_of(*loaded.program, *rule)), io);
  }
  return write_to("-", compiler::explain_text(*loaded.program, *rule), io);
}

}  // namespace weir::cli
