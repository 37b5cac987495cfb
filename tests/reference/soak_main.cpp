// reference_soak [--seed S] [--pairs N] [--one SEED] [--exhaustive]: the reference matcher alone
// over generated pairs, held to the invariants that need no second opinion.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "generate.hpp"
#include "parsed.hpp"

namespace weir::reference {
namespace {

struct Tally {
  std::size_t pairs = 0, unparsed = 0, gave_up = 0, matches = 0, with_matches = 0, broken = 0;
};

void run_pair(const ParsedRules& rules, const Sample& sample, const std::string& title, bool show,
              Tally& tally) {
  const MatchResult result = rules.run(sample.log, 2000);
  ++tally.pairs;
  if (result.gave_up) {
    ++tally.gave_up;
    return;
  }
  tally.matches += result.matches.size();
  tally.with_matches += result.matches.empty() ? 0 : 1;
  const std::string broken = broken_invariant(rules, sample.log, result);
  if (!broken.empty()) ++tally.broken;
  if (broken.empty() && !show) return;
  std::printf("%s: %s\n%s", title.c_str(), broken.empty() ? "fine" : broken.c_str(),
              conformance_case(sample, result.matches, title).c_str());
}

int run(std::uint64_t seed, std::size_t pairs, bool exhaustive, bool one) {
  Tally tally;
  if (exhaustive) {
    const std::vector<Log> logs = small_logs(4);
    for (const DraftRule& rule : small_rules()) {
      Sample sample{{rule}, {}};
      std::string error;
      const auto rules = ParsedRules::parse(rule_file(sample), &error);
      if (!rules) {
        ++tally.unparsed;
        std::printf("%s%s\n", rule_file(sample).c_str(), error.c_str());
        continue;
      }
      for (const Log& log : logs) {
        sample.log = log;
        run_pair(*rules, sample, "exhaustive", false, tally);
      }
    }
  } else {
    for (std::size_t i = 0; i < pairs; ++i) {
      const Sample sample = random_sample(seed + i);
      std::string error;
      const auto rules = ParsedRules::parse(rule_file(sample), &error);
      if (!rules) {
        ++tally.unparsed;
        if (one || tally.unparsed < 4)
          std::printf("%s%s\n", rule_file(sample).c_str(), error.c_str());
        continue;
      }
      run_pair(*rules, sample, "seed " + std::to_string(seed + i), one, tally);
    }
  }
  std::printf("%zu pairs, %zu with matches, %zu matches, %zu not parsed, %zu given up\n",
              tally.pairs, tally.with_matches, tally.matches, tally.unparsed, tally.gave_up);
  std::printf("%zu passed, %zu failed\n", tally.pairs - tally.broken, tally.broken);
  return tally.broken == 0 && tally.pairs > 0 ? 0 : 1;
}

}  // namespace
}  // namespace weir::reference

int main(int argc, char** argv) {
  std::uint64_t seed = 1;
  std::size_t pairs = 20000;
  bool exhaustive = false, one = false;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : "0";
    if (flag == "--exhaustive") exhaustive = true;
    if (flag == "--seed" || flag == "--one") seed = std::strtoull(value, nullptr, 10);
    if (flag == "--pairs") pairs = std::strtoull(value, nullptr, 10);
    if (flag == "--one") {
      one = true;
      pairs = 1;
    }
  }
  return weir::reference::run(seed, pairs, exhaustive, one);
}
