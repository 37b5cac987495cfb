// weir_differential: the engine held against the reference matcher.
//
//   --pairs N      random pairs of pattern and log that the engine accepts (default 20000)
//   --seed S       of the first of them (default 1); pair i has seed S + i
//   --one SEED     one pair, both outputs shown
//   --threads N    of the engines that share the keys (default 1: in turn)
//   --exhaustive   all small patterns over all short logs, of at most --length L events (default 3)
//   --every N      of the small patterns, every N-th alone
//   --show N       differences that are shrunk and shown (default 5)
//
// A difference is shrunk and printed as a conformance case that expects what the reference says.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "engine_under_test.hpp"
#include "generate.hpp"
#include "parsed.hpp"
#include "weir/runtime/engine.hpp"

namespace weir::reference {
namespace {

constexpr std::size_t kMostRuns = 2000;  // more, and the pair is left out
constexpr std::chrono::seconds kShrinkTime{20};

struct Options {
  std::uint64_t seed = 1;
  std::size_t pairs = 20'000;
  std::size_t length = 3;
  std::size_t every = 1;
  std::size_t show = 5;
  std::size_t threads = 1;
  bool exhaustive = false;
  bool one = false;
};

struct Tally {
  std::size_t passed = 0, failed = 0, shown = 0, refused = 0, left_out = 0, with_matches = 0;
  std::size_t compact = 0;               // with matches, by a compact plan
  std::size_t families = 0, chains = 0;  // with matches
};

// What one pair came to.
struct Verdict {
  bool ran = false;  // the engine accepts the rules, and the reference did not give up
  bool same = true;
  bool compact = false;
  bool families = false;
  bool chains = false;
  std::vector<RefMatch> expected;
  std::vector<RefMatch> got;
  std::string variant;
};

bool same_reports(const std::vector<RefMatch>& a, const std::vector<RefMatch>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_report);
}

// Keys are spread over one shard, and over several; the optimisations are on, and off.
constexpr std::size_t kNever = runtime::EngineOptions::kNever;
constexpr EngineVariant kRunByRun{.shards = 1,
                                  .compact = false,
                                  .running = false,
                                  .index_from = kNever,
                                  .few_runs = nfa::kNoRunIndex};
constexpr EngineVariant kVariants[] = {
    {.shards = 1, .few_runs = 3},
    {.shards = 3, .ahead = true, .index_from = 1, .few_runs = 0},
    {.shards = 1, .families = false},
    {.shards = 1, .compact = false, .index_from = 1, .few_runs = 0},
    kRunByRun,
};

// Also not on how many engines share them, and on how many events these are handed at a time.
struct Sharing {
  std::size_t workers;
  std::size_t batch;
};
constexpr Sharing kSharings[] = {{2, 1}, {5, 3}};

CompiledRulesPtr compile(const ParsedRules& rules, std::string* refusal = nullptr) {
  std::vector<const lang::RuleDocument*> documents;
  for (const lang::RuleDocument& document : rules.documents()) documents.push_back(&document);
  return compile_rules(documents, refusal);
}

/// `threads`: 0 leaves sharing engines out.
Verdict judge(const ParsedRules& rules, const CompiledRules& compiled, const Log& log,
              std::size_t threads) {
  Verdict v;
  v.chains = has_chains(compiled);
  if (v.chains) {
    // One form of the engine is held against the others.
    v.expected = run_engine(compiled, {}, log, kRunByRun).matches;
  } else {
    MatchResult expected = rules.run(log, kMostRuns);
    if (expected.gave_up) return v;
    v.expected = std::move(expected.matches);
  }
  v.ran = true;
  v.compact = has_compact_plan(compiled);
  v.families = has_families(compiled);
  for (const EngineVariant variant : kVariants) {
    // Without families it would be the same again.
    if (!variant.families && !v.families) continue;
    v.got = run_engine(compiled, {}, log, variant).matches;
    v.same = same_reports(v.expected, v.got);
    v.variant =
        std::to_string(variant.shards) + " shards" + (variant.compact ? "" : ", run by run") +
        (variant.families ? "" : ", each rule alone") +
        (variant.running ? "" : ", aggregates from lists") + (variant.ahead ? ", ahead" : "") +
        (variant.few_runs == nfa::kNoRunIndex ? ", runs not indexed" : "");
    if (!v.same) return v;
  }
  if (threads == 0) return v;
  for (const auto& [workers, batch] : kSharings) {
    v.got = run_parallel_engine(compiled, log, workers, threads, batch).matches;
    v.same = same_reports(v.expected, v.got);
    v.variant = std::to_string(workers) + " workers, " + std::to_string(batch) + " events a batch";
    if (!v.same) break;
  }
  return v;
}

Verdict judge(const Sample& sample, std::size_t threads) {
  const std::string text = rule_file(sample);
  const auto rules = ParsedRules::parse(text);
  if (!rules) return {};
  const CompiledRulesPtr compiled = compile(*rules);
  return compiled == nullptr ? Verdict{} : judge(*rules, *compiled, sample.log, threads);
}

// Takes parts away as long as the two still differ.
Sample shrink(Sample sample, std::size_t threads) {
  const auto until = std::chrono::steady_clock::now() + kShrinkTime;
  for (bool smaller_found = true; smaller_found && std::chrono::steady_clock::now() < until;) {
    smaller_found = false;
    for (Sample& candidate : smaller(sample)) {
      const Verdict v = judge(candidate, threads);
      if (!v.ran || v.same) continue;
      sample = std::move(candidate);
      smaller_found = true;
      break;
    }
  }
  return sample;
}

void print_matches(const char* title, const std::vector<RefMatch>& matches) {
  std::printf("# %s\n", title);
  for (const RefMatch& m : matches) std::printf("#   %s\n", to_string(m).c_str());
  if (matches.empty()) std::printf("#   nothing\n");
}

void show(const Sample& sample, const std::string& title, std::size_t threads) {
  const Verdict v = judge(sample, threads);
  std::printf("# ---- %s (engine: %s)\n", title.c_str(), v.variant.c_str());
  print_matches("the reference says", v.expected);
  print_matches("the engine says", v.got);
  std::printf("%s", conformance_case(sample, v.expected, title).c_str());
  std::fflush(stdout);
}

void count(const Verdict& v, const Sample& sample, const std::string& title, bool may_show,
           const Options& options, Tally& tally) {
  if (!v.ran) {
    ++tally.left_out;
    return;
  }
  if (!v.expected.empty()) {
    ++tally.with_matches;
    tally.compact += v.compact ? 1 : 0;
    tally.families += v.families ? 1 : 0;
    tally.chains += v.chains ? 1 : 0;
  }
  if (v.same) {
    ++tally.passed;
    return;
  }
  ++tally.failed;
  if (!may_show || tally.shown >= options.show) return;
  ++tally.shown;
  show(options.one ? sample : shrink(sample, options.threads), title, options.threads);
}

void run_random(const Options& options, Tally& tally) {
  // Some patterns are refused; their seeds are passed over.
  for (std::size_t i = 0; i < options.pairs * 20 && tally.passed + tally.failed < options.pairs;
       ++i) {
    const std::uint64_t seed = options.seed + i;
    const Sample sample = random_sample(seed);
    const std::string text = rule_file(sample);
    std::string refusal;
    const auto rules = ParsedRules::parse(text, &refusal);
    const CompiledRulesPtr compiled = rules ? compile(*rules, &refusal) : nullptr;
    if (compiled == nullptr) {
      ++tally.refused;
      if (options.one) std::printf("%s%s\n", text.c_str(), refusal.c_str());
    } else {
      count(judge(*rules, *compiled, sample.log, options.threads), sample,
            "seed " + std::to_string(seed), true, options, tally);
    }
    if (options.one) {
      if (compiled != nullptr && tally.failed == 0)
        show(sample, "seed " + std::to_string(seed), options.threads);
      return;
    }
  }
}

void run_exhaustive(const Options& options, Tally& tally) {
  const std::vector<Log> logs = small_logs(options.length);
  std::size_t turn = 0;
  for (const DraftRule& rule : small_rules()) {
    if (turn++ % options.every != 0) continue;
    Sample sample{{rule}, {}};
    const std::string text = rule_file(sample);
    const auto rules = ParsedRules::parse(text);
    const CompiledRulesPtr compiled = rules ? compile(*rules) : nullptr;
    if (compiled == nullptr) {
      ++tally.refused;
      continue;
    }
    bool shown = false;  // one difference a pattern
    for (const Log& log : logs) {
      sample.log = log;
      const std::size_t failed = tally.failed;
      count(judge(*rules, *compiled, log, 0), sample, to_text(rule), !shown, options, tally);
      shown = shown || tally.failed > failed;
    }
  }
}

int run(const Options& options) {
  Tally tally;
  if (options.exhaustive) {
    run_exhaustive(options, tally);
  } else {
    run_random(options, tally);
  }
  std::printf(
      "seed %llu: %zu pairs with matches, %zu of them by a compact plan, %zu with families, %zu "
      "with chains, %zu patterns refused, %zu pairs left out\n",
      static_cast<unsigned long long>(options.seed), tally.with_matches, tally.compact,
      tally.families, tally.chains, tally.refused, tally.left_out);
  std::printf("%zu passed, %zu failed\n", tally.passed, tally.failed);
  return tally.failed == 0 && (tally.passed > 0 || options.one) ? 0 : 1;
}

std::optional<Options> read_arguments(int argc, char** argv) {
  Options o;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--exhaustive") {
      o.exhaustive = true;
      continue;
    }
    if (i + 1 >= argc) return std::nullopt;
    const std::uint64_t n = std::strtoull(argv[++i], nullptr, 10);
    if (flag == "--seed" || flag == "--one") {
      o.seed = n;
      o.one = flag == "--one";
    } else if (flag == "--pairs") {
      o.pairs = n;
    } else if (flag == "--threads") {
      o.threads = n;
    } else if (flag == "--length") {
      o.length = n;
    } else if (flag == "--every") {
      o.every = std::max<std::size_t>(n, 1);
    } else if (flag == "--show") {
      o.show = n;
    } else {
      return std::nullopt;
    }
  }
  return o;
}

}  // namespace
}  // namespace weir::reference

int main(int argc, char** argv) {
  const auto options = weir::reference::read_arguments(argc, argv);
  if (!options) {
    std::fprintf(stderr,
                 "usage: weir_differential [--seed S] [--pairs N] [--one SEED] [--show N]\n"
                 "           [--threads N]\n"
                 "       weir_differential --exhaustive [--length L] [--every N] [--show N]\n");
    return 3;
  }
  return weir::reference::run(*options);
}
