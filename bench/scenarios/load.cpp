// load: text to Program, 1,000 and 10,000 rules. Shape: the shipped packs without their tests,
// copied with other types, fields, keys and ids (rule_packs.hpp) until there are so many rules.
#include <fmt/core.h>

#include "../measure.hpp"
#include "../rule_packs.hpp"
#include "../rule_text.hpp"
#include "../scenario.hpp"

namespace weir::bench {
namespace {

void run(const Context& context, Result& result, std::size_t rules, double to_reach) {
  const Renaming packs;
  const std::size_t copies =
      (context.scaled(rules, packs.rules()) + packs.rules() - 1) / packs.rules();
  std::vector<std::string> texts;
  std::size_t bytes = 0;
  for (std::size_t copy = 0; copy < copies; ++copy) {
    for (std::string& text : packs.copy(copy)) {
      bytes += text.size();
      texts.push_back(std::move(text));
    }
  }
  std::vector<Cost> costs;
  for (int run = 0; run < context.runs; ++run) {
    nfa::ProgramPtr program;
    costs.push_back(measure([&] { program = compile_texts(texts); }));
    result.check("rules", copies * packs.rules(), program->rules.size());
  }
  const Cost cost = median(costs);
  result.runs = context.runs;
  result.wall_seconds = cost.wall;
  result.cpu_seconds = cost.cpu;
  result.set("text to program", cost.wall, "s");
  result.at_most(to_reach);
  result.detail("rules", static_cast<double>(copies * packs.rules()), "");
  result.detail("text", static_cast<double>(bytes) / 1e6, "MB");
  result.detail("CPU", cost.cpu, "s");
}

}  // namespace

void add_load(Scenarios& to) {
  to.push_back({"load/1000", "compile 1,000 rules from text",
                [](const Context& c, Result& r) { run(c, r, 1000, 0.2); }});
  to.push_back({"load/10000", "compile 10,000 rules from text",
                [](const Context& c, Result& r) { run(c, r, 10'000, 2); }});
}

}  // namespace weir::bench
